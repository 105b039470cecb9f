"""Reading a source like the import command, into drafts, histories, skipped items and problems."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from satchel.age import Identity
from satchel.errors import SatchelError
from satchel.exchange.detection import kind_of, read
from satchel.exchange.items import History, Item, Problem, Skipped
from satchel.store import Draft


@dataclass
class Found:
    """The items of a source by type."""

    kind: str
    drafts: list[Draft] = field(default_factory=list)
    histories: list[History] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def titles(self) -> list[str]:
        return [draft.title for draft in self.drafts]


def sort_items(kind: str, items: Iterator[Item]) -> Found:
    found = Found(kind)
    for item in items:
        if isinstance(item, Draft):
            found.drafts.append(item)
        elif isinstance(item, History):
            found.histories.append(item)
        elif isinstance(item, Skipped):
            found.skipped.append(item)
        else:
            found.problems.append(item)
    return found


def no_keys() -> list[Identity]:
    raise AssertionError("the importer asked for the owner's keys")


def is_one_line(error: SatchelError) -> bool:
    return "\n" not in error.message and len(error.message) < 300


@pytest.fixture
def read_source() -> Callable[..., Found]:
    """Read a path in a given format, or in the detected format."""

    def read_it(path: Path, kind: str | None = None) -> Found:
        chosen = kind or kind_of(path)
        return sort_items(chosen, read(path, chosen, no_keys))

    return read_it
