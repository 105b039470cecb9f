"""The owner's time zone, and wall-clock times as moments, also where clocks are changed."""

import datetime as dt


class LocalZone(dt.tzinfo):
    """The time zone of the system, with the changes of the clocks in every year.

    `datetime.astimezone()` gives the offset of one moment alone, which is wrong half a year earlier.
    """

    def utcoffset(self, moment: dt.datetime | None, /) -> dt.timedelta | None:
        """Return the offset at a wall-clock time."""
        return None if moment is None else moment.replace(tzinfo=None).astimezone().utcoffset()

    def tzname(self, moment: dt.datetime | None, /) -> str | None:
        """Return the name of the zone at a wall-clock time."""
        return None if moment is None else moment.replace(tzinfo=None).astimezone().tzname()

    def dst(self, moment: dt.datetime | None, /) -> dt.timedelta | None:
        """Return None: unknown, and not needed."""
        del moment
        return None

    def fromutc(self, moment: dt.datetime, /) -> dt.datetime:
        """Return a moment in this zone; the second of two equal wall-clock times has `fold` set."""
        local = moment.replace(tzinfo=dt.UTC).astimezone()
        is_second = local.replace(tzinfo=None).astimezone().utcoffset() != local.utcoffset()
        return local.replace(tzinfo=self, fold=int(is_second))


def local_now() -> dt.datetime:
    """Return the present in the system's time zone."""
    return dt.datetime.now(LocalZone())


def local_time(at_ms: int) -> dt.datetime:
    """Return a moment in the system's time zone."""
    return dt.datetime.fromtimestamp(at_ms / 1000, LocalZone())


def to_ms(wall: dt.datetime, zone: dt.tzinfo | None) -> int:
    """Return a wall-clock time in a zone as milliseconds since 1970.

    Of two equal times, when clocks are set back, it is the first; one that is skipped is as long after the change.
    """
    return round(wall.replace(tzinfo=zone).timestamp() * 1000)
