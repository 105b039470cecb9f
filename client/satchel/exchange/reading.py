"""Bounded reading of untrusted files: regular files only, up to a limit, and JSON one item at a time."""

import datetime as dt
import os
import re
import stat
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

import msgspec

from satchel.exchange.limits import MAX_DOCUMENT_BYTES, MIB

T = TypeVar("T")

NOT_JSON: Final = "it is not valid JSON"
NOT_UTF8: Final = "its text is not UTF-8"
HALF_CHARACTER: Final = "its text contains half a character (an unpaired surrogate)"
CUT_OFF: Final = "the file ends in the middle of it"
ENDS_EARLY: Final = "it ends too early; the snippets after the cut are missing"

# Times of Pieces. Programs write the start of the epoch for a missing time.
FIRST_MOMENT: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LAST_MOMENT: Final = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
_MAX_MOMENT: Final = 64  # characters

# Escapes of a JSON string: pairs of surrogates, single ones, and all others (also of a backslash).
_ESCAPE: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u(?P<half>[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


class RejectedError(Exception):
    """A file or item cannot be imported. The message is the reason: one clause, without any content."""


class TooLargeError(RejectedError):
    """A file is larger than its limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"it is larger than {limit // MIB} MiB")


def read_regular(path: Path, limit: int) -> bytes:
    """Return the content of a regular file of at most `limit` bytes. A final symbolic link is not followed.

    Raise RejectedError for anything else: a device, a pipe that would block, a larger or unreadable file.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with open(os.open(path, flags), "rb") as file:  # noqa: PTH123  flags
            return read_bounded(file, limit)
    except OSError as exc:
        raise RejectedError((exc.strerror or "it cannot be read").lower()) from exc


def read_bounded(file: BinaryIO, limit: int) -> bytes:
    """Return the content of an open regular file of at most `limit` bytes. Raise RejectedError otherwise."""
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise RejectedError("it is not a regular file")
    if status.st_size > limit:
        raise TooLargeError(limit)
    data = file.read(limit + 1)
    if len(data) > limit:
        raise TooLargeError(limit)
    return data


class Work:
    """What reading one source may cost. Refused and repeated reads count too, not only successful ones."""

    def __init__(self, limit_bytes: int, reason: str) -> None:
        self._left_bytes = limit_bytes
        self._reason = reason

    def spend(self, size_bytes: int) -> None:
        """Count bytes that are about to be read or were unpacked. RejectedError if they exceed the limit."""
        self._left_bytes -= size_bytes
        if self._left_bytes < 0:
            raise RejectedError(self._reason)

    def read(self, path: Path) -> bytes:
        """Return the content of a document, as `read_regular` does."""
        self.spend(0)
        data = read_regular(path, MAX_DOCUMENT_BYTES)
        self.spend(len(data))
        return data


def read_document(path: Path) -> bytes:
    """Return the content of the document that the owner named; a link to it is followed."""
    return read_regular(path.resolve(), MAX_DOCUMENT_BYTES)


def decode(data: bytes | memoryview | msgspec.Raw, shape: type[T]) -> T:
    """Decode one JSON value. Raise RejectedError for any error in it."""
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as exc:
        raise RejectedError(f"it does not have the expected form ({_path_of(exc)})") from exc
    except UnicodeDecodeError as exc:
        raise RejectedError(NOT_UTF8) from exc
    except msgspec.DecodeError as exc:
        raise RejectedError(HALF_CHARACTER if _has_half(data) else NOT_JSON) from exc
    except RecursionError as exc:
        raise RejectedError("it is nested too deeply") from exc


def mend_halves(data: bytes | memoryview) -> bytes:
    """Return JSON text whose escapes of half a character are replaced by U+FFFD."""
    return _ESCAPE.sub(lambda match: rb"\ufffd" if match["half"] else match[0], data)


def _has_half(data: bytes | memoryview | msgspec.Raw) -> bool:
    return any(match["half"] for match in _ESCAPE.finditer(memoryview(data)))


def _path_of(error: msgspec.ValidationError) -> str:
    """Return the path of the first mismatch, never a value."""
    _, _, path = str(error).rpartition(" - at `")
    return path.rstrip("`") or "$"


def moment_of_ms(milliseconds: object) -> dt.datetime | None:
    """Return the time of a Unix timestamp in milliseconds, or None if it is missing or implausible."""
    if not isinstance(milliseconds, (int, float)):
        return None
    try:
        return _plausible(dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC))
    except (OverflowError, ValueError, OSError):
        return None


def moment_of_text(text: object) -> dt.datetime | None:
    """Return the time of an RFC 3339 text, in UTC unless it says otherwise; None if missing or implausible."""
    try:
        moment = (
            dt.datetime.fromisoformat(text) if isinstance(text, str) and len(text) < _MAX_MOMENT else None
        )
    except ValueError:
        return None
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return _plausible(moment)


def _plausible(moment: dt.datetime | None) -> dt.datetime | None:
    """Return a time unless it is a placeholder such as Go's year 1, or too late to be computed with."""
    return moment if moment is not None and FIRST_MOMENT < moment < LAST_MOMENT else None
