"""`satchel verify --sample`: fetch random Pieces of a backup, decrypt them, and compare them with the store.

Pieces are drawn uniformly, without reading the whole backup: a change number is drawn, and counts if it is that of a
Piece's current revision, of which each Piece has exactly one. No page is taken from the local store.
"""

import hashlib
import math
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Final, NamedTuple

import apsw
import msgspec

from satchel.archive.manifest import Manifest
from satchel.backup import Context
from satchel.backup.comparing import open_live
from satchel.backup.local.places import locked_home
from satchel.backup.local.record import Proof, record_proof
from satchel.backup.reading.reader import OpenBackup, reading
from satchel.backup.restore.restore import Selection
from satchel.errors import IntegrityError, NotFoundError
from satchel.store.database import Row, rows
from satchel.store.rows import HEAD

Draw = Callable[[int], int]
"""`draw(n)` returns a random number from 0 to n - 1."""

MAX_DRAWS: Final = 30
"""Draws for each Piece of a sample. Where most change numbers are not a Piece's last, all Pieces are listed instead."""

_LAST: Final = "SELECT max(seq) FROM revisions"
_IF_CURRENT: Final = " ".join(
    (
        "SELECT p.id FROM revisions AS d JOIN pieces AS p ON p.id = d.piece",
        f"JOIN revisions AS r ON r.seq = {HEAD} WHERE d.seq = ?1 AND r.seq = ?1",
    )
)
_ALL_KEYS: Final = "SELECT id FROM pieces"
_CURRENT: Final = " ".join(
    (
        "SELECT p.ulid, r.at, r.title, r.size_bytes, r.seq, c.data, c.sha256 FROM pieces AS p",
        f"JOIN revisions AS r ON r.seq = {HEAD} JOIN contents AS c ON c.id = r.content WHERE p.id = ?",
    )
)
_FILES: Final = (
    "SELECT f.name, c.sha256, c.data FROM files AS f JOIN contents AS c ON c.id = f.content"
    " WHERE f.revision = ? ORDER BY f.position"
)
_NAMES: Final = (
    "SELECT f.name, c.sha256 FROM files AS f JOIN contents AS c ON c.id = f.content"
    " WHERE f.revision = ? ORDER BY f.position"
)
_LIVE_REVISIONS: Final = (
    "SELECT r.at, r.title, r.size_bytes, r.seq, c.sha256 FROM pieces AS p JOIN revisions AS r"
    " ON r.seq = p.first OR (r.piece = p.id AND r.number > 1) JOIN contents AS c ON c.id = r.content"
    " WHERE p.ulid = ?"
)


class Sample(msgspec.Struct, frozen=True):
    """How much of a backup to check: a share of its Pieces, or a number of them."""

    share: float | None = None
    count: int = 0

    def of(self, pieces: int) -> int:
        """Return how many of this many Pieces to check: at least one, if there is any."""
        wanted = self.count if self.share is None else math.ceil(pieces * self.share)
        return min(max(wanted, 1), pieces)


class SampleResult(msgspec.Struct, frozen=True):
    """What a sample has shown."""

    manifest: Manifest
    checked: int
    same: int
    """Pieces that the store holds too, as they are in the backup."""
    changed: int
    """Pieces of which the store no longer holds that revision."""
    removed: int
    """Pieces that the store does not hold."""
    fetched_bytes: int
    seconds: float


class _Fetched(NamedTuple):
    """A Piece that was read from a backup; every content matches its digest."""

    id: str
    revision: tuple[object, ...]
    digests: tuple[object, ...]


