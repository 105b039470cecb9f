"""The names of the log: writers and the keys of what they write."""

from collections.abc import Callable
from typing import Final, NewType

WriterId = NewType("WriterId", bytes)
"""A ULID as 16 bytes: 48 bits of milliseconds since 1970, 80 random bits. Never used for a second opening."""

NOBODY: Final = WriterId(bytes(16))
"""The writer of the entry before the first."""

ENTRIES: Final = "log/"
SNAPSHOTS: Final = "snapshots/"
_DIGITS: Final = 16
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_writer(now_ms: int, entropy: Callable[[int], bytes]) -> WriterId:
    """Return a writer id that nobody has had; `entropy(n)` gives n random bytes."""
    return WriterId((now_ms & (1 << 48) - 1).to_bytes(6, "big") + entropy(10))


def writer_text(writer: WriterId) -> str:
    """Return the usual 26 characters of a ULID, for people."""
    number = int.from_bytes(writer, "big")
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def entry_key(sequence: int) -> str:
    """Return the key of the entry with that sequence number; the first is 1."""
    return f"{ENTRIES}{sequence:0{_DIGITS}d}"


def snapshot_key(sequence: int) -> str:
    """Return the key of the snapshot of the database as it is after that entry."""
    return f"{SNAPSHOTS}{sequence:0{_DIGITS}d}"


def sequence_of(key: str) -> int | None:
    """Return the sequence number in a key of the log; None for what the log did not write."""
    digits = key.rpartition("/")[2]
    return int(digits) if len(digits) == _DIGITS and digits.isascii() and digits.isdecimal() else None
