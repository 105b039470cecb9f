"""What an import yields: a Piece to be, something left out on purpose, or something that cannot be read.

An importer is a function from a path to an iterator of items. It never writes, never follows a path that
the source names, and turns whatever is wrong with one item into a `Problem`; it raises only where the
source as a whole cannot be read (UsageError, NotFoundError).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from satchel.store.model import Changes, Draft


@dataclass(frozen=True, slots=True)
class Ignored:
    """Left out on purpose; `why` is one of few words, so that it can be counted: `not text or image`."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Could not be read; the rest can. `where` names the item, `reason` is one clause without its content."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a Piece that was made at a time in the past."""

    at: dt.datetime
    changes: Changes


@dataclass(frozen=True, slots=True)
class Past:
    """A Piece with its history: as it was first saved, then every edit, in order.

    `digest` is of what it contains now (`satchel.store.digests`). The edits are read from the source while they
    are taken.
    """

    first: Draft
    edits: Iterator[Edit]
    digest: bytes


Item = Draft | Past | Ignored | Problem
