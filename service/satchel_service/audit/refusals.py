"""Refused attempts, counted by the hour, so that strangers can neither fill the audit log nor cost writes.

Counts are gathered in memory and join the next transaction. The owner's requests write them after a minute, a refused
request only once an hour has ended. When an hour has ended, each of its counts becomes one entry of the log. Killing the
process loses the counts that no transaction has written yet.
"""

from contextlib import suppress
from typing import Final, NamedTuple

import apsw

from satchel_service.audit.trail import ANYONE, by_device, record
from satchel_service.database import DatabaseError, Deferred, rows
from satchel_service.environment import Environment
from satchel_wire.audit import Event, Outcome

HOUR_MS: Final = 60 * 60 * 1000
WRITE_AFTER_MS: Final = 60_000
EVENTS: Final = {event.code: event for event in Event}

ADD: Final = """
INSERT INTO audit_counts(hour, event, device, count) VALUES (:hour, :event, :device, :count)
ON CONFLICT DO UPDATE SET count = count + excluded.count
"""


class Key(NamedTuple):
    """What is counted together. `device` is empty for strangers."""

    hour: int
    event: str
    device: str


class Refusals:
    """The counts of refused attempts. All methods belong to the event loop."""

    def __init__(self, environment: Environment) -> None:
        self._database = environment.database
        self._clock = environment.clock
        self._pending: dict[Key, int] = {}
        self._since = 0
        self._closed_before = 0  # hours up to here have no counts left in the database
        self._database.add_deferred(self._take)

    def count(self, event: Event, device_id: str = "") -> None:
        """Count one refused attempt, of a device or of anyone."""
        now = self._clock()
        if not self._pending:
            self._since = now
        key = Key(now // HOUR_MS, event.code, device_id)
        self._pending[key] = self._pending.get(key, 0) + 1

    async def write(self) -> None:
        """Write all counts, and the entries of hours that have ended. DatabaseError: the counts are kept."""
        if self._pending or self._closed_before < self._hour:
            await self._database.write(lambda _: None)  # the counts join it

    async def write_if_due(self) -> None:
        """Write counts that have waited for a minute. A failure is not the concern of this request."""
        if self._pending and self._clock() - self._since >= WRITE_AFTER_MS:
            with suppress(DatabaseError):
                await self.write()

    async def write_ended_hours(self) -> None:
        """Write counts of hours that have ended, at most one write an hour. A failure is ignored as above."""
        if any(key.hour < self._hour for key in self._pending):
            with suppress(DatabaseError):
                await self.write()

    @property
    def _hour(self) -> int:
        return self._clock() // HOUR_MS

    def _take(self) -> Deferred | None:
        hour = self._hour
        if not self._pending and self._closed_before >= hour:
            return None
        taken, self._pending = self._pending, {}
        closed_before, self._closed_before = self._closed_before, hour

        def work(db: apsw.Connection) -> None:
            db.executemany(ADD, [{**key._asdict(), "count": count} for key, count in taken.items()])
            close_hours(db, hour)

        def undo() -> None:
            self._closed_before = closed_before
            for key, count in taken.items():
                self._pending[key] = self._pending.get(key, 0) + count

        return Deferred(work, undo)


def close_hours(db: apsw.Connection, before: int) -> None:
    """Turn the counts of hours before this one into entries, in the order of their hours."""
    found = rows(
        db,
        "DELETE FROM audit_counts WHERE hour < ? RETURNING hour, event, device, count",
        (before,),
    )
    for hour, event, device_id, count in sorted(found):
        who = by_device(device_id) if device_id else ANYONE
        end = (hour + 1) * HOUR_MS
        record(db, EVENTS[event], who, now=end, outcome=Outcome.REFUSED, occurrences=count)
