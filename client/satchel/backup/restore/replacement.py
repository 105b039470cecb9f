"""Replacing the store or the memory with a restored database; a kill at any point leaves the old store or the new one.

1. Lock the old store: no other process has it open, and its write-ahead log is in the file.
2. Link it to a second name beside it, which stays.
3. Remove the files that belong to the old store alone: index and logs.
4. Rename the new store over the old one.

Each step is durable before the next one begins.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import apsw

from satchel.backup.local.merged import forget_merged
from satchel.backup.local.places import Places
from satchel.backup.local.previous_stores import free_name, memory_beside
from satchel.errors import SatchelError
from satchel.local_files import DurableFile, link, remove, replace, sync_directory
from satchel.store.database import open_file

BUSY_TIMEOUT_MS: Final = 2_000
"""How long to wait for another command to finish with the store."""

_COPY_BYTES: Final = 2**20
_RETRY_S: Final = 0.02
_SIDECARS: Final = ("-wal", "-shm", "-journal")


def replace_store(places: Places, restored: Path, now: datetime) -> Path | None:
    """Make a synced database the store; return where the old store is kept, or None if there was none.

    SatchelError, and nothing is changed, if another program has the store open.
    """
    forget_merged(places.home)
    return _replace(places.store, restored, free_name(places.store, now), places.index)


def replace_memory(places: Places, restored: Path, now: datetime, kept_store: Path | None) -> Path | None:
    """Make a synced database the memory; return where the old memory is kept, or None if there was none.

    It is kept under the name of the store that the same restore replaced, so that both are brought back together.
    SatchelError, and nothing is changed, if another program has the memory open.
    """
    twin = memory_beside(kept_store) if kept_store is not None else None
    kept = free_name(places.memory, now) if twin is None or twin.exists() else twin
    return _replace(places.memory, restored, kept)


def _replace(database: Path, restored: Path, kept: Path, index: Path | None = None) -> Path | None:
    """Make a synced file the database, and keep the old one. Its `index` is removed."""
    if not database.exists():
        _remove_sidecars(database, index)
        replace(restored, database)
        return None
    with _locked(database) as is_database:
        _keep(database, kept)
        if not is_database:
            _keep_log(database, kept)
        _remove_sidecars(database, index)
        replace(restored, database)
    return kept


@contextmanager
def _locked(store: Path) -> Iterator[bool]:
    """Lock the old store exclusively; yield whether it is a database at all.

    It is switched to a rollback journal. SQLite allows that only to the sole user of a database, and it leaves no log
    that could be taken for the new store's. A process that opened the old file just before cannot write to it after
    the rename, because SQLite notices that the file has moved.
    """
    connection = open_file(store, apsw.SQLITE_OPEN_READWRITE)
    try:
        try:
            connection.set_busy_timeout(BUSY_TIMEOUT_MS)
            is_alone = _leave_log(connection)
            connection.execute("BEGIN EXCLUSIVE")
        except (apsw.BusyError, apsw.LockedError) as exc:
            raise _in_use(store) from exc
        except apsw.Error:  # too damaged to be open in another process
            yield False
            return
        if not is_alone:
            raise _in_use(store)
        yield True
    finally:
        connection.close()


def _leave_log(connection: apsw.Connection) -> bool:
    """Switch to a rollback journal. False if others have the database open for longer than `BUSY_TIMEOUT_MS`.

    SQLite itself does not wait for them here.
    """
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            is_alone = str(connection.pragma("journal_mode", "delete")) == "delete"
        except (apsw.BusyError, apsw.LockedError):
            is_alone = False
        if is_alone or time.monotonic() >= until:
            return is_alone
        time.sleep(_RETRY_S)


def _keep(source: Path, kept: Path) -> None:
    """Link a file to a second name, or copy it where the file system has no links."""
    if link(source, kept):
        return
    # Through SQLite: closing a descriptor of our own would drop the lock.
    file = apsw.VFSFile("", str(source), [apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READONLY, 0])
    try:
        with DurableFile(kept) as copy:
            for at in range(0, file.xFileSize(), _COPY_BYTES):
                copy.write(file.xRead(min(_COPY_BYTES, file.xFileSize() - at), at))
            copy.sync()
    finally:
        file.xClose()
    sync_directory(kept.parent)


def _keep_log(store: Path, kept: Path) -> None:
    """Keep the log of a damaged store too, under the name that SQLite looks for."""
    for suffix in ("-wal", "-journal"):
        log = store.with_name(store.name + suffix)
        if log.exists():
            _keep(log, kept.with_name(kept.name + suffix))


def _remove_sidecars(database: Path, index: Path | None) -> None:
    """Remove the logs of the old database, and its index."""
    for suffix in _SIDECARS:
        remove(database.with_name(database.name + suffix))
    if index is not None:
        for suffix in (*_SIDECARS, ""):
            remove(index.with_name(index.name + suffix))
    sync_directory(database.parent)


def _in_use(store: Path) -> SatchelError:
    return SatchelError(
        f"another program has {str(store)!r} open", hint="let it finish, then try again; nothing was changed"
    )
