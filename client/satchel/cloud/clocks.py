"""The difference between this device's clock and the cloud's, from the Date of an answer."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
"""A smaller difference has no effect on pairing codes, expiry times and presigned addresses."""


def clock_offset(date: str, now: datetime) -> timedelta | None:
    """Return how far this device's clock is ahead of a Date header (negative: behind); None if it is no date."""
    try:
        there = parsedate_to_datetime(date)
        return now - (there if there.tzinfo else there.replace(tzinfo=UTC))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def clock_warning(offset: timedelta | None) -> str:
    """Return a clause about a clock that is wrong; empty if it is right, or nothing is known."""
    if offset is None or abs(offset) <= CLOCK_TOLERANCE:
        return ""
    direction = "ahead of" if offset > timedelta() else "behind"
    return f"the clock of this device is {_rounded(abs(offset))} {direction} the cloud's"


def _rounded(length: timedelta) -> str:
    minutes = round(length.total_seconds() / 60)
    for size, unit in ((60 * 24, "day"), (60, "hour")):
        if minutes >= size:
            count = round(minutes / size)
            return f"{count:,} {unit}{'' if count == 1 else 's'}"
    return f"{minutes} minutes"