def verify_sample(context: Context, selection: Selection, sample: Sample, draw: Draw) -> SampleResult:
    """Check random Pieces of a backup and record the proof. IntegrityError if one is damaged or differs."""
    started = time.monotonic()
    with ExitStack() as held:
        session = held.enter_context(reading(context))
        backup = held.enter_context(session.open(selection, use_local=False))
        live = _live(context, held)
        counts = {"same": 0, "changed": 0, "removed": 0}
        wanted = sample.of(backup.manifest.pieces)
        with context.progress.phase("checking", wanted, unit="pieces") as advance:
            for key in _drawn(backup, wanted, draw):
                counts[_compare(_fetch(backup, key), live)] += 1
                advance(1)
        manifest, fetched = backup.manifest, session.fetched_bytes
    checked = sum(counts.values())
    with locked_home(context.home):
        record_proof(context.home, _proof(context, manifest, selection, checked))
    return SampleResult(
        manifest, checked, **counts, fetched_bytes=fetched, seconds=time.monotonic() - started
    )


def _live(context: Context, held: ExitStack) -> apsw.Connection | None:
    try:
        return held.enter_context(open_live(context.home))
    except NotFoundError:
        return None


def _drawn(backup: OpenBackup, wanted: int, draw: Draw) -> Iterator[int]:
    """Yield the keys of different Pieces, drawn uniformly."""
    last = backup.first_row(_LAST)
    bound = int(last[0] or 0) if last else 0
    found: set[int] = set()
    for _ in range(wanted * MAX_DRAWS if bound else 0):
        if len(found) == wanted:
            return
        row = backup.first_row(_IF_CURRENT, draw(bound) + 1)
        if row is not None and row[0] not in found:
            found.add(row[0])
            yield row[0]
    rest = [key for (key,) in backup.rows(_ALL_KEYS) if key not in found] if len(found) < wanted else []
    for _ in range(min(wanted - len(found), len(rest))):
        place = draw(len(rest))
        rest[place], rest[-1] = rest[-1], rest[place]
        yield rest.pop()


def _fetch(backup: OpenBackup, key: int) -> _Fetched:
    row = backup.first_row(_CURRENT, key)
    if row is None:
        raise _damaged("has no current revision")
    piece_id, at, title, size_bytes, seq, data, sha256 = row
    _check(piece_id, data, sha256)
    if len(data) != size_bytes:
        raise _damaged(f"{piece_id} differs from its stated size")
    digests: list[object] = [sha256]
    for name, file_sha256, content in backup.rows(_FILES, seq):
        _check(piece_id, content, file_sha256)
        digests += [name, file_sha256]
    return _Fetched(piece_id, (at, title, size_bytes), tuple(digests))


def _check(piece_id: str, data: bytes, sha256: bytes) -> None:
    if hashlib.sha256(data).digest() != sha256:
        raise _damaged(f"{piece_id} has a content that does not match its SHA-256 digest")


def _compare(fetched: _Fetched, live: apsw.Connection | None) -> str:
    found = rows(live, _LIVE_REVISIONS, fetched.id) if live is not None else []
    if not found:
        return "removed"
    same = [row for row in found if row[:3] == fetched.revision]
    if not same:
        return "changed"
    if live is None or not any(_digests(live, row) == fetched.digests for row in same):
        raise IntegrityError(
            f"Piece {fetched.id} in the backup differs from the same revision in the store",
            hint="check the store with satchel doctor, then make a new backup: satchel backup --full",
        )
    return "same"


def _digests(live: apsw.Connection, row: Row) -> tuple[object, ...]:
    digests: list[object] = [row[4]]
    for name, sha256 in rows(live, _NAMES, row[3]):
        digests += [name, sha256]
    return tuple(digests)


def _proof(context: Context, manifest: Manifest, selection: Selection, checked: int) -> Proof:
    return Proof(
        place=selection.series.key,
        archive=manifest.archive,
        store=manifest.store,
        created=manifest.created,
        proven=context.clock(),
        checked=checked,
        pieces=manifest.pieces,
        is_whole=False,
    )


def _damaged(what: str) -> IntegrityError:
    return IntegrityError(
        f"a Piece in the backup is damaged: {what}", hint="make a new backup: satchel backup --full"
    )
