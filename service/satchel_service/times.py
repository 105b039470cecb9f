"""Conversion between milliseconds since 1970, as stored, and UTC times, as on the wire."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from satchel_service.problems import invalid

Clock = Callable[[], int]
"""Returns milliseconds since 1970."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)
# a later time, given with an offset, has no UTC form
LATEST: Final = datetime.max.replace(tzinfo=UTC)


def to_time(ms: int) -> datetime:
    """Return the UTC time of milliseconds since 1970."""
    return EPOCH + ms * MILLISECOND


def to_time_or_none(ms: int | None) -> datetime | None:
    """Return the UTC time of milliseconds since 1970, or None for None."""
    return None if ms is None else to_time(ms)


def to_ms(time: datetime) -> int:
    """Return milliseconds since 1970."""
    return (time - EPOCH) // MILLISECOND


def expiry_after(seconds: int | None, now: int, expires: datetime | None = None) -> int | None:
    """Return the expiry so many seconds after `now`, or None without a duration.

    Raise an `invalid` problem if there is a moment as well, or if the expiry is after the year 9999.
    """
    if seconds is None:
        return None
    if expires is not None:
        raise invalid("expires_in_s", "give either expires or expires_in_s")
    ms = now + seconds * 1000
    if ms > to_ms(LATEST):
        raise invalid("expires_in_s", "must end before the year 10000 in UTC")
    return ms


def expiry_ms(expires: datetime | None, now: int) -> int | None:
    """Return an expiry in milliseconds since 1970. Raise an `invalid` problem if it is past or after the year 9999."""
    if expires is None:
        return None
    if expires > LATEST:
        raise invalid("expires", "must be before the year 10000 in UTC")
    ms = to_ms(expires)
    if ms <= now:
        raise invalid("expires", "must be in the future")
    return ms
