"""Backups: archives that were committed, what they need, and until when.

A backup needs its own archive and those it borrows blocks from; each is kept while any live backup needs it. A
backup that has expired is gone for every reader from that moment, whether or not it has been swept.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple, Self

import apsw

from satchel_service.backups.uploads import take_upload
from satchel_service.database import row, rows
from satchel_service.environment import Environment
from satchel_service.lifecycle.sweeping import collect_archives, delete_blobs
from satchel_service.problems import ProblemError, not_found
from satchel_service.storage import BlobKey
from satchel_service.times import expiry_ms, to_time, to_time_or_none
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

KEPT: Final = """
SELECT DISTINCT archive FROM needs JOIN backups ON backups.id = needs.backup
WHERE backups.expires IS NULL OR backups.expires > ?
"""
SELECT_LIVE: Final = """
SELECT id, created, expires, size_bytes, summary FROM backups WHERE (expires IS NULL OR expires > ?)
"""
MISSING_SHOWN: Final = 20


class Archive(NamedTuple):
    """A kept archive."""

    blob: BlobKey
    size_bytes: int


class BackupRow(NamedTuple):
    """A live row of `backups` with what it needs besides itself."""

    id: str
    created: int
    expires: int | None
    size_bytes: int
    summary: bytes
    needs: tuple[str, ...]

    @classmethod
    def find(cls, db: apsw.Connection, backup_id: str, now: int) -> Self | None:
        """Return one live backup."""
        found = row(db, f"{SELECT_LIVE} AND id = ?", (now, backup_id))
        return None if found is None else cls.of(db, *found)

    @classmethod
    def live(cls, db: apsw.Connection, now: int) -> list[Self]:
        """Return live backups, newest first."""
        return [cls.of(db, *found) for found in rows(db, f"{SELECT_LIVE} ORDER BY created DESC, id", (now,))]

    @classmethod
    def of(cls, db: apsw.Connection, *columns: Any) -> Self:  # noqa: ANN401  the columns of SELECT_LIVE
        """Add what it needs to the columns of a row."""
        return cls._make((*columns, needs_of(db, columns[0])))

    def message(self) -> messages.Backup:
        """Return it as the wire has it."""
        return messages.Backup(
            id=self.id,
            created=to_time(self.created),
            expires=to_time_or_none(self.expires),
            size_bytes=self.size_bytes,
            needs=self.needs,
            summary=self.summary,
        )


class Backups:
    """Commits, lists, changes and deletes backups, and finds the archives to read."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment

    async def commit(self, backup_id: str, request: messages.BackupRequest) -> messages.Backup:
        """Make an uploaded archive a backup; the same commit again answers the same backup."""

        def insert(db: apsw.Connection) -> BackupRow:
            now = self._env.clock()
            wanted = (expiry_ms(request.expires, now), request.summary, other_needs(backup_id, request.needs))
            found = BackupRow.find(db, backup_id, now)
            if found is not None:
                if (found.expires, found.summary, found.needs) != wanted:
                    raise ProblemError(ProblemCode.CONFLICT, "this backup was committed with other content")
                return found
            return insert_backup(db, backup_id, wanted, now)

        return (await self._env.database.write(insert)).message()

    async def show(self, backup_id: str) -> messages.Backup:
        """Show one backup."""
        found = await self._env.database.read(lambda db: BackupRow.find(db, backup_id, self._env.clock()))
        return existing(found).message()

    async def show_all(self) -> messages.BackupList:
        """List live backups, newest first, and every archive that is kept for them."""

        def select(db: apsw.Connection) -> tuple[list[BackupRow], set[str]]:
            now = self._env.clock()
            return BackupRow.live(db, now), kept_archives(db, now)

        found, kept = await self._env.database.read(select)
        return messages.BackupList(
            backups=tuple(backup.message() for backup in found), archives=tuple(sorted(kept))
        )

    async def change(self, backup_id: str, request: messages.BackupChange) -> messages.Backup:
        """Give a live backup another expiry."""

        def update(db: apsw.Connection) -> BackupRow:
            now = self._env.clock()
            found = existing(BackupRow.find(db, backup_id, now))
            expires = expiry_ms(request.expires, now)
            db.execute("UPDATE backups SET expires = ? WHERE id = ?", (expires, backup_id))
            return found._replace(expires=expires)

        return (await self._env.database.write(update)).message()

    async def delete(self, backup_id: str) -> None:
        """Delete a backup and every archive that no other backup needs."""

        def delete(db: apsw.Connection) -> list[BlobKey]:
            existing(BackupRow.find(db, backup_id, self._env.clock()))
            forget_backup(db, backup_id)
            return collect_archives(db)

        await delete_blobs(self._env.storage, await self._env.database.write(delete))

    async def archive(self, archive_id: str) -> Archive:
        """Find an archive that a live backup needs."""

        def select(db: apsw.Connection) -> Archive | None:
            return find_archive(db, archive_id, self._env.clock())

        found = await self._env.database.read(select)
        if found is None:
            raise not_found("archive")
        return found


