"""Deletion of backups in two steps: a deleted, expired or pruned backup first waits for the grace period.

Only the operator's setting and codes shorten the grace period, so a stolen device cannot destroy history. It is
measured on a clock of its own, which counts at most MAX_STEP_MS between two requests: if the computer's clock jumps
forward, the grace period stays. A cloud that sleeps for days counts one day per wake-up, so its deletions take longer.

Everything here runs inside a transaction.
"""

from typing import Final, Literal, NamedTuple

import apsw

from satchel_service.audit import CLOUD, Event, record_each
from satchel_service.database import row, rows
from satchel_wire.retention import DEFAULT, Dated, Policy, select_kept

Reason = Literal["deleted", "expired", "retention"]

MAX_STEP_MS: Final = 24 * 60 * 60 * 1000
TICK_INTERVAL_MS: Final = 60 * 60 * 1000
ELAPSED: Final = "grace-elapsed"
SEEN: Final = "grace-seen"

# The newest backup of a device never ends by time. Backups from before version 3 have no device and count as one.
SELECT_EXPIRED: Final = """
SELECT id, expires_by FROM backups AS old WHERE deleted IS NULL AND expires <= :now AND EXISTS(
    SELECT 1 FROM backups AS new WHERE new.deleted IS NULL AND new.device IS old.device
    AND (new.created, new.id) > (old.created, old.id)
)
"""
MARK: Final = """
UPDATE backups SET deleted = :now, deleted_tick = :tick, deleted_reason = :reason, deleted_by = :by
WHERE id = :id AND deleted IS NULL
"""
REVIVE: Final = """
UPDATE backups SET deleted = NULL, deleted_tick = NULL, deleted_reason = NULL, deleted_by = NULL WHERE id = ?
"""


# -- the clock of the grace period ------------------------------------------------------------------------


class GraceClock(NamedTuple):
    """The time that has been counted, in milliseconds, and the computer's time at which it was counted."""

    elapsed: int
    seen: int

    @classmethod
    def read(cls, db: apsw.Connection, now: int) -> "GraceClock":
        """Return the clock at `now`, without storing it."""
        stored = dict(rows(db, "SELECT key, value FROM meta WHERE key IN (?, ?)", (ELAPSED, SEEN)))
        elapsed, seen = int(stored.get(ELAPSED, 0)), int(stored.get(SEEN, now))
        return cls(elapsed + min(max(0, now - seen), MAX_STEP_MS), now)

    @classmethod
    def advance(cls, db: apsw.Connection, now: int) -> "GraceClock":
        """Store the clock at `now` and return it."""
        clock = cls.read(db, now)
        db.executemany(
            "INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)",
            [(ELAPSED, clock.elapsed), (SEEN, clock.seen)],
        )
        return clock


# -- moving backups to deletion and back ---------------------------------------------------------------------


def mark(db: apsw.Connection, backup_id: str, reason: Reason, by: str | None, now: int) -> None:
    """Move a live backup to deletion; `by` is the device that asked for it."""
    tick = GraceClock.advance(db, now).elapsed
    db.execute(MARK, {"id": backup_id, "reason": reason, "by": by, "now": now, "tick": tick})


def revive(db: apsw.Connection, backup_id: str) -> None:
    """Make a backup live again."""
    db.execute(REVIVE, (backup_id,))


def mark_expired(db: apsw.Connection, now: int) -> None:
    """Move backups whose expiry has passed to deletion. Their grace period begins now, however late this is."""
    expired = rows(db, SELECT_EXPIRED, {"now": now})
    for backup_id, by in expired:
        mark(db, backup_id, "expired", by, now)
    record_each(db, Event.BACKUP_EXPIRED, CLOUD, [backup_id for backup_id, _ in expired], now=now)


def is_any_expired(db: apsw.Connection, now: int) -> bool:
    """Whether `mark_expired` would change anything."""
    return row(db, f"{SELECT_EXPIRED} LIMIT 1", {"now": now}) is not None


