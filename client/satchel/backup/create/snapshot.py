"""Reading the database as it is at one moment, in place, while others go on using it (docs/adr/0002).

The write-ahead log is emptied into the database, then a read transaction is begun. If the log is still
empty after that, the transaction stands on the database file alone, and SQLite lets nobody write into that
file while it lasts: commits go to the log, checkpoints wait. So the file can be read like any other, and
nothing is copied. Where the log cannot be emptied (another process holds a long transaction), SQLite's
backup API makes a copy instead; both keep every page in its place.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from satchel.archive.limits import BLOCK_BYTES, MAX_BLOCKS
from satchel.errors import SatchelError
from satchel.local_files import remove, translate_os_errors
from satchel.store.creation import STORE_FILE, open_database
from satchel.store.database import translated

BUSY_TIMEOUT_MS: Final = 500
"""How long to wait for the log to be emptied, before copying."""

COPY_PAGES: Final = 4096
"""Pages copied at a time (16 MiB), so that a copy can be interrupted."""

_READ_FLAGS: Final = apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READONLY


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What the store says of itself at that moment."""

    store_id: str
    schema: int
    pieces: int


class Snapshot:
    """A database that does not change while it is read."""

    def __init__(self, path: Path, facts: StoreFacts, blocks: int) -> None:
        self.facts = facts
        self.blocks = blocks
        self.size_bytes = blocks * BLOCK_BYTES
        self._path = path
        self._file = apsw.VFSFile("", str(path), [_READ_FLAGS, 0])
        self._stamp = self._read_stamp()

    def read_at(self, offset: int, length: int) -> bytes:
        """Read exactly so many bytes. From one thread at a time."""
        data = self._file.xRead(length, offset)
        if len(data) != length:
            raise self._changed()
        return data

    def check_unchanged(self) -> None:
        """Raise SatchelError if something other than SQLite wrote into the file since it was opened."""
        if self._read_stamp() != self._stamp:
            raise self._changed()

    def close(self) -> None:
        """Close the file through SQLite, which keeps the locks of others in this process."""
        self._file.xClose()

    def _read_stamp(self) -> tuple[int, int, int]:
        with translate_os_errors(self._path):
            status = self._path.stat()
        return status.st_ino, status.st_size, status.st_mtime_ns

    def _changed(self) -> SatchelError:
        return SatchelError(
            f"{str(self._path)!r} was changed by another program while it was read", hint="try again"
        )


@contextmanager
def open_snapshot(home: Path, scratch: Path) -> Iterator[Snapshot]:
    """Open a snapshot of a home's store; `scratch` is a file that may be made for a copy and is removed.

    No store: NotFoundError. Damaged or not a store: IntegrityError.
    """
    store = home / STORE_FILE
    connection = open_database(home, read_only=False)
    try:
        with translated(store), _held_still(connection, store, scratch) as snapshot:
            yield snapshot
    finally:
        connection.close()


@contextmanager
def _held_still(connection: apsw.Connection, store: Path, scratch: Path) -> Iterator[Snapshot]:
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    with suppress(apsw.ReadOnlyError):  # a medium that cannot be written holds still by itself
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.execute("BEGIN")
    try:
        blocks = _count_blocks(connection)
        facts = _facts(connection)
        path = store
        if _log_bytes(store):
            _copy(connection, scratch)
            path = scratch
        with _opened(path, facts, blocks) as snapshot:
            yield snapshot
    finally:
        connection.execute("ROLLBACK")
        remove(scratch)


@contextmanager
def _opened(path: Path, facts: StoreFacts, blocks: int) -> Iterator[Snapshot]:
    snapshot = Snapshot(path, facts, blocks)
    try:
        yield snapshot
        snapshot.check_unchanged()
    finally:
        snapshot.close()


def _log_bytes(store: Path) -> int:
    log = store.with_name(store.name + "-wal")
    with translate_os_errors(log):
        try:
            return log.stat().st_size
        except FileNotFoundError:
            return 0


def _copy(connection: apsw.Connection, scratch: Path) -> None:
    scratch.touch(mode=0o600)
    target = apsw.Connection(str(scratch))
    try:
        target.execute("PRAGMA synchronous=OFF")  # a copy that a power cut loses is made again
        with target.backup("main", connection, "main") as copying:
            while not copying.done:
                copying.step(COPY_PAGES)
    finally:
        target.close()


def _count_blocks(connection: apsw.Connection) -> int:
    """Count the pages, which also makes the transaction a snapshot."""
    page_bytes, pages = connection.pragma("page_size"), connection.pragma("page_count")
    if page_bytes != BLOCK_BYTES or pages > MAX_BLOCKS:
        raise SatchelError(
            f"the store has {pages:,} pages of {page_bytes} bytes; a backup can have {MAX_BLOCKS:,} of {BLOCK_BYTES}"
        )
    return int(pages)


def _facts(connection: apsw.Connection) -> StoreFacts:
    return StoreFacts(
        store_id=str(connection.execute("SELECT value FROM meta WHERE key = 'store_id'").get),
        schema=int(connection.pragma("user_version")),
        pieces=int(str(connection.execute("SELECT count(*) FROM pieces").get)),
    )
