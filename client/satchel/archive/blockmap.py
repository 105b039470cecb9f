"""The block map: the position of every block of a database, as runs of blocks of one archive each.

A map of runs stays small where a list of names grows with the store. After 1% of the rows are edited and 1% added,
it has a few thousand runs, while a list has a name for each of 140,000 blocks (docs/adr/0001).
"""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from satchel.archive.limits import MAX_BLOCKS, MAX_RUNS
from satchel.errors import IntegrityError

RUN_BYTES: Final = 16
_FIELDS: Final = 4
_U32: Final = "I"


class Run(NamedTuple):
    """Blocks of the database from `start`, stored in archive `source` from its own block `first`.

    Source 0 is the archive that holds the map; source n is the n-th archive that its manifest borrows from. An
    archive's own blocks are numbered in database order.
    """

    start: int
    blocks: int
    source: int
    first: int


class BlockMap:
    """Runs in database order, without gaps. A full archive has one run."""

    __slots__ = ("_records",)

    def __init__(self, records: "array[int] | None" = None) -> None:
        self._records = array(_U32) if records is None else records

    def __len__(self) -> int:
        return len(self._records) // _FIELDS

    def __iter__(self) -> Iterator[Run]:
        fields = iter(self._records)
        return map(Run, fields, fields, fields, fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BlockMap) and self._records == other._records

    __hash__ = None  # type: ignore[assignment]  # it grows

    @property
    def blocks(self) -> int:
        """The number of blocks that the map covers."""
        return self._records[-4] + self._records[-3] if self._records else 0

    def locate(self, block: int) -> Run:
        """Return the run that covers a block, within `blocks`."""
        number = bisect_right(range(len(self)), block, key=lambda each: self._records[_FIELDS * each]) - 1
        return Run(*self._records[_FIELDS * number : _FIELDS * (number + 1)])

    def append(self, run: Run) -> None:
        """Append a run; it extends the last one if it continues it."""
        if self._records:
            start, blocks, source, first = self._records[-_FIELDS:]
            if source == run.source and first + blocks == run.first and start + blocks == run.start:
                self._records[-3] = blocks + run.blocks
                return
        self._records.extend(run)

    def to_bytes(self) -> bytes:
        """Return the records: four little-endian 32-bit integers for each run."""
        return _little_endian(self._records).tobytes()

    @classmethod
    def from_bytes(cls, raw: bytes) -> "BlockMap":
        """Parse records. `check` verifies that they are consistent."""
        if len(raw) % RUN_BYTES or len(raw) > RUN_BYTES * MAX_RUNS:
            raise _malformed("has the wrong length")
        records = array(_U32)
        records.frombytes(raw)
        return cls(_little_endian(records))

    def check(self, blocks: int, own_blocks: Sequence[int]) -> None:
        """Raise IntegrityError unless the map covers `blocks` blocks once each, within its sources.

        `own_blocks[source]` is the number of own blocks of a source. Within a source, blocks are in
        database order, so none is used twice and the database cannot be larger than its archives.
        """
        free_from = [0] * len(own_blocks)
        at = 0
        for run in self:
            if run.start != at or not run.blocks:
                raise _malformed("has a gap or an overlap")
            if run.source >= len(own_blocks):
                raise _malformed("names an archive that the manifest does not")
            if run.first < free_from[run.source] or run.first + run.blocks > own_blocks[run.source]:
                raise _malformed("uses blocks twice, or more than an archive holds")
            free_from[run.source] = run.first + run.blocks
            at += run.blocks
        if at != blocks or blocks > MAX_BLOCKS:
            raise _malformed("does not cover the database")


def _little_endian(records: "array[int]") -> "array[int]":
    if sys.byteorder == "little":
        return records
    swapped = array(_U32, records)
    swapped.byteswap()
    return swapped


def _malformed(what: str) -> IntegrityError:
    return IntegrityError(
        f"the block map of the archive {what}", hint="restore from another backup: satchel backups"
    )
