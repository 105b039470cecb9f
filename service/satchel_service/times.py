"""Conversion between milliseconds since 1970, as stored, and UTC times, as on the wire."""

from datetime import UTC, datetime, timedelta
from typing import Final

from satchel_service.problems import invalid

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
