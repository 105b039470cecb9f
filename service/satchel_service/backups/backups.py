"""Backups: committed archives with their expiry and the archives they need.

A backup needs its own archive and those it borrows blocks from. Each archive is retained while any backup needs it, live
or waiting for its deletion (see `deletion`). Only archives that a live backup needs can be read and borrowed from.
"""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar

import apsw

from satchel_service.audit import Event, by_device, record, record_each
from satchel_service.backups.rows import (
    Archive,
    BackupRow,
    delete_backup_rows,
    missing_needs,
    normalize_needs,
    require_found,
    select_archive,
    select_archives,
    select_deletions,
)
from satchel_service.backups.uploads import take_upload
from satchel_service.callers import as_device
from satchel_service.database import row
from satchel_service.environment import Environment
from satchel_service.lifecycle.deletion import (
    apply_retention,
    is_any_expired,
    mark,
    mark_expired,
    revive,
)
from satchel_service.lifecycle.sweeping import delete_blobs, delete_unneeded_archives
from satchel_service.problems import ProblemError, not_found
from satchel_service.storage import BlobKey
from satchel_service.times import expiry_after, expiry_ms
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

T = TypeVar("T")

# Together these keep the list of backups below the 16 MiB that clients read.
MAX_BACKUPS: Final = 1500
MAX_NEEDS: Final = 100_000


class Expired:
    """What a read returns instead of its result while a backup must first be moved to deletion."""


class Content(NamedTuple):
    """What a commit asks for."""

    expires: int | None
    lifetime_s: int | None
    held: int
    summary: bytes
    needs: tuple[str, ...]