# -- the retention -------------------------------------------------------------------------------------------


class StoredPolicy(NamedTuple):
    """The retention, when it was set, and by which device; None for the default."""

    policy: Policy
    changed: int | None
    device: str | None

    @classmethod
    def read(cls, db: apsw.Connection) -> "StoredPolicy":
        """Return the retention of the cloud."""
        found = row(db, "SELECT last, daily, weekly, monthly, changed, device FROM retention")
        if found is None:
            return cls(DEFAULT, None, None)
        return cls(Policy(*found[:4]), found[4], found[5])

    def write(self, db: apsw.Connection) -> None:
        """Replace the retention of the cloud."""
        db.execute(
            "INSERT OR REPLACE INTO retention VALUES (1, ?, ?, ?, ?, ?, ?)",
            (*self.policy, self.changed, self.device),
        )


class Pruning(NamedTuple):
    """The backups that a retention moves to deletion, and those it brings back from it, oldest first."""

    delete: tuple[str, ...]
    restore: tuple[str, ...]


def plan_pruning(db: apsw.Connection, policy: Policy) -> Pruning:
    """Decide what a retention changes.

    It applies to backups of a device, without an expiry of their own, that nobody has asked to keep or delete. Those
    that an earlier retention has moved to deletion are brought back if this one keeps them.
    """
    found = rows(
        db,
        "SELECT device, created, id, deleted FROM backups WHERE device IS NOT NULL AND expires IS NULL AND held = 0"
        " AND (deleted IS NULL OR deleted_reason = 'retention') ORDER BY created, id",
    )
    by_device: dict[str, list[Dated]] = {}
    for device, created, backup_id, _ in found:
        by_device.setdefault(device, []).append(Dated(created, backup_id))
    kept = frozenset().union(*(select_kept(policy, backups) for backups in by_device.values()))
    return Pruning(
        tuple(backup_id for _, _, backup_id, deleted in found if deleted is None and backup_id not in kept),
        tuple(backup_id for _, _, backup_id, deleted in found if deleted is not None and backup_id in kept),
    )


def apply_retention(db: apsw.Connection, now: int) -> None:
    """Move backups to deletion, and back, as the retention of the cloud decides."""
    stored = StoredPolicy.read(db)
    pruning = plan_pruning(db, stored.policy)
    for backup_id in pruning.delete:
        mark(db, backup_id, "retention", stored.device, now)
    for backup_id in pruning.restore:
        revive(db, backup_id)
    record_each(db, Event.BACKUP_PRUNED, CLOUD, pruning.delete, now=now)
    record_each(db, Event.BACKUP_KEPT, CLOUD, pruning.restore, now=now)


# -- the end of the grace period -----------------------------------------------------------------------------


def is_purge_due(db: apsw.Connection, now: int, grace_ms: int) -> bool:
    """Whether a grace period has ended, or its clock should be stored."""
    found = row(db, "SELECT min(deleted_tick) FROM backups WHERE deleted IS NOT NULL")
    if found is None or found[0] is None:
        return False
    seen = row(db, "SELECT value FROM meta WHERE key = ?", (SEEN,))
    is_clock_old = seen is None or not 0 <= now - seen[0] < TICK_INTERVAL_MS
    return is_clock_old or GraceClock.read(db, now).elapsed - found[0] >= grace_ms


def purge(db: apsw.Connection, now: int, grace_ms: int) -> None:
    """Delete the rows of backups whose grace period has ended."""
    elapsed = GraceClock.advance(db, now).elapsed
    ended = rows(
        db,
        "DELETE FROM backups WHERE deleted IS NOT NULL AND deleted_tick <= ? RETURNING id",
        (elapsed - grace_ms,),
    )
    db.executemany("DELETE FROM needs WHERE backup = ?", ended)
    record_each(db, Event.BACKUP_PURGED, CLOUD, sorted(backup_id for (backup_id,) in ended), now=now)
