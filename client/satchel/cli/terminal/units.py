"""Sizes, lengths of time and moments, as a person reads them."""

import datetime as dt
from typing import Final

_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB")


def format_size(size_bytes: float) -> str:
    """Return a size in binary units: `0 B`, `1.5 KiB`, `12 MiB`."""
    for unit in _UNITS[:-1]:
        if size_bytes < 1000:
            return _number(size_bytes, unit)
        size_bytes /= 1024
    return _number(size_bytes, _UNITS[-1])


def _number(value: float, unit: str) -> str:
    digits = 0 if unit == "B" or value >= 10 else 1
    return f"{value:.{digits}f} {unit}"


def format_duration(seconds: float) -> str:
    """Return a length of time: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`, `5 d`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60:02} s"
    if whole < 86_400:
        return f"{whole // 3_600} h {whole % 3_600 // 60:02} min"
    return f"{whole // 86_400} d"


def format_moment(moment: dt.datetime) -> str:
    """Return a moment in the local time zone, to the minute."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def format_count(count: int, singular: str, plural: str | None = None) -> str:
    """Return `1 Piece`, `2 Pieces`, `1,000 Pieces`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"
