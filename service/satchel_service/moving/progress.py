"""What a move reports while it runs."""

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple, TypeAlias


class Stage(Enum):
    """The stages of a move, in order, those of its undoing, and that of its end."""

    RESERVE = "reserving the new storage"
    COPY = "copying while the cloud still runs"
    CLOSE = "closing the old log"
    COPY_REST = "copying what has changed since"
    VERIFY = "verifying every object"
    OPEN = "opening the new log"
    CANCEL = "cancelling the reservation"
    REOPEN = "continuing the old log"
    KEEP = "keeping the old log open"
    ERASE = "erasing the objects in the old storage"


class Progress(NamedTuple):
    """How far a stage is. Stages that copy or verify count objects and bytes; the others have one report with zeros."""

    stage: Stage
    objects: int = 0
    all_objects: int = 0
    done_bytes: int = 0
    all_bytes: int = 0


Report: TypeAlias = Callable[[Progress], None]


def ignore(_: Progress) -> None:
    """Report to nobody."""
