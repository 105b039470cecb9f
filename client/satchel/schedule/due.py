"""When a schedule runs: how often its scheduler wakes it, and whether a run is due then."""

import datetime as dt
import hashlib
from typing import Final

from satchel.errors import UsageError

HOUR: Final = dt.timedelta(hours=1)
SHORT: Final = (dt.timedelta(minutes=15), dt.timedelta(minutes=20), dt.timedelta(minutes=30))
LONGEST: Final = dt.timedelta(days=366)


def check_every(every: dt.timedelta) -> dt.timedelta:
    """Return the time between runs if a scheduler can do it, or raise UsageError."""
    if every in SHORT or (HOUR <= every <= LONGEST and every % HOUR == dt.timedelta(0)):
        return every
    raise UsageError(
        "a schedule runs every 15, 20 or 30 minutes, or every so many whole hours or days, up to a year",
        hint="for example --every 30m, --every 6h or --every 1d",
    )


def tick_of(every: dt.timedelta) -> dt.timedelta:
    """Return how often the scheduler starts `schedule run --if-due`: at most an hour apart."""
    return min(every, HOUR)


def minutes_of(job_id: str, every: dt.timedelta) -> list[int]:
    """Return the minutes of each hour at which a job starts, spread by its name over the hour."""
    step = int(tick_of(every).total_seconds()) // 60
    first = int.from_bytes(hashlib.sha256(job_id.encode()).digest()[:4], "big") % step
    return list(range(first, 60, step))


def is_due(last_success: dt.datetime | None, now: dt.datetime, every: dt.timedelta) -> bool:
    """Return whether a run is due. A last success in the future means that the clock went back: then it is."""
    tick = tick_of(every)
    if last_success is None or last_success > now or tick >= every:
        return True
    return now - last_success >= every - tick / 2


def next_run(last_success: dt.datetime | None, now: dt.datetime, every: dt.timedelta) -> dt.datetime:
    """Return about when the next run starts."""
    if last_success is None or last_success > now:
        return now + tick_of(every)
    return max(last_success + every, now)
