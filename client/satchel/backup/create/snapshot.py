"""A snapshot of the store or the memory, read in place while other processes go on using it (docs/adr/0002).

The write-ahead log is checkpointed into the database and a read transaction begun. If the log is still empty
then, the transaction stands on the database file alone, and SQLite lets nobody write into that file while it
lasts: commits go to the log and checkpoints wait. So the file can be read directly, without a copy. If the log
cannot be emptied because another process holds a long transaction, SQLite's backup API makes a copy. Either way
every page keeps its place.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Generic, TypeVar

import apsw
import msgspec

from satchel.archive.limits import BLOCK_BYTES, MAX_BLOCKS
from satchel.errors import SatchelError
from satchel.local_files import DurableFile, open_own, remove, translate_os_errors
from satchel.memory import MEMORY_FILE, MemoryStore
from satchel.store.database import open_file, translated
from satchel.store.store_file import STORE_FILE, open_database

BUSY_TIMEOUT_MS: Final = 500
"""How long to wait for the log to be emptied before copying."""

COPY_PAGES: Final = 4096
"""Pages copied at a time (16 MiB), so that a copy can be interrupted."""

_unclosed: list[int] = []
"""Descriptors that cannot be closed yet; see `close_database_file`."""


class StoreFacts(msgspec.Struct, frozen=True):
    """What the store's tables say of it in the snapshot."""

    store_id: str
    schema: int
    pieces: int


class MemoryCounts(msgspec.Struct, frozen=True):
    """What the memory's tables say of it in the snapshot."""

    schema: int
    events: int


Facts = TypeVar("Facts", StoreFacts, MemoryCounts)


class Snapshot(Generic[Facts]):
    """A database file that does not change while it is read. Reads are thread-safe."""

    def __init__(self, path: Path, facts: Facts, blocks: int) -> None:
        self.facts: Facts = facts
        self.blocks = blocks
        self.size_bytes = blocks * BLOCK_BYTES
        self._path = path
        self._stamp = self._read_stamp()
        self._fd = open_own(path, os.O_RDONLY)

    def read_at(self, offset: int, length: int) -> bytes:
        """Read exactly `length` bytes."""
        with translate_os_errors(self._path):
            data = os.pread(self._fd, length, offset)
        if len(data) != length:
            raise self._changed()
        return data

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill a buffer."""
        with translate_os_errors(self._path):
            length = os.preadv(self._fd, [buffer], offset)
        if length != len(buffer):
            raise self._changed()

    def check_unchanged(self) -> None:
        """Raise SatchelError if a program other than SQLite has written to the file since it was opened."""
        if self._read_stamp() != self._stamp:
            raise self._changed()

    def close(self) -> None:
        """Close the file. The caller has closed its own connection to the database before."""
        close_database_file(self._fd)

    def _read_stamp(self) -> tuple[int, int, int]:
        with translate_os_errors(self._path):
            status = self._path.stat()
        return status.st_ino, status.st_size, status.st_mtime_ns

    def _changed(self) -> SatchelError:
        return SatchelError(
            f"{str(self._path)!r} was changed by another program while it was read", hint="try again"
        )


@contextmanager
def open_snapshot(home: Path, scratch: Path) -> Iterator[Snapshot[StoreFacts]]:
    """Open a snapshot of a home's store. A copy, if one is needed, is made in the file `scratch` and removed.

    No store: NotFoundError. Damaged or not a store: IntegrityError.
    """
    connection = open_database(home, read_only=False)
    with _snapshot_of(home / STORE_FILE, connection, _read_facts, scratch) as snapshot:
        yield snapshot


@contextmanager
def open_memory_snapshot(home: Path, scratch: Path) -> Iterator[Snapshot[MemoryCounts]]:
    """Open a snapshot of a home's memory, as `open_snapshot` does. No memory: NotFoundError."""
    connection = MemoryStore.open(home).connection
    with _snapshot_of(home / MEMORY_FILE, connection, _count_events, scratch) as snapshot:
        yield snapshot


@contextmanager
def _snapshot_of(
    source: Path, connection: apsw.Connection, read: Callable[[apsw.Connection], Facts], scratch: Path
) -> Iterator[Snapshot[Facts]]:
    """Open a snapshot of a database, and close its connection."""
    opened: list[Snapshot[Facts]] = []
    try:
        with translated(source), _read_transaction(connection):
            blocks = _count_blocks(source, connection)
            facts = read(connection)
            path = source
            if _log_bytes(source):
                path = scratch
                _copy(connection, scratch)
            opened.append(Snapshot(path, facts, blocks))
            yield opened[0]
            opened[0].check_unchanged()
    finally:
        connection.close()
        for snapshot in opened:
            snapshot.close()
        remove(scratch)


@contextmanager
def _read_transaction(connection: apsw.Connection) -> Iterator[None]:
    """Empty the log if possible, then hold a read transaction."""
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    with suppress(apsw.ReadOnlyError):  # nothing changes on a read-only medium
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _log_bytes(store: Path) -> int:
    log = store.with_name(store.name + "-wal")
    with translate_os_errors(log):
        try:
            return log.stat().st_size
        except FileNotFoundError:
            return 0


def _copy(connection: apsw.Connection, scratch: Path) -> None:
    DurableFile(scratch).close()
    target = open_file(scratch, apsw.SQLITE_OPEN_READWRITE)
    try:
        target.execute("PRAGMA synchronous=OFF")  # a copy that a power cut loses is made again
        with target.backup("main", connection, "main") as copying:
            while not copying.done:
                copying.step(COPY_PAGES)
    finally:
        target.close()


def _count_blocks(source: Path, connection: apsw.Connection) -> int:
    """Count the pages; the first read of the transaction, which makes it a snapshot."""
    page_bytes, pages = connection.pragma("page_size"), connection.pragma("page_count")
    if page_bytes != BLOCK_BYTES or pages > MAX_BLOCKS:
        raise SatchelError(
            f"{str(source)!r} has {pages:,} pages of {page_bytes} bytes; a backup can have {MAX_BLOCKS:,} of {BLOCK_BYTES}"
        )
    return int(pages)


def _read_facts(connection: apsw.Connection) -> StoreFacts:
    return StoreFacts(
        store_id=str(connection.execute("SELECT value FROM meta WHERE key = 'store_id'").get),
        schema=int(connection.pragma("user_version")),
        pieces=int(str(connection.execute("SELECT count(*) FROM pieces").get)),
    )


def _count_events(connection: apsw.Connection) -> MemoryCounts:
    return MemoryCounts(
        schema=int(connection.pragma("user_version")),
        events=int(str(connection.execute("SELECT count(*) FROM events").get)),
    )


def close_database_file(fd: int) -> None:
    """Close a descriptor of a database file, now or later.

    Closing any descriptor of a file drops every POSIX lock that the process holds on it. While a connection of
    this process has the file open, its descriptor is kept, and closed after a later snapshot.
    """
    _unclosed.append(fd)
    for each in [each for each in _unclosed if not _is_connected(each)]:
        _unclosed.remove(each)
        os.close(each)


def _is_connected(fd: int) -> bool:
    """Return whether this process has a connection to a descriptor's file."""
    for connection in apsw.connections():
        with suppress(apsw.ConnectionClosedError, OSError):
            try:
                path = Path(connection.filename)
            except (UnicodeDecodeError, apsw.ThreadingViolationError):
                return True  # apsw cannot return the name, or another thread is using it; assume the worst
            if os.path.samestat(os.fstat(fd), path.stat()):
                return True
    return False
