"""Deletes expired data. It runs within requests, because some platforms suspend an instance between them.

Rows are deleted before the objects they name. A crash in between leaves orphaned objects; once a day, orphans older
than a day are deleted too.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final, NamedTuple

import apsw

from satchel_service.database import DatabaseError, rows
from satchel_service.environment import Environment, in_thread
from satchel_service.storage import BlobKey, Storage, StorageError, blobs

SWEEP_INTERVAL_MS: Final = 60_000
ORPHAN_SWEEP_INTERVAL_MS: Final = 24 * 60 * 60 * 1000
ORPHAN_AGE_MS: Final = 24 * 60 * 60 * 1000
ORPHANS_SWEPT: Final = "orphans-swept"

IS_ANYTHING_DUE: Final = """
SELECT EXISTS(SELECT 1 FROM backups WHERE expires <= :now)
    OR EXISTS(SELECT 1 FROM shares WHERE coalesce(revoked, expires) <= :retained
              OR (opened >= views AND last_opened <= :retained))
    OR EXISTS(SELECT 1 FROM uploads WHERE expires <= :now)
    OR EXISTS(SELECT 1 FROM pairing_codes WHERE expires <= :now)
"""
REFERENCED_BLOBS: Final = """
SELECT blob FROM archives UNION ALL SELECT blob FROM shares WHERE blob IS NOT NULL
UNION ALL SELECT blob FROM uploads WHERE blob IS NOT NULL
"""


class StoredObjects(NamedTuple):
    """Objects in the storage by key, and unfinished uploads by key and token."""

    blobs: list[BlobKey]
    uploads: list[tuple[BlobKey, str]]


class Sweeper:
    """Deletes expired data and orphaned objects when that is due."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment
        self._swept = 0

    async def sweep_if_due(self) -> None:
        """Delete expired data, at most once a minute.

        A failure of the storage or the log is ignored, because the request itself is already complete and durable.
        """
        now = self._env.clock()
        if now - self._swept < SWEEP_INTERVAL_MS:
            return
        self._swept = now
        with suppress(DatabaseError):
            if await self._env.database.read(
                lambda db: bool(db.execute(IS_ANYTHING_DUE, self._times(now)).get)
            ):
                await self.sweep(now)

    async def sweep(self, now: int) -> None:
        """Delete all data that has expired at `now` (milliseconds since 1970)."""
        objects = await self._env.database.write(lambda db: delete_expired_rows(db, self._times(now)))
        await delete_blobs(self._env.storage, objects.blobs)
        await in_thread(abort_uploads, self._env.storage, objects.uploads)

    async def sweep_orphans_if_due(self) -> None:
        """Delete orphaned objects and uploads, at most once a day. If the storage fails, try again the next day."""
        now = self._env.clock()

        def claim(db: apsw.Connection) -> bool:
            last = db.execute("SELECT value FROM meta WHERE key = ?", (ORPHANS_SWEPT,)).get
            if isinstance(last, int) and now - last < ORPHAN_SWEEP_INTERVAL_MS:
                return False
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (ORPHANS_SWEPT, now))
            return True

        if await self._env.database.write(claim):
            with suppress(StorageError):
                await self.sweep_orphans(now)

    async def sweep_orphans(self, now: int) -> None:
        """Delete objects and uploads that no row names and that are older than a day."""
        storage, older_than = self._env.storage, now - ORPHAN_AGE_MS
        old = await in_thread(list_old_objects, storage, older_than)
        named, tokens = await self._env.database.read(
            lambda db: (
                {row[0] for row in db.execute(REFERENCED_BLOBS)},
                {row[0] for row in db.execute("SELECT token FROM uploads")},
            )
        )
        await delete_blobs(storage, [key for key in old.blobs if key not in named])
        await in_thread(abort_uploads, storage, [entry for entry in old.uploads if entry[1] not in tokens])

    def _times(self, now: int) -> dict[str, int]:
        return {"now": now, "retained": now - self._env.settings.share_retention_s * 1000}


# -- inside a transaction -------------------------------------------------------------------------------------


def delete_expired_rows(db: apsw.Connection, times: dict[str, int]) -> StoredObjects:
    """Delete the rows of all expired data; return the objects they named."""
    for (backup_id,) in rows(db, "DELETE FROM backups WHERE expires <= :now RETURNING id", times):
        db.execute("DELETE FROM needs WHERE backup = ?", (backup_id,))
    archives = delete_unneeded_archives(db)
    shares = rows(
        db,
        "DELETE FROM shares WHERE coalesce(revoked, expires) <= :retained"
        " OR (opened >= views AND last_opened <= :retained) RETURNING blob",
        times,
    )
    db.execute("DELETE FROM reports WHERE share NOT IN (SELECT id FROM shares)")
    uploads = rows(db, "DELETE FROM uploads WHERE expires <= :now RETURNING blob, token", times)
    db.execute("DELETE FROM pairing_codes WHERE expires <= :now", times)
    return StoredObjects(
        [*archives, *(blob for blob, *_ in [*shares, *uploads] if blob is not None)],
        [(blob, token) for blob, token in uploads if blob is not None],
    )


def delete_unneeded_archives(db: apsw.Connection) -> list[BlobKey]:
    """Delete the rows of archives that no backup needs; return the keys of their objects."""
    found = rows(db, "DELETE FROM archives WHERE id NOT IN (SELECT archive FROM needs) RETURNING id, blob")
    for archive_id, _ in found:
        db.execute("DELETE FROM uploads WHERE id = ? AND blob IS NULL", (archive_id,))
    return [blob for _, blob in found]


# -- in the storage -------------------------------------------------------------------------------------------


async def delete_blobs(storage: Storage, keys: Iterable[BlobKey]) -> None:
    """Delete objects that no row names. One that cannot be deleted becomes an orphan, swept later."""

    def delete_all() -> None:
        for key in keys:
            with suppress(StorageError):
                storage.delete(key)

    await in_thread(delete_all)


def abort_uploads(storage: Storage, uploads: Iterable[tuple[BlobKey, str]]) -> None:
    """Abort uploads. One that cannot be aborted becomes an orphan, swept later."""
    for key, token in uploads:
        with suppress(StorageError):
            storage.abort_upload(key, token)


def list_old_objects(storage: Storage, older_than: int) -> StoredObjects:
    """Return objects and uploads from before a time, and delete temporary files that crashes left before it."""
    storage.sweep(older_than)
    return StoredObjects(
        [info.key for info in blobs(storage) if info.modified < older_than],
        [(info.key, info.token) for info in storage.uploads() if info.started < older_than],
    )
