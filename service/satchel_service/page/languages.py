"""Which language a reader wants: `Accept-Language` (RFC 9110, section 12.5.4) against what the page speaks."""

from collections.abc import Sequence
from typing import Final

MOST_CHARS: Final = 1000  # of the header; nobody reads so many languages
RIGHT_TO_LEFT: Final = frozenset({"ar"})


def preferred(accept_language: str, spoken: Sequence[str]) -> str:
    """Return the first language spoken that the header wants most; without any, the first of all."""
    wanted: list[tuple[float, int, str]] = []
    for place, item in enumerate(accept_language[:MOST_CHARS].split(",")):
        tag, _, parameter = item.partition(";")
        code = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        if code in spoken and weight > 0:
            wanted.append((-weight, place, code))
    return min(wanted)[2] if wanted else spoken[0]


def direction(code: str) -> str:
    """Return the direction in which a language is written, as HTML's `dir`."""
    return "rtl" if code in RIGHT_TO_LEFT else "ltr"


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
