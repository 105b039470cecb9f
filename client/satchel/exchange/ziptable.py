"""A zip file that anyone may have made, opened so that neither its table nor its entries can hurt.

`zipfile` reads the whole table of contents into memory, so its size is looked at first. Entries are read
by exact name, never unpacked to disk, and counted while they are unpacked, whatever they claim.
"""

import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, BinaryIO, Final

from satchel.exchange.limits import (
    MAX_RATIO,
    MAX_ZIP_DIRECTORY_BYTES,
    MAX_ZIP_ENTRIES,
    MAX_ZIP_TOTAL_BYTES,
    RATIO_FREE_BYTES,
)
from satchel.exchange.reading import TooLargeError, UnfitError
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

# Of bzip2 and LZMA, `zipfile` unpacks whatever it has read at once, however much that becomes.
_BOUNDED_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})

_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


class ZipTable:
    """The entries of an open zip, by exact name; a name that occurs twice is refused when it is read."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._left_bytes = MAX_ZIP_TOTAL_BYTES
        self._entries: dict[str, list[zipfile.ZipInfo]] = {}
        for entry in archive.infolist():
            self._entries.setdefault(entry.filename, []).append(entry)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def read(self, name: str, limit: int) -> bytes:
        """Return an entry of at most `limit` bytes, its checksum verified; anything else is an UnfitError.

        So is every entry after MAX_ZIP_TOTAL_BYTES in all: a small zip may name the same large entry again and again.
        """
        found = self._entries.get(name, [])
        if len(found) != 1:
            raise UnfitError("its content is missing" if not found else "its content is there twice")
        if found[0].compress_type not in _BOUNDED_METHODS:
            raise UnfitError("its content is packed in a way that satchel does not take: use deflate")
        try:
            with self._archive.open(found[0]) as stream:
                data = b"".join(_bounded(stream, limit, found[0].compress_size))
        except UnfitError:
            raise
        except _BROKEN as exc:
            raise UnfitError("its content is damaged") from exc
        self._left_bytes -= len(data)
        if self._left_bytes < 0:
            raise UnfitError("what was read before it is more than any export unpacks to")
        return data


def _bounded(stream: IO[bytes], limit: int, packed_bytes: int) -> Iterator[bytes]:
    """Yield a stream's bytes; more than `limit`, or out of all proportion to what is packed, is an UnfitError."""
    total = 0
    while chunk := stream.read(_CHUNK):
        total += len(chunk)
        if total > limit:
            raise TooLargeError(limit)
        if total > max(RATIO_FREE_BYTES, packed_bytes * MAX_RATIO):
            raise UnfitError("it unpacks to far more than it packs: a zip bomb")
        yield chunk


def open_zip(file: BinaryIO) -> ZipTable:
    """Open a zip for reading; not a zip, or one with an absurd table: UnfitError."""
    _check_table(file)
    try:
        return ZipTable(zipfile.ZipFile(file))
    except _BROKEN as exc:
        raise UnfitError("it is not a zip file, or it is cut off") from exc


def _check_table(file: BinaryIO) -> None:
    """Refuse a table of contents larger than any honest one, before it is read."""
    file.seek(0, 2)
    size = file.tell()
    tail_start = max(0, size - _MAX_COMMENT - END_RECORD.size)
    file.seek(tail_start)
    tail = file.read()
    at = tail.rfind(END_SIGNATURE)
    if at < 0 or len(tail) - at < END_RECORD.size:
        raise UnfitError("it is not a zip file, or it is cut off")
    entries, table_bytes = END_RECORD.unpack_from(tail, at)[4:6]
    if at >= ZIP64_LOCATOR.size and tail[at - ZIP64_LOCATOR.size : at].startswith(ZIP64_LOCATOR_SIGNATURE):
        entries, table_bytes = _zip64(file, ZIP64_LOCATOR.unpack_from(tail, at - ZIP64_LOCATOR.size)[2])
    if entries > MAX_ZIP_ENTRIES or table_bytes > MAX_ZIP_DIRECTORY_BYTES:
        raise UnfitError("its table of contents is absurdly large")


def _zip64(file: BinaryIO, offset: int) -> tuple[int, int]:
    try:
        file.seek(offset)
        record = file.read(ZIP64_END_RECORD.size)
    except (OSError, OverflowError, ValueError) as exc:
        raise UnfitError("its table of contents is damaged") from exc
    if len(record) < ZIP64_END_RECORD.size or not record.startswith(ZIP64_END_SIGNATURE):
        raise UnfitError("its table of contents is damaged")
    return ZIP64_END_RECORD.unpack(record)[7:9]
