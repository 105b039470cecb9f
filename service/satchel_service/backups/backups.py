"""Backups: committed archives with their expiry and the archives they need.

A backup needs its own archive and those it borrows blocks from. Each archive is retained while any live backup needs it.
A backup is live until it expires or is deleted; an expired one is invisible, even before it is swept.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple, Self

import apsw

from satchel_service.backups.uploads import take_upload
from satchel_service.database import row, rows
from satchel_service.environment import Environment
from satchel_service.lifecycle.sweeping import delete_blobs, delete_unneeded_archives
from satchel_service.problems import ProblemError, not_found
from satchel_service.storage import BlobKey
from satchel_service.times import expiry_ms, to_time, to_time_or_none
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

SELECT_KEPT_ARCHIVES: Final = """
SELECT DISTINCT archive FROM needs JOIN backups ON backups.id = needs.backup
WHERE backups.expires IS NULL OR backups.expires > ?
"""
SELECT_LIVE: Final = """
SELECT id, created, expires, size_bytes, summary FROM backups WHERE (expires IS NULL OR expires > ?)
"""
MAX_MISSING_LISTED: Final = 20


class Archive(NamedTuple):
    """The object of an archive."""

    blob: BlobKey
    size_bytes: int


class BackupRow(NamedTuple):
    """A live row of `backups`, with the archives it needs besides its own."""

    id: str
    created: int
    expires: int | None
    size_bytes: int
    summary: bytes
    needs: tuple[str, ...]

    @classmethod
    def find(cls, db: apsw.Connection, backup_id: str, now: int) -> Self | None:
        """Return a live backup, or None if there is none with this id."""
        found = row(db, f"{SELECT_LIVE} AND id = ?", (now, backup_id))
        return None if found is None else cls.from_columns(db, *found)

    @classmethod
    def select_live(cls, db: apsw.Connection, now: int) -> list[Self]:
        """Return all live backups, newest first."""
        return [
            cls.from_columns(db, *found)
            for found in rows(db, f"{SELECT_LIVE} ORDER BY created DESC, id", (now,))
        ]

    @classmethod
    def from_columns(cls, db: apsw.Connection, *columns: Any) -> Self:  # noqa: ANN401  the columns of SELECT_LIVE
        """Return the row with the archives it needs."""
        return cls._make((*columns, select_needs(db, columns[0])))

    def to_message(self) -> messages.Backup:
        """Return the backup as a message."""
        return messages.Backup(
            id=self.id,
            created=to_time(self.created),
            expires=to_time_or_none(self.expires),
            size_bytes=self.size_bytes,
            needs=self.needs,
            summary=self.summary,
        )


class Backups:
    """Commits, lists, changes and deletes backups, and finds archives."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment

    async def commit(self, backup_id: str, request: messages.BackupRequest) -> messages.Backup:
        """Turn an uploaded archive into a backup. Repeating the same commit returns the same backup.

        Raise a `not-found`, `conflict`, `incomplete`, `needs-missing` or `invalid` problem.
        """

        def insert(db: apsw.Connection) -> BackupRow:
            now = self._env.clock()
            content = (
                expiry_ms(request.expires, now),
                request.summary,
                normalize_needs(backup_id, request.needs),
            )
            found = BackupRow.find(db, backup_id, now)
            if found is not None:
                if (found.expires, found.summary, found.needs) != content:
                    raise ProblemError(
                        ProblemCode.CONFLICT, "this backup was committed with different content"
                    )
                return found
            return insert_backup(db, backup_id, content, now)

        return (await self._env.database.write(insert)).to_message()

    async def show(self, backup_id: str) -> messages.Backup:
        """Return one backup. Raise a `not-found` problem."""
        found = await self._env.database.read(lambda db: BackupRow.find(db, backup_id, self._env.clock()))
        return require_found(found).to_message()

    async def list_all(self) -> messages.BackupList:
        """List all live backups, newest first, and the ids of all archives that they need."""

        def select(db: apsw.Connection) -> tuple[list[BackupRow], set[str]]:
            now = self._env.clock()
            return BackupRow.select_live(db, now), select_archives(db, now)

        found, kept = await self._env.database.read(select)
        return messages.BackupList(
            backups=tuple(backup.to_message() for backup in found), archives=tuple(sorted(kept))
        )

    async def change(self, backup_id: str, request: messages.BackupChange) -> messages.Backup:
        """Change the expiry of a backup. Raise a `not-found` or `invalid` problem."""

        def update(db: apsw.Connection) -> BackupRow:
            now = self._env.clock()
            found = require_found(BackupRow.find(db, backup_id, now))
            expires = expiry_ms(request.expires, now)
            db.execute("UPDATE backups SET expires = ? WHERE id = ?", (expires, backup_id))
            return found._replace(expires=expires)

        return (await self._env.database.write(update)).to_message()

    async def delete(self, backup_id: str) -> None:
        """Delete a backup and every archive that no other backup needs. Raise a `not-found` problem."""

        def delete(db: apsw.Connection) -> list[BlobKey]:
            require_found(BackupRow.find(db, backup_id, self._env.clock()))
            delete_backup_rows(db, backup_id)
            return delete_unneeded_archives(db)

        await delete_blobs(self._env.storage, await self._env.database.write(delete))

    async def find_archive(self, archive_id: str) -> Archive:
        """Return an archive that a live backup needs. Raise a `not-found` problem."""

        def select(db: apsw.Connection) -> Archive | None:
            return select_archive(db, archive_id, self._env.clock())

        found = await self._env.database.read(select)
        if found is None:
            raise not_found("archive")
        return found


