"""Deleting what has ended, inside requests, because nothing runs between them on some platforms.

Rows first, then the objects they named: an object that a crash leaves behind is named by nothing, and once a day
such objects are looked for and deleted when they are older than a day.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final, NamedTuple

import apsw

from satchel_service.database import DatabaseError, rows
from satchel_service.environment import Environment, in_thread
from satchel_service.storage import BlobKey, Storage, StorageError, blobs

EVERY_MS: Final = 60_000
ORPHANS_EVERY_MS: Final = 24 * 60 * 60 * 1000
ORPHAN_AGE_MS: Final = 24 * 60 * 60 * 1000
ORPHANS_SWEPT: Final = "orphans-swept"

DUE: Final = """
SELECT EXISTS(SELECT 1 FROM backups WHERE expires <= :now)
    OR EXISTS(SELECT 1 FROM shares WHERE coalesce(revoked, expires) <= :retained
              OR (opened >= views AND last_opened <= :retained))
    OR EXISTS(SELECT 1 FROM uploads WHERE expires <= :now)
    OR EXISTS(SELECT 1 FROM pairing_codes WHERE expires <= :now)
"""
NAMED: Final = """
SELECT blob FROM archives UNION ALL SELECT blob FROM shares WHERE blob IS NOT NULL
UNION ALL SELECT blob FROM uploads WHERE blob IS NOT NULL
"""


class Remains(NamedTuple):
    """What is to be deleted from the storage once the rows that named it are gone."""

    blobs: list[BlobKey]
    uploads: list[tuple[BlobKey, str]]


class Sweeper:
    """Sweeps when it is due."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment
        self._swept = 0

    async def sweep_if_due(self) -> None:
        """Delete what has ended, at most once a minute.

        A storage or a log that fails meanwhile is not this request's concern: its work is done and durable.
        """
        now = self._env.clock()
        if now - self._swept < EVERY_MS:
            return
        self._swept = now
        with suppress(DatabaseError):
            if await self._env.database.read(lambda db: bool(db.execute(DUE, self._times(now)).get)):
                await self.sweep(now)

    async def sweep(self, now: int) -> None:
        """Delete everything that has ended by `now`."""
        remains = await self._env.database.write(lambda db: collect(db, self._times(now)))
        await delete_blobs(self._env.storage, remains.blobs)
        await in_thread(abort_all, self._env.storage, remains.uploads)

    async def sweep_orphans_if_due(self) -> None:
        """Once a day, delete old objects and uploads that nothing names; a storage that fails is asked tomorrow."""
        now = self._env.clock()

        def claim(db: apsw.Connection) -> bool:
            last = db.execute("SELECT value FROM meta WHERE key = ?", (ORPHANS_SWEPT,)).get
            if isinstance(last, int) and now - last < ORPHANS_EVERY_MS:
                return False
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (ORPHANS_SWEPT, now))
            return True

        if await self._env.database.write(claim):
            with suppress(StorageError):
                await self.sweep_orphans(now)

    async def sweep_orphans(self, now: int) -> None:
        """Delete objects and uploads that nothing names and that are older than a day."""
        storage, older_than = self._env.storage, now - ORPHAN_AGE_MS
        old = await in_thread(old_objects, storage, older_than)
        named, tokens = await self._env.database.read(
            lambda db: (
                {row[0] for row in db.execute(NAMED)},
                {row[0] for row in db.execute("SELECT token FROM uploads")},
            )
        )
        await delete_blobs(storage, [key for key in old.blobs if key not in named])
        await in_thread(abort_all, storage, [entry for entry in old.uploads if entry[1] not in tokens])

    def _times(self, now: int) -> dict[str, int]:
        return {"now": now, "retained": now - self._env.settings.share_retention_s * 1000}


# -- inside a transaction -------------------------------------------------------------------------------------


def collect(db: apsw.Connection, times: dict[str, int]) -> Remains:
    """Delete the rows of everything that has ended; return what they named."""
    for (backup_id,) in rows(db, "DELETE FROM backups WHERE expires <= :now RETURNING id", times):
        db.execute("DELETE FROM needs WHERE backup = ?", (backup_id,))
    archives = collect_archives(db)
    shares = rows(
        db,
        "DELETE FROM shares WHERE coalesce(revoked, expires) <= :retained"
        " OR (opened >= views AND last_opened <= :retained) RETURNING blob",
        times,
    )
    db.execute("DELETE FROM reports WHERE share NOT IN (SELECT id FROM shares)")
    uploads = rows(db, "DELETE FROM uploads WHERE expires <= :now RETURNING blob, token", times)
    db.execute("DELETE FROM pairing_codes WHERE expires <= :now", times)
    return Remains(
        [*archives, *(blob for blob, *_ in [*shares, *uploads] if blob is not None)],
        [(blob, token) for blob, token in uploads if blob is not None],
    )


def collect_archives(db: apsw.Connection) -> list[BlobKey]:
    """Delete the rows of archives that no backup needs; return what they named."""
    found = rows(db, "DELETE FROM archives WHERE id NOT IN (SELECT archive FROM needs) RETURNING id, blob")
    for archive_id, _ in found:
        db.execute("DELETE FROM uploads WHERE id = ? AND blob IS NULL", (archive_id,))
    return [blob for _, blob in found]


# -- after it -------------------------------------------------------------------------------------------------


async def delete_blobs(storage: Storage, keys: Iterable[BlobKey]) -> None:
    """Delete objects that nothing names any more; one that stays is an orphan, swept later."""

    def delete_all() -> None:
        for key in keys:
            with suppress(StorageError):
                storage.delete(key)

    await in_thread(delete_all)


def abort_all(storage: Storage, uploads: Iterable[tuple[BlobKey, str]]) -> None:
    """Forget uploads; one that stays is an orphan, swept later."""
    for key, token in uploads:
        with suppress(StorageError):
            storage.abort_upload(key, token)


def old_objects(storage: Storage, older_than: int) -> Remains:
    """List objects and uploads from before a time, and delete what crashes left half-written before it."""
    storage.sweep(older_than)
    return Remains(
        [info.key for info in blobs(storage) if info.modified < older_than],
        [(info.key, info.token) for info in storage.uploads() if info.started < older_than],
    )
