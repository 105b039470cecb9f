"""Putting a restored database in the place of the store, so that a kill leaves the old one or the new.

1. The old store is made still: nobody else has it open, its write-ahead log is in the file.
2. It gets a second name beside it, under which it stays.
3. What belongs to it and not to the new one (index, logs) is removed.
4. The new one is renamed over it: one step of the file system.

Each step is durable before the next one begins.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import apsw

from satchel.backup.local.places import Places
from satchel.errors import SatchelError
from satchel.local_files import DurableFile, link, remove, replace, sync_directory, translate_os_errors

BUSY_TIMEOUT_MS: Final = 2_000
"""How long to wait for another command to finish with the store."""

_COPY_BYTES: Final = 2**20
_SIDECARS: Final = ("-wal", "-shm", "-journal")


def replace_store(places: Places, restored: Path, now: datetime) -> Path | None:
    """Make a synced database the store; returns where the old one is kept, None if there was none.

    SatchelError, and nothing changed, if another program has the store open.
    """
    store = places.store
    if not store.exists():
        _remove_remains(places)
        replace(restored, store)
        return None
    kept = _free_name(store, now)
    with _held_still(store) as is_sound:
        _keep(store, kept)
        if not is_sound:
            _keep_log(store, kept)
        _remove_remains(places)
        replace(restored, store)
    return kept


@contextmanager
def _held_still(store: Path) -> Iterator[bool]:
    """Keep everybody else out; gives whether the old store is a database at all.

    It is switched to a rollback journal, which SQLite allows to the only user of a database only, and
    which leaves no log that the new store could be mistaken for the owner of. A process that opened the
    old file just before cannot write to it after the rename: SQLite notices that the file has moved.
    """
    connection = apsw.Connection(str(store), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        try:
            connection.set_busy_timeout(BUSY_TIMEOUT_MS)
            mode = connection.pragma("journal_mode", "delete")
            connection.execute("BEGIN EXCLUSIVE")
        except (apsw.BusyError, apsw.LockedError) as exc:
            raise _in_use(store) from exc
        except apsw.Error:  # too damaged to be opened: nobody can be using it, and it is kept as it is
            yield False
            return
        if mode != "delete":
            raise _in_use(store)
        yield True
    finally:
        connection.close()


def _keep(source: Path, kept: Path) -> None:
    """Give a file a second name, or copy it where the file system has no such thing."""
    if link(source, kept):
        return
    # Through SQLite: closing an ordinary file here would drop the lock that keeps others out.
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
    """Keep the log of a damaged store too, under the name by which SQLite would find it again."""
    for suffix in ("-wal", "-journal"):
        log = store.with_name(store.name + suffix)
        if log.exists():
            _keep(log, kept.with_name(kept.name + suffix))


def _remove_remains(places: Places) -> None:
    """Remove what belongs to the old store's content."""
    for database in (places.index, places.store):
        for suffix in _SIDECARS:
            remove(database.with_name(database.name + suffix))
    remove(places.index)
    sync_directory(places.home)


def _free_name(store: Path, now: datetime) -> Path:
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    path = store.with_name(f"{store.name}.before-restore-{stamp}")
    number = 1
    with translate_os_errors(path):
        while path.exists():
            number += 1
            path = store.with_name(f"{store.name}.before-restore-{stamp}-{number}")
    return path


def _in_use(store: Path) -> SatchelError:
    return SatchelError(
        f"another program has {str(store)!r} open", hint="let it finish, then try again; nothing was changed"
    )