# -- inside a transaction -------------------------------------------------------------------------------------


def insert_backup(
    db: apsw.Connection, backup_id: str, content: tuple[int | None, bytes, tuple[str, ...]], now: int
) -> BackupRow:
    """Insert a backup of an uploaded or already stored archive.

    Raise a `not-found`, `incomplete` or `needs-missing` problem if its archive or one that it needs is missing.
    """
    expires, summary, needs = content
    kept = select_archives(db, now)
    missing = [archive for archive in needs if archive not in kept]
    if missing:
        raise missing_needs(missing)
    archive = select_archive(db, backup_id, now)
    if archive is None:
        archive = Archive(*take_upload(db, backup_id, "archive", now))
        db.execute("INSERT OR REPLACE INTO archives VALUES (?, ?, ?)", (backup_id, *archive))
    delete_backup_rows(db, backup_id)
    db.execute(
        "INSERT INTO backups VALUES (?, ?, ?, ?, ?)", (backup_id, now, expires, archive.size_bytes, summary)
    )
    db.executemany("INSERT INTO needs VALUES (?, ?)", ((backup_id, need) for need in (backup_id, *needs)))
    return BackupRow(backup_id, now, expires, archive.size_bytes, summary, needs)


def delete_backup_rows(db: apsw.Connection, backup_id: str) -> None:
    """Delete the rows of a backup, if it exists."""
    db.execute("DELETE FROM backups WHERE id = ?", (backup_id,))
    db.execute("DELETE FROM needs WHERE backup = ?", (backup_id,))


def select_archive(db: apsw.Connection, archive_id: str, now: int) -> Archive | None:
    """Return an archive that a live backup needs, or None."""
    found = row(
        db,
        f"SELECT blob, size_bytes FROM archives WHERE id = ? AND id IN ({SELECT_KEPT_ARCHIVES})",  # noqa: S608  a constant
        (archive_id, now),
    )
    return None if found is None else Archive(*found)


def select_archives(db: apsw.Connection, now: int) -> set[str]:
    """Return the ids of the archives that live backups need."""
    return {archive for (archive,) in rows(db, SELECT_KEPT_ARCHIVES, (now,))}


def select_needs(db: apsw.Connection, backup_id: str) -> tuple[str, ...]:
    """Return the ids of the archives that a backup needs besides its own, sorted."""
    found = rows(db, "SELECT archive FROM needs WHERE backup = ?", (backup_id,))
    return normalize_needs(backup_id, (archive for (archive,) in found))


def normalize_needs(backup_id: str, needs: Iterable[str]) -> tuple[str, ...]:
    """Return the ids sorted and without duplicates, leaving out the backup's own archive."""
    return tuple(sorted({*needs} - {backup_id}))


def require_found(found: BackupRow | None) -> BackupRow:
    """Return the row. Raise a `not-found` problem if there is none."""
    if found is None:
        raise not_found("backup")
    return found


def missing_needs(archives: list[str]) -> ProblemError:
    """Return a problem that lists the missing archives, so that the client can make a full backup instead."""
    return ProblemError(
        ProblemCode.NEEDS_MISSING,
        f"the cloud does not have {len(archives)} of the archives that the backup needs",
        fields=tuple(("needs", archive) for archive in archives[:MAX_MISSING_LISTED]),
    )
