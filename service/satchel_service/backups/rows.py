"""The table of backups: one row each, live or waiting for its deletion.

A backup is live until it is deleted, expires or is pruned by the retention. Then it waits for the grace period, in
which it can be brought back; see `deletion`.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple, Self

import apsw

from satchel_service.database import row, rows
from satchel_service.lifecycle.deletion import GraceClock
from satchel_service.problems import ProblemError, not_found
from satchel_service.storage import BlobKey
from satchel_service.times import to_time, to_time_or_none
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

COLUMNS: Final = "id, created, expires, size_bytes, summary, device, lifetime_s, held, deleted"
SELECT: Final = f"SELECT {COLUMNS} FROM backups"  # noqa: S608  own names
MAX_MISSING_LISTED: Final = 20


class Archive(NamedTuple):
    """The object of an archive."""

    blob: BlobKey
    size_bytes: int


class BackupRow(NamedTuple):
    """A row of `backups`, with the archives it needs besides its own."""

    id: str
    created: int
    expires: int | None
    size_bytes: int
    summary: bytes
    device: str | None
    lifetime_s: int | None
    held: int
    deleted: int | None
    needs: tuple[str, ...]

    @classmethod
    def find(cls, db: apsw.Connection, backup_id: str) -> Self | None:
        """Return a backup, live or not, or None if there is none with this id."""
        found = row(db, f"{SELECT} WHERE id = ?", (backup_id,))
        return None if found is None else cls.from_columns(db, *found)

    @classmethod
    def find_live(cls, db: apsw.Connection, backup_id: str) -> Self | None:
        """Return a live backup, or None if there is none with this id."""
        found = cls.find(db, backup_id)
        return None if found is None or found.deleted is not None else found

    @classmethod
    def select_live(cls, db: apsw.Connection) -> list[Self]:
        """Return all live backups, newest first."""
        return cls._select(db, "deleted IS NULL ORDER BY created DESC, id")

    @classmethod
    def select_deleted(cls, db: apsw.Connection) -> list[Self]:
        """Return all backups that wait for their deletion, newest first."""
        return cls._select(db, "deleted IS NOT NULL ORDER BY created DESC, id")

    @classmethod
    def from_columns(cls, db: apsw.Connection, *columns: Any) -> Self:  # noqa: ANN401  the columns of SELECT
        """Return the row with the archives it needs."""
        return cls._make((*columns, select_needs(db, columns[0])))

    @classmethod
    def _select(cls, db: apsw.Connection, condition: str) -> list[Self]:
        return [cls.from_columns(db, *found) for found in rows(db, f"{SELECT} WHERE {condition}")]

    def to_message(self, deletion: messages.Deletion | None = None) -> messages.Backup:
        """Return the backup as a message."""
        return messages.Backup(
            id=self.id,
            created=to_time(self.created),
            expires=to_time_or_none(self.expires),
            size_bytes=self.size_bytes,
            needs=self.needs,
            summary=self.summary,
            device=self.device,
            is_held=bool(self.held),
            deletion=deletion,
        )


def delete_backup_rows(db: apsw.Connection, backup_id: str) -> None:
    """Delete the rows of a backup, if it exists."""
    db.execute("DELETE FROM backups WHERE id = ?", (backup_id,))
    db.execute("DELETE FROM needs WHERE backup = ?", (backup_id,))


SELECT_LIVE_ARCHIVES: Final = """
SELECT DISTINCT archive FROM needs JOIN backups ON backups.id = needs.backup WHERE backups.deleted IS NULL
"""


def select_archive(db: apsw.Connection, archive_id: str, *, live: bool) -> Archive | None:
    """Return an archive, or None. With `live`, only one that a live backup needs."""
    condition = f"AND id IN ({SELECT_LIVE_ARCHIVES})" if live else ""
    found = row(db, f"SELECT blob, size_bytes FROM archives WHERE id = ? {condition}", (archive_id,))  # noqa: S608
    return None if found is None else Archive(*found)


def select_archives(db: apsw.Connection) -> set[str]:
    """Return the ids of the archives that live backups need."""
    return {archive for (archive,) in rows(db, SELECT_LIVE_ARCHIVES)}


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


def select_deletions(db: apsw.Connection, now: int, grace_ms: int) -> dict[str, messages.Deletion]:
    """Return the deletions that wait, by backup, soonest first."""
    elapsed = GraceClock.read(db, now).elapsed
    labels = dict(rows(db, "SELECT id, label FROM devices"))
    found = rows(
        db,
        "SELECT id, deleted_reason, deleted, deleted_tick, deleted_by FROM backups WHERE deleted IS NOT NULL"
        " ORDER BY deleted_tick, id",
    )
    return {
        backup_id: messages.Deletion(
            backup=backup_id,
            reason=reason,
            asked=to_time(asked),
            final=to_time(now + max(0, grace_ms - (elapsed - tick))),
            device=by,
            label=labels.get(by, b""),
        )
        for backup_id, reason, asked, tick, by in found
    }
