"""Deletes expired data. It runs within requests, because some platforms suspend an instance between them.

Rows are deleted before the objects they name. A crash in between leaves orphaned objects; once a day, orphans older
than a day are deleted too.
"""

from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import Final, NamedTuple

import apsw

from satchel_service.audit import CLOUD, Event, record_each
from satchel_service.audit.pruning import Limits, is_prune_due, prune
from satchel_service.database import DatabaseError, rows
from satchel_service.environment import Environment, in_thread
from satchel_service.lifecycle.deletion import is_any_expired, is_purge_due, mark_expired, purge
from satchel_service.storage import BlobKey, Storage, StorageError, blob_key, blobs

SWEEP_INTERVAL_MS: Final = 60_000
ORPHAN_SWEEP_INTERVAL_MS: Final = 24 * 60 * 60 * 1000
ORPHAN_AGE_MS: Final = 24 * 60 * 60 * 1000
CARD_PREFIX: Final = "cards/"
ORPHANS_SWEPT: Final = "orphans-swept"

# a request ends when it is revoked, at its expiry, or with the last of its answers
OLD_REQUEST: Final = """
coalesce(revoked, expires) <= :requests_retained OR (
    SELECT count(*) >= requests.answers AND max(received) <= :requests_retained
    FROM answers WHERE answers.request = requests.id
)
"""
IS_ANYTHING_DUE: Final = f"""
SELECT EXISTS(SELECT 1 FROM shares WHERE coalesce(revoked, expires) <= :retained
              OR (opened >= views AND last_opened <= :retained))
    OR EXISTS(SELECT 1 FROM uploads WHERE expires <= :now)
    OR EXISTS(SELECT 1 FROM pairing_codes WHERE expires <= :now)
    OR EXISTS(SELECT 1 FROM shares WHERE card IS NOT NULL)
    OR EXISTS(SELECT 1 FROM requests WHERE {OLD_REQUEST})
"""  # noqa: S608  a constant
REFERENCED_BLOBS: Final = """
SELECT blob FROM archives UNION ALL SELECT blob FROM shares WHERE blob IS NOT NULL
UNION ALL SELECT card_blob FROM shares WHERE card_blob IS NOT NULL
UNION ALL SELECT blob FROM uploads WHERE blob IS NOT NULL
UNION ALL SELECT blob FROM answers WHERE blob IS NOT NULL
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
            if await self._env.database.read(lambda db: is_anything_due(db, self._times(now))):
                await self.sweep(now)

    async def sweep(self, now: int) -> None:
        """Delete all data that has expired at `now` (milliseconds since 1970)."""
        objects = await self._env.database.write(lambda db: delete_expired_rows(db, self._times(now)))
        await delete_blobs(self._env.storage, objects.blobs)
        await in_thread(abort_uploads, self._env.storage, objects.uploads)
        await self._move_cards()

    async def _move_cards(self) -> None:
        """Move cards that an earlier version stored in rows to objects, out of the log."""
        found = await self._env.database.read(
            lambda db: rows(db, "SELECT id, card FROM shares WHERE card IS NOT NULL")
        )
        for share_id, card in found:
            key = blob_key(f"{CARD_PREFIX}{share_id}.{self._env.entropy(4).hex()}")
            with suppress(StorageError):
                await in_thread(self._env.storage.create, key, card.encode())
                await self._env.database.write(partial(_set_card, share_id=share_id, card=card, key=key))

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
        settings = self._env.settings
        return {
            "now": now,
            "retained": now - settings.share_retention_s * 1000,
            "requests_retained": now - settings.request_retention_s * 1000,
            "grace": settings.delete_grace_s * 1000,
            "audit_retention": settings.audit_retention_s * 1000,
            "audit_entries": settings.audit_entries,
        }


# -- inside a transaction -------------------------------------------------------------------------------------


def is_anything_due(db: apsw.Connection, times: dict[str, int]) -> bool:
    """Whether `delete_expired_rows` would change anything."""
    now = times["now"]
    return (
        bool(db.execute(IS_ANYTHING_DUE, times).get)
        or is_any_expired(db, now)
        or is_purge_due(db, now, times["grace"])
        or is_prune_due(db, now, audit_limits(times))
    )


def audit_limits(times: dict[str, int]) -> Limits:
    """Return the limits of the audit log."""
    return Limits(times["audit_retention"], times["audit_entries"])


def delete_expired_rows(db: apsw.Connection, times: dict[str, int]) -> StoredObjects:
    """Delete the rows of all expired data; return the objects they named."""
    mark_expired(db, times["now"])
    purge(db, times["now"], times["grace"])
    archives = delete_unneeded_archives(db)
    prune(db, times["now"], audit_limits(times))
    shares = rows(
        db,
        "DELETE FROM shares WHERE coalesce(revoked, expires) <= :retained"
        " OR (opened >= views AND last_opened <= :retained) RETURNING id, blob, card_blob",
        times,
    )
    record_each(db, Event.SHARE_REMOVED, CLOUD, sorted(share[0] for share in shares), now=times["now"])
    db.execute("DELETE FROM reports WHERE share NOT IN (SELECT id FROM shares)")
    answers = delete_old_requests(db, times)
    uploads = rows(db, "DELETE FROM uploads WHERE expires <= :now RETURNING blob, token", times)
    db.execute("DELETE FROM pairing_codes WHERE expires <= :now", times)
    return StoredObjects(
        [*archives, *answers, *(blob for row in shares for blob in row[1:] if blob is not None)]
        + [blob for blob, _ in uploads if blob is not None],
        [(blob, token) for blob, token in uploads if blob is not None],
    )


def delete_old_requests(db: apsw.Connection, times: dict[str, int]) -> list[BlobKey]:
    """Delete requests that ended a while ago, and what nobody took; return the objects of their answers."""
    found = rows(db, f"DELETE FROM requests WHERE {OLD_REQUEST} RETURNING id", times)  # noqa: S608  a constant
    record_each(db, Event.REQUEST_REMOVED, CLOUD, sorted(request[0] for request in found), now=times["now"])
    blobs_of = rows(db, "DELETE FROM answers WHERE request NOT IN (SELECT id FROM requests) RETURNING blob")
    return [blob for (blob,) in blobs_of if blob is not None]


def _set_card(db: apsw.Connection, *, share_id: str, card: str, key: BlobKey) -> None:
    db.execute(
        "UPDATE shares SET card = NULL, card_blob = ? WHERE id = ? AND card = ?", (key, share_id, card)
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