class Backups:
    """Commits, lists, changes and deletes backups, and finds archives. `by` is the id of the requesting device."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment

    async def commit(self, backup_id: str, request: messages.BackupRequest, by: str) -> messages.Backup:
        """Turn an uploaded archive into a backup. Repeating the same commit returns the same backup.

        A repeated commit also brings the backup back if it waits for its deletion. Raise a `not-found`, `conflict`,
        `incomplete`, `needs-missing`, `quota` or `invalid` problem.
        """

        def insert(db: apsw.Connection, now: int) -> messages.Backup:
            content = content_of(backup_id, request, now)
            found = BackupRow.find(db, backup_id)
            if found is None:
                insert_backup(db, backup_id, content, by, now)
                record(db, Event.BACKUP_COMMITTED, by_device(by), now=now, target=backup_id)
            elif not is_same(found, content, request):
                raise ProblemError(ProblemCode.CONFLICT, "this backup was committed with different content")
            elif found.deleted is not None:
                revive(db, backup_id)
                record(db, Event.BACKUP_UNDELETED, by_device(by), now=now, target=backup_id)
            mark_expired(db, now)
            apply_retention(db, now)
            return require_found(BackupRow.find(db, backup_id)).to_message()

        return await self._write(by, insert)

    async def show(self, backup_id: str) -> messages.Backup:
        """Return one backup, also while it waits for its deletion. Raise a `not-found` problem."""

        def select(db: apsw.Connection, now: int) -> messages.Backup:
            found = require_found(BackupRow.find(db, backup_id))
            return found.to_message(self._deletions(db, now).get(backup_id))

        return await self._read(select)

    async def list_all(self) -> messages.BackupList:
        """List all backups, newest first, and the ids of all archives that live backups need."""

        def select(db: apsw.Connection, now: int) -> messages.BackupList:
            deletions = self._deletions(db, now)
            return messages.BackupList(
                backups=tuple(backup.to_message() for backup in BackupRow.select_live(db)),
                archives=tuple(sorted(select_archives(db))),
                deleted=tuple(
                    backup.to_message(deletions[backup.id]) for backup in BackupRow.select_deleted(db)
                ),
            )

        return await self._read(select)

    async def change(self, backup_id: str, request: messages.BackupChange, by: str) -> messages.Backup:
        """Change the expiry of a backup. Raise a `not-found` or `invalid` problem."""

        def update(db: apsw.Connection, now: int) -> messages.Backup:
            found = require_found(BackupRow.find_live(db, backup_id))
            expires = expiry_after(request.expires_in_s, now, request.expires) or expiry_ms(
                request.expires, now
            )
            db.execute(
                "UPDATE backups SET expires = ?, lifetime_s = ?, expires_by = ? WHERE id = ?",
                (expires, request.expires_in_s, by, backup_id),
            )
            record(db, Event.BACKUP_CHANGED, by_device(by), now=now, target=backup_id)
            return found._replace(expires=expires).to_message()

        return await self._write(by, update)

    async def delete(self, backup_id: str, by: str) -> None:
        """Move a backup to deletion. Raise a `not-found` problem."""

        def delete(db: apsw.Connection, now: int) -> None:
            require_found(BackupRow.find_live(db, backup_id))
            mark(db, backup_id, "deleted", by, now)
            record(db, Event.BACKUP_DELETED, by_device(by), now=now, target=backup_id)
            apply_retention(db, now)

        await self._write(by, delete)

    async def undelete(self, backup_id: str, by: str) -> messages.Backup:
        """Bring back a backup that waits for its deletion; the retention does not apply to it any more.

        Repeating it is harmless. Raise a `not-found` problem.
        """

        def undelete(db: apsw.Connection, now: int) -> messages.Backup:
            found = require_found(BackupRow.find(db, backup_id))
            if found.deleted is not None:
                revive(db, backup_id)
                db.execute(
                    "UPDATE backups SET expires = NULL, lifetime_s = NULL, held = 1 WHERE id = ?",
                    (backup_id,),
                )
                record(db, Event.BACKUP_UNDELETED, by_device(by), now=now, target=backup_id)
            return require_found(BackupRow.find(db, backup_id)).to_message()

        return await self._write(by, undelete)

    async def erase(
        self, backup_ids: tuple[str, ...], by: str, use_code: Callable[[apsw.Connection], object]
    ) -> None:
        """Erase backups at once. `use_code` uses up a code of the operator, or requires a fresh sign-in.

        Raise a `not-found` problem, erasing nothing, if there is no such backup.
        """

        def erase(db: apsw.Connection, now: int) -> list[BlobKey]:
            use_code(db)
            for backup_id in backup_ids:
                require_found(BackupRow.find(db, backup_id))
                delete_backup_rows(db, backup_id)
            record_each(db, Event.BACKUP_ERASED, by_device(by), backup_ids, now=now)
            apply_retention(db, now)
            return delete_unneeded_archives(db)

        await delete_blobs(self._env.storage, await self._write(by, erase))

    async def find_archive(self, archive_id: str) -> Archive:
        """Return an archive that a live backup needs. Raise a `not-found` problem."""
        found = await self._read(lambda db, _: select_archive(db, archive_id, live=True))
        if found is None:
            raise not_found("archive")
        return found

    def _deletions(self, db: apsw.Connection, now: int) -> dict[str, messages.Deletion]:
        return select_deletions(db, now, self._env.settings.delete_grace_s * 1000)

    async def _write(self, by: str, work: Callable[[apsw.Connection, int], T]) -> T:
        """Run a write of a device, after moving expired backups to deletion."""

        def write(db: apsw.Connection) -> T:
            now = self._env.clock()
            mark_expired(db, now)
            return work(db, now)

        return await self._env.database.write(as_device(by, write))

    async def _read(self, work: Callable[[apsw.Connection, int], T]) -> T:
        """Run a read, after moving expired backups to deletion if there are any."""
        now = self._env.clock()

        def read(db: apsw.Connection) -> T | Expired:
            return Expired() if is_any_expired(db, now) else work(db, now)

        found = await self._env.database.read(read)
        if isinstance(found, Expired):
            await self._env.database.write(lambda db: mark_expired(db, now))
            return await self._env.database.read(lambda db: work(db, now))
        return found


# -- inside a transaction -------------------------------------------------------------------------------------


def content_of(backup_id: str, request: messages.BackupRequest, now: int) -> Content:
    """Return what a commit asks for. Raise an `invalid` problem."""
    expires = expiry_after(request.expires_in_s, now, request.expires) or expiry_ms(request.expires, now)
    needs = normalize_needs(backup_id, request.needs)
    return Content(expires, request.expires_in_s, int(request.hold), request.summary, needs)


def is_same(found: BackupRow, content: Content, request: messages.BackupRequest) -> bool:
    """Whether a backup was committed by an identical request. A relative expiry is compared as such."""
    is_same_expiry = (
        found.expires == content.expires
        if request.expires_in_s is None
        else found.lifetime_s == content.lifetime_s
    )
    return is_same_expiry and (found.summary, found.needs) == (content.summary, content.needs)


def insert_backup(db: apsw.Connection, backup_id: str, content: Content, device: str, now: int) -> None:
    """Insert a backup of an uploaded or already stored archive.

    Raise a `not-found`, `incomplete`, `needs-missing` or `quota` problem.
    """
    kept = select_archives(db)
    missing = [archive for archive in content.needs if archive not in kept]
    if missing:
        raise missing_needs(missing)
    check_count(db, len(content.needs) + 1)
    archive = select_archive(db, backup_id, live=False)
    if archive is None:
        archive = Archive(*take_upload(db, backup_id, "archive", now))
        db.execute("INSERT INTO archives VALUES (?, ?, ?)", (backup_id, *archive))
    db.execute(
        "INSERT INTO backups(id, created, expires, size_bytes, summary, device, lifetime_s, expires_by, held)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            backup_id,
            now,
            content.expires,
            archive.size_bytes,
            content.summary,
            device,
            content.lifetime_s,
            device if content.expires is not None else None,
            content.held,
        ),
    )
    db.executemany(
        "INSERT INTO needs VALUES (?, ?)", ((backup_id, need) for need in (backup_id, *content.needs))
    )


def check_count(db: apsw.Connection, more_needs: int) -> None:
    """Raise a `quota` problem if the cloud has as many backups as a client can list."""
    backups, needs = row(db, "SELECT (SELECT count(*) FROM backups), (SELECT count(*) FROM needs)") or (0, 0)
    if backups >= MAX_BACKUPS or needs + more_needs > MAX_NEEDS:
        raise ProblemError(
            ProblemCode.QUOTA, f"this cloud holds {backups} backups, with {needs} archives that they need"
        )