# -- inside a transaction -------------------------------------------------------------------------------------


def insert_backup(
    db: apsw.Connection, backup_id: str, wanted: tuple[int | None, bytes, tuple[str, ...]], now: int
) -> BackupRow:
    """Add a backup of an archive that is uploaded, or kept already; a problem when it or one it needs is missing."""
    expires, summary, needs = wanted
    kept = kept_archives(db, now)
    missing = [archive for archive in needs if archive not in kept]
    if missing:
        raise needs_missing(missing)
    archive = find_archive(db, backup_id, now)
    if archive is None:
        archive = Archive(*take_upload(db, backup_id, "archive", now))
        db.execute("INSERT OR REPLACE INTO archives VALUES (?, ?, ?)", (backup_id, *archive))
    forget_backup(db, backup_id)
    db.execute(
        "INSERT INTO backups VALUES (?, ?, ?, ?, ?)", (backup_id, now, expires, archive.size_bytes, summary)
    )
    db.executemany("INSERT INTO needs VALUES (?, ?)", ((backup_id, need) for need in (backup_id, *needs)))
    return BackupRow(backup_id, now, expires, archive.size_bytes, summary, needs)


def forget_backup(db: apsw.Connection, backup_id: str) -> None:
    """Delete a backup's rows; absent is fine."""
    db.execute("DELETE FROM backups WHERE id = ?", (backup_id,))
    db.execute("DELETE FROM needs WHERE backup = ?", (backup_id,))


def find_archive(db: apsw.Connection, archive_id: str, now: int) -> Archive | None:
    """Return an archive that is kept now."""
    found = row(
        db,
        f"SELECT blob, size_bytes FROM archives WHERE id = ? AND id IN ({KEPT})",  # noqa: S608  a constant
        (archive_id, now),
    )
    return None if found is None else Archive(*found)


def kept_archives(db: apsw.Connection, now: int) -> set[str]:
    """Return the ids of the archives that live backups need."""
    return {archive for (archive,) in rows(db, KEPT, (now,))}


def needs_of(db: apsw.Connection, backup_id: str) -> tuple[str, ...]:
    """Return the archives a backup needs besides its own, in the order of their ids."""
    found = rows(db, "SELECT archive FROM needs WHERE backup = ?", (backup_id,))
    return other_needs(backup_id, (archive for (archive,) in found))


def other_needs(backup_id: str, needs: Iterable[str]) -> tuple[str, ...]:
    """Return `needs` as they are kept: once each, without the backup's own archive, in order."""
    return tuple(sorted({*needs} - {backup_id}))


def existing(found: BackupRow | None) -> BackupRow:
    """Return the row, or answer that there is none."""
    if found is None:
        raise not_found("backup")
    return found


def needs_missing(archives: list[str]) -> ProblemError:
    """Say which archives are not kept, so that the client can make a full backup instead."""
    return ProblemError(
        ProblemCode.NEEDS_MISSING,
        f"{len(archives)} archives that it needs are not kept here",
        fields=tuple(("needs", archive) for archive in archives[:MISSING_SHOWN]),
    )
