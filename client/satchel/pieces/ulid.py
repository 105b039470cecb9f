"""Ids of Pieces, revisions and removals: ULIDs, the same on every device.

A ULID is 26 characters of Crockford's base 32: 10 for a time in milliseconds, 16 random. Ids sort by time. The
random part alone nearly always identifies a Piece, so its first characters serve as a short id.
Source: https://github.com/ulid/spec.
"""

import re
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TIME_CHARS: Final = 10
LENGTH: Final = 26
SHORT_ID_CHARS: Final = 4  # the least that lists show; more where several ids share them
RANDOM_BYTES: Final = 10
MAX_TIME: Final = 2**48 - 1
LATEST_TIME: Final = 253_402_300_799_999  # the end of the year 9999, the last that a date can express

_ID: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")

_PAIRS: Final = tuple(high + low for high in ALPHABET for low in ALPHABET)
_VALUES: Final = {char: value for value, char in enumerate(ALPHABET)}
# Crockford's substitutes for easily confused characters. U is not used in ids.
_AS_READ: Final = str.maketrans("OIL", "011", "-")


def next_time(newest: int, now_ms: int) -> int:
    """Return the next time part: the clock's, or the one after `newest` if that is later."""
    time = max(now_ms, newest + 1, 0)
    if time > MAX_TIME:
        raise OverflowError("no id is left after the year 10889")
    return time


def encode(time: int, entropy: bytes) -> str:
    """Encode an id from its time part (milliseconds) and ten random bytes."""
    bits = int.from_bytes(entropy, "big")
    head = [_PAIRS[time >> shift & 1023] for shift in (40, 30, 20, 10, 0)]
    tail = [_PAIRS[bits >> shift & 1023] for shift in (70, 60, 50, 40, 30, 20, 10, 0)]
    return "".join(head + tail)


def later_id(newest: str, now_ms: int, entropy: bytes) -> str:
    """Return an id for something that happens now, but later than the id `newest` even if the clock is behind."""
    return encode(next_time(time_of(newest), now_ms), entropy)


def is_id(text: str) -> bool:
    """Whether a text is a whole id in canonical form, with a time up to the year 9999."""
    return _ID.fullmatch(text) is not None and text <= _LATEST_ID


def random_part(ulid: str) -> str:
    """Return the random characters of a whole id; the first few are its short id."""
    return ulid[TIME_CHARS:]


def time_of(ulid: str) -> int:
    """Return the time part of a whole id. ValueError if it is not an id."""
    if len(ulid) != LENGTH:
        raise ValueError("an id has 26 characters")
    return time_range(ulid)[0]


def time_range(prefix: str) -> tuple[int, int]:
    """Return the first and last time part of ids with a canonical prefix. ValueError if no id can have it."""
    head = prefix[:TIME_CHARS]
    value = 0
    for char in head:
        if char not in _VALUES:
            raise ValueError("not a character of an id")
        value = value * 32 + _VALUES[char]
    free = 5 * (TIME_CHARS - len(head))
    first = value << free
    if first > MAX_TIME:
        raise ValueError("beyond the last id")
    return first, min(first + (1 << free) - 1, MAX_TIME)


def canonical(text: str) -> str:
    """Normalize a typed id: upper case, O as 0, I and L as 1, no hyphens."""
    return text.strip().upper().translate(_AS_READ)


_LATEST_ID: Final = encode(LATEST_TIME, b"\xff" * RANDOM_BYTES)
