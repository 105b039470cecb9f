"""Reading untrusted zip files with bounds on their directory and entries.

`zipfile` reads the whole central directory into memory, so its size is checked first. Entries are read by
exact name, never unpacked to disk, and limited by the bytes they unpack to, not the size they declare. Refused
entries count like others towards what the whole file may cost, so naming one bomb many times gains nothing.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, BinaryIO, Final

from satchel.exchange.limits import (
    MAX_RATIO,
    MAX_ZIP_DIRECTORY_BYTES,
    MAX_ZIP_ENTRIES,
    MAX_ZIP_REFUSED_BYTES,
    MAX_ZIP_TOTAL_BYTES,
    MIN_ZIP_TOTAL_BYTES,
    RATIO_FREE_BYTES,
)
from satchel.exchange.reading import RejectedError, TooLargeError, Work
from satchel.zip_records import (
    END_RECORD,
    END_SIGNATURE,
    ZIP64_END_RECORD,
    ZIP64_END_SIGNATURE,
    ZIP64_LOCATOR,
    ZIP64_LOCATOR_SIGNATURE,
)

_MAX_COMMENT: Final = 65_535
_CHUNK: Final = 1 << 20

# For bzip2 and LZMA, `zipfile` unpacks everything it has read at once, without a bound.
_BOUNDED_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})

_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,  # also for names that are not UTF-8
)


class ZipTable:
    """The entries of an open zip file by exact name. Reading a name that occurs twice is an error."""

    def __init__(self, archive: zipfile.ZipFile, size_bytes: int) -> None:
        self._archive = archive
        limit = min(MAX_ZIP_TOTAL_BYTES, MIN_ZIP_TOTAL_BYTES + size_bytes * MAX_RATIO)
        self._work = Work(limit, "the export unpacks to more than any real one")
        self._refused = Work(MAX_ZIP_REFUSED_BYTES, "too many of the export's contents are refused")
        self._entries: dict[str, list[zipfile.ZipInfo]] = {}
        for entry in archive.infolist():
            self._entries.setdefault(entry.filename, []).append(entry)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def read(self, name: str, limit: int) -> bytes:
        """Return an entry of at most `limit` bytes, with its checksum verified. Raise RejectedError otherwise.

        All reads together are limited too, whether they succeed or not: many names may refer to one entry.
        """
        self._refused.spend(0)
        found = self._entries.get(name, [])
        if len(found) != 1:
            raise RejectedError("its content is missing" if not found else "its content occurs twice")
        if found[0].compress_type not in _BOUNDED_METHODS:
            raise RejectedError("its content is not compressed with deflate")
        try:
            with self._archive.open(found[0]) as stream:
                return b"".join(self._counted(stream, limit, found[0].compress_size))
        except _BROKEN as exc:
            raise RejectedError("its content is damaged") from exc

    def _counted(self, stream: IO[bytes], limit: int, packed_bytes: int) -> Iterator[bytes]:
        """Yield a stream's bytes and count them. Count them as refused unless the end is reached."""
        total, is_complete = 0, False
        try:
            for chunk in _bounded(stream, limit, packed_bytes):
                total += len(chunk)
                self._work.spend(len(chunk))
                yield chunk
            is_complete = True
        finally:
            if not is_complete:
                self._refused.spend(total + _CHUNK)


def _bounded(stream: IO[bytes], limit: int, packed_bytes: int) -> Iterator[bytes]:
    """Yield a stream's bytes. Raise RejectedError above `limit` or an implausible compression ratio."""
    total = 0
    while chunk := stream.read(_CHUNK):
        total += len(chunk)
        if total > limit:
            raise TooLargeError(limit)
        if total > max(RATIO_FREE_BYTES, packed_bytes * MAX_RATIO):
            raise RejectedError("its compression ratio is that of a zip bomb")
        yield chunk


def open_zip(file: BinaryIO) -> ZipTable:
    """Open a zip file. Raise RejectedError if it is not one, or if its directory is too large."""
    size_bytes = _check_directory(file)
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN as exc:
        raise RejectedError("it is not a zip file, or it is truncated") from exc
    _require_separate(archive)
    return ZipTable(archive, size_bytes)


def _require_separate(archive: zipfile.ZipFile) -> None:
    """Raise RejectedError if entries share bytes, as in bombs that unpack one stream under many names."""
    end = 0
    for entry in sorted(archive.infolist(), key=lambda each: each.header_offset):
        if entry.header_offset < end:
            raise RejectedError("its entries overlap, as those of a zip bomb do")
        end = entry.header_offset + entry.compress_size


def _check_directory(file: BinaryIO) -> int:
    """Check the size of the central directory before it is read, and return the size of the file."""
    file.seek(0, 2)
    size = file.tell()
    tail_start = max(0, size - _MAX_COMMENT - END_RECORD.size)
    file.seek(tail_start)
    tail = file.read()
    at = tail.rfind(END_SIGNATURE)
    if at < 0 or len(tail) - at < END_RECORD.size:
        raise RejectedError("it is not a zip file, or it is truncated")
    entries, directory_bytes = END_RECORD.unpack_from(tail, at)[4:6]
    if at >= ZIP64_LOCATOR.size and tail[at - ZIP64_LOCATOR.size : at].startswith(ZIP64_LOCATOR_SIGNATURE):
        entries, directory_bytes = _zip64(file, ZIP64_LOCATOR.unpack_from(tail, at - ZIP64_LOCATOR.size)[2])
    if entries > MAX_ZIP_ENTRIES or directory_bytes > MAX_ZIP_DIRECTORY_BYTES:
        raise RejectedError("its central directory is too large")
    return size


def _zip64(file: BinaryIO, offset: int) -> tuple[int, int]:
    try:
        file.seek(offset)
        record = file.read(ZIP64_END_RECORD.size)
    except (OSError, OverflowError, ValueError) as exc:
        raise RejectedError("its central directory is damaged") from exc
    if len(record) < ZIP64_END_RECORD.size or not record.startswith(ZIP64_END_SIGNATURE):
        raise RejectedError("its central directory is damaged")
    return ZIP64_END_RECORD.unpack(record)[7:9]
