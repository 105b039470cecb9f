"""Times: milliseconds since 1970 inside, RFC 3339 in UTC on the wire."""

from datetime import UTC, datetime, timedelta
from typing import Final

from satchel_service.problems import invalid

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)
LATEST: Final = datetime.max.replace(
    tzinfo=UTC
)  # a later one, written with an offset, could never be shown again


def to_time(ms: int) -> datetime:
    """Return a time of the wire."""
    return EPOCH + ms * MILLISECOND


def to_time_or_none(ms: int | None) -> datetime | None:
    """Return a time of the wire, or none."""
    return None if ms is None else to_time(ms)


def to_ms(time: datetime) -> int:
    """Return milliseconds since 1970."""
    return (time - EPOCH) // MILLISECOND


def expiry_ms(expires: datetime | None, now: int) -> int | None:
    """Return the time an expiry names; a problem when that has passed, or has no name in UTC."""
    if expires is None:
        return None
    if expires > LATEST:
        raise invalid("expires", "must lie before the year 10000 in UTC")
    ms = to_ms(expires)
    if ms <= now:
        raise invalid("expires", "must lie in the future")
    return ms
