"""Bounded reading of untrusted files: regular files only, up to a limit, and JSON one item at a time."""

import datetime as dt
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

import msgspec

from satchel.errors import UsageError
from satchel.exchange.limits import MAX_DOCUMENT_BYTES, MIB

T = TypeVar("T")

NOT_JSON: Final = "it is not valid JSON"


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


def read_document(path: Path) -> bytes:
    """Return the content of the document that the owner named; a link to it is followed."""
    return read_regular(path.resolve(), MAX_DOCUMENT_BYTES)


def read_json(source: Path, shape: type[T]) -> T:
    """Return a document decoded as `shape`; parts typed `msgspec.Raw` are left for `decode`.

    Raise UsageError if the whole document cannot be read.
    """
    try:
        return decode(read_document(source), shape)
    except RejectedError as exc:
        raise UsageError(f"cannot read {str(source)!r}: {exc}", hint="name its format with --from") from exc


def decode(data: bytes | msgspec.Raw, shape: type[T]) -> T:
    """Decode one JSON value. Raise RejectedError for any error in it."""
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.ValidationError as exc:
        raise RejectedError(f"it does not have the expected form ({_path_of(exc)})") from exc
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise RejectedError(NOT_JSON) from exc
    except RecursionError as exc:
        raise RejectedError("it is nested too deeply") from exc


def _path_of(error: msgspec.ValidationError) -> str:
    """Return the path of the first mismatch, never a value."""
    _, _, path = str(error).rpartition(" - at `")
    return path.rstrip("`") or "$"


def decode_each(items: list[msgspec.Raw], shape: type[T]) -> Iterator[T | RejectedError]:
    """Decode items one by one; yield the error of a bad item and continue."""
    for item in items:
        try:
            yield decode(item, shape)
        except RejectedError as exc:
            yield exc


def moment_of_ms(milliseconds: float | None) -> dt.datetime | None:
    """Return the time of a Unix timestamp in milliseconds, or None if it is missing or out of range."""
    if milliseconds is None:
        return None
    try:
        return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)
    except (OverflowError, ValueError, OSError):
        return None


def moment_of_text(text: str | None) -> dt.datetime | None:
    """Return the time of an RFC 3339 text, or None if it is missing or invalid."""
    try:
        moment = dt.datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if moment is not None and moment.tzinfo is None:
        return moment.replace(tzinfo=dt.UTC)
    return moment
