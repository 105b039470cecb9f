"""The end of old entries. The hash of the last deleted entry stays as an anchor, so that the rest can be verified.

Entries end after a time and beyond a number, both settings. A jump of the computer's clock must not empty the log, so a
run deletes by time at most once a day, and at most MAX_STEP_MS of the log.
"""

from typing import Final, NamedTuple

import apsw

from satchel_service.audit.trail import CLOUD, read_anchor, read_head, record
from satchel_service.database import row
from satchel_wire.audit import Event, Link

DAY_MS: Final = 24 * 60 * 60 * 1000
MAX_STEP_MS: Final = 7 * DAY_MS
SLACK: Final = 10  # a full log is cut by one tenth, so that it is not cut again with every entry
PRUNED: Final = "audit-pruned"


class Limits(NamedTuple):
    """How long entries are kept, and how many."""

    retention_ms: int
    entries: int


def is_prune_due(db: apsw.Connection, now: int, limits: Limits) -> bool:
    """Whether `prune` would delete anything."""
    return _last_to_delete(db, now, limits) > read_anchor(db).number


def prune(db: apsw.Connection, now: int, limits: Limits) -> None:
    """Delete old entries and record that, if there are any."""
    last = _last_to_delete(db, now, limits)
    count = last - read_anchor(db).number
    if count <= 0:
        return
    if _oldest_due(db, now, limits) is not None:
        db.execute("INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)", (PRUNED, now))
    delete_up_to(db, last)
    record(db, Event.LOG_PRUNED, CLOUD, now=now, target=str(last), occurrences=count)


def delete_up_to(db: apsw.Connection, number: int) -> None:
    """Delete the entries up to a number, which must exist, and make the last of them the anchor."""
    found = row(db, "SELECT number, sha256 FROM audit WHERE number = ?", (number,))
    if found is None:
        return
    db.execute("INSERT OR REPLACE INTO audit_anchor(id, number, sha256) VALUES (1, ?, ?)", Link(*found))
    db.execute("DELETE FROM audit WHERE number <= ?", (number,))


def _last_to_delete(db: apsw.Connection, now: int, limits: Limits) -> int:
    anchor, head = read_anchor(db).number, read_head(db).number
    by_number = head - (limits.entries - limits.entries // SLACK) if head - anchor > limits.entries else 0
    oldest = _oldest_due(db, now, limits)
    return by_number if oldest is None else max(by_number, _last_old(db, now, limits, head, oldest))


def _last_old(db: apsw.Connection, now: int, limits: Limits, head: int, oldest: int) -> int:
    """Return the number of the last entry to delete for its age. `oldest` is the time of the first one."""
    before = min(now - limits.retention_ms, oldest + MAX_STEP_MS)
    first_kept = row(db, "SELECT number FROM audit WHERE time >= ? ORDER BY number LIMIT 1", (before,))
    return head if first_kept is None else int(first_kept[0]) - 1


def _oldest_due(db: apsw.Connection, now: int, limits: Limits) -> int | None:
    """Return the time of the oldest entry if it is old enough to delete; None if not, or another run is too soon."""
    oldest = row(db, "SELECT time FROM audit ORDER BY number LIMIT 1")
    if oldest is None or oldest[0] >= now - limits.retention_ms:
        return None
    pruned = row(db, "SELECT value FROM meta WHERE key = ?", (PRUNED,))
    is_too_soon = pruned is not None and 0 <= now - pruned[0] < DAY_MS
    return None if is_too_soon else int(oldest[0])
