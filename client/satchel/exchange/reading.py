"""Reading files that may be anything: only regular files, only so much, never a surprise."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

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
