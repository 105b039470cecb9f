"""Changes of the operator's settings and of the service, noticed at the start and recorded with the next transaction.

The database holds a digest of each setting's value, so the audit log names what changed and not the values.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Final

import apsw

from satchel_service.audit.trail import OPERATOR, record, record_each
from satchel_service.database import Deferred, row, rows
from satchel_service.environment import Environment
from satchel_service.settings import SETTINGS, Settings
from satchel_wire.audit import Event

SEEN: Final = "audit-settings"
SERVICE: Final = "service"
# where a process runs, listens and logs: it changes with the machine and says nothing about the cloud
UNTRACKED: Final = frozenset({"database_dir", "bind", "port", "log_level"})


def describe(settings: Settings, service: str) -> dict[str, str]:
    """Return a digest of each setting that matters, by the name of its variable, and the version of the service."""
    tracked = [setting for setting in SETTINGS if not setting.secret and setting.name not in UNTRACKED]
    values = {setting.env: repr(getattr(settings, setting.name)) for setting in tracked}
    digests = {env: hashlib.sha256(value.encode()).hexdigest()[:16] for env, value in values.items()}
    return {SERVICE: service, **digests}


async def watch_changes(environment: Environment, version: str) -> None:
    """Compare the settings and the version with those of the previous start, and record changes with the next write."""
    current = describe(environment.settings, version)
    seen = await environment.database.read(read_seen)
    if seen == current:
        return
    pending = [current]

    def work(db: apsw.Connection) -> None:
        record_changes(db, seen, current, now=environment.clock())
        if "SATCHEL_BLOCKED_SHARES" in changed_names(seen, current):
            record_blocked(db, environment.settings.blocked_shares, now=environment.clock())

    def take() -> Deferred | None:
        return Deferred(work, lambda: pending.append(current)) if pending and pending.pop() else None

    environment.database.add_deferred(take)


def read_seen(db: apsw.Connection) -> dict[str, str]:
    """Return what the previous start described; empty on a new cloud or one of an earlier version."""
    found = row(db, "SELECT value FROM meta WHERE key = ?", (SEEN,))
    return {} if found is None else dict(json.loads(found[0]))


def changed_names(seen: Mapping[str, str], current: Mapping[str, str]) -> list[str]:
    """Return the names of settings that changed. One that an earlier version of the service lacked is not a change."""
    return [name for name, digest in current.items() if name != SERVICE and seen.get(name, digest) != digest]


def record_changes(
    db: apsw.Connection, seen: Mapping[str, str], current: Mapping[str, str], *, now: int
) -> None:
    """Record every change, and store the present state."""
    if seen.get(SERVICE) != current[SERVICE]:
        record(db, Event.SERVICE_CHANGED, OPERATOR, now=now, target=current[SERVICE])
    for name in changed_names(seen, current):
        record(db, Event.SETTING_CHANGED, OPERATOR, now=now, target=name)
    db.execute("INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)", (SEEN, json.dumps(current)))


def record_blocked(db: apsw.Connection, blocked: tuple[str, ...], *, now: int) -> None:
    """Record the shares that the operator's block list names, by their id or the hash of their body."""
    names = frozenset(blocked)
    found = rows(db, "SELECT id, body_sha256 FROM shares WHERE revoked IS NULL")
    hit = [
        share for share, digest in found if share in names or (digest is not None and digest.hex() in names)
    ]
    record_each(db, Event.SHARE_BLOCKED, OPERATOR, sorted(hit), now=now)
