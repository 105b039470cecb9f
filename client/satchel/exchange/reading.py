"""Reading files that may be anything: only regular files, only so much, never a surprise.

Decoding JSON that may be damaged or made to hurt, one item at a time.
"""

import datetime as dt
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from satchel.errors import UsageError
from satchel.exchange.limits import MAX_DOCUMENT_BYTES


class UnfitError(Exception):
    """A file cannot be taken in; the message is the reason, one clause without the file's content."""


def read_regular(path: Path, limit: int) -> bytes:
    """Read a whole regular file of at most `limit` bytes without following a last symbolic link.

    Anything else (a device, a pipe that would block, too large, unreadable): UnfitError.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with open(os.open(path, flags), "rb") as file:  # noqa: PTH123  flags
            return read_bounded(file, limit)
    except OSError as exc:
        raise UnfitError((exc.strerror or "it cannot be read").lower()) from exc


def read_bounded(file: BinaryIO, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes to its end."""
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise UnfitError("it is not a regular file")
    if status.st_size > limit:
        raise TooLargeError(limit)
    data = file.read(limit + 1)
    if len(data) > limit:
        raise TooLargeError(limit)
    return data


class TooLargeError(UnfitError):
    """A file is larger than what is taken in."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"it is larger than {limit // (1024 * 1024)} MiB")


def read_document(path: Path) -> bytes:
    """Read the document that an import was pointed at (a link to it is followed)."""
    return read_regular(path.resolve(), MAX_DOCUMENT_BYTES)


T = TypeVar("T")

NOT_JSON = "it is not valid JSON"


def read_json(source: Path, shape: type[T]) -> T:
    """Read a document whose outline is `shape`; parts typed `msgspec.Raw` are left for `decode`.

    A source that is no such document as a whole: UsageError.
    """
    try:
        return decode(read_document(source), shape)
    except UnfitError as exc:
        raise UsageError(f"cannot read {str(source)!r}: {exc}", hint="name its kind with --from") from exc


def decode(data: bytes | msgspec.Raw, shape: type[T]) -> T:
    """Decode one JSON value; whatever is wrong with it, however deep or broken, is an UnfitError."""
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as exc:
        raise UnfitError(f"it has another form than expected ({_place(exc)})") from exc
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise UnfitError(NOT_JSON) from exc
    except RecursionError as exc:
        raise UnfitError("it is nested too deep") from exc


def _place(error: msgspec.ValidationError) -> str:
    """Return where in the value the first difference is: msgspec's path, never a value."""
    _, _, path = str(error).rpartition(" - at `")
    return path.rstrip("`") or "$"


def each(items: list[msgspec.Raw], shape: type[T]) -> Iterator[T | UnfitError]:
    """Decode items one by one; a bad one is its error, the next ones follow."""
    for item in items:
        try:
            yield decode(item, shape)
        except UnfitError as exc:
            yield exc


def moment_of_ms(milliseconds: float | None) -> dt.datetime | None:
    """Return a Unix time in milliseconds as a moment; None or out of range is None."""
    if milliseconds is None:
        return None
    try:
        return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)
    except (OverflowError, ValueError, OSError):
        return None


def moment_of_text(text: str | None) -> dt.datetime | None:
    """Return an RFC 3339 time as a moment; None or not a time is None."""
    try:
        moment = dt.datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if moment is not None and moment.tzinfo is None:
        return moment.replace(tzinfo=dt.UTC)
    return moment
