"""The zip inside a share: `content`, then `files/1`, …, then `piece.json` (docs/spec/share.md, section 4).

The content comes first so that `funzip`, which reads only one entry, prints it. The reader accepts this layout only.
Every byte belongs to an entry or to the directory, so all tools see the same content.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from satchel.errors import IntegrityError
from satchel.zip_records import (
    CENTRAL_HEADER,
    CENTRAL_SIGNATURE,
    DATE_ZERO,
    DEFLATED,
    END_RECORD,
    END_SIGNATURE,
    LOCAL_HEADER,
    LOCAL_SIGNATURE,
    MADE_BY_UNIX,
    PRIVATE_FILE_ATTRIBUTES,
    STORED,
    TIME_ZERO,
    VERSION_DEFLATE,
)

CONTENT: Final = b"content"
DOCUMENT: Final = b"piece.json"
MAX_FILES: Final = 299  # in addition to the content
MAX_CONTENT_BYTES: Final = 64 << 20  # of content and files together
MAX_DOCUMENT_BYTES: Final = 256 << 10
MAX_RATIO: Final = 200  # deflate reaches 1032; data that compresses better is stored
MAX_ZIP_BYTES: Final = MAX_CONTENT_BYTES + MAX_DOCUMENT_BYTES + (32 << 10)  # 301 entries' headers: 29 KiB

_MADE_BY: Final = MADE_BY_UNIX | VERSION_DEFLATE
_HARMLESS_FLAGS: Final = 0x0806  # the level of deflate, and UTF-8 names


class Unpacked(NamedTuple):
    """The content of a share's zip."""

    content: bytes
    files: tuple[bytes, ...]
    document: bytes


@dataclass(frozen=True)
class _Entry:
    """An entry: its name, and the fields that both of its headers repeat."""

    name: bytes
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed_size: int
    size: int

    def fields(self) -> tuple[int, ...]:
        return (
            VERSION_DEFLATE,
            self.flags,
            self.method,
            self.time,
            self.date,
            self.crc,
            self.packed_size,
            self.size,
        )

    def local_header(self) -> bytes:
        return LOCAL_HEADER.pack(LOCAL_SIGNATURE, *self.fields(), len(self.name), 0) + self.name

    def central_header(self, offset: int) -> bytes:
        tail = (len(self.name), 0, 0, 0, 0, PRIVATE_FILE_ATTRIBUTES, offset)
        return CENTRAL_HEADER.pack(CENTRAL_SIGNATURE, _MADE_BY, *self.fields(), *tail) + self.name


def pack(content: bytes, document: bytes, files: Sequence[bytes] = (), *, is_stored: bool = False) -> bytes:
    """Return the zip of a share, without times or randomness. The caller enforces the limits above.

    With `is_stored`, nothing is compressed, so that the length of the zip follows from those of its entries.
    """
    body, directory = bytearray(), bytearray()
    names = _names(len(files))
    for name, data in zip(names, (content, *files, document), strict=True):
        method, packed = (STORED, data) if is_stored else _compress(data)
        entry = _Entry(name, 0, method, TIME_ZERO, DATE_ZERO, zlib.crc32(data), len(packed), len(data))
        directory += entry.central_header(len(body))
        body += entry.local_header() + packed
    end = END_RECORD.pack(END_SIGNATURE, 0, 0, len(names), len(names), len(directory), len(body), 0)
    return bytes(body + directory + end)


def unpack(data: bytes) -> Unpacked:
    """Parse the zip of a share. Raise IntegrityError on any other layout."""
    try:
        return _unpack(data)
    except struct.error as exc:
        raise _damaged("it is truncated") from exc


def _names(files: int) -> list[bytes]:
    """Return the names of all entries in order."""
    return [CONTENT, *(b"files/%d" % number for number in range(1, files + 1)), DOCUMENT]


def _unpack(data: bytes) -> Unpacked:
    entries, start, end = _read_end(data)
    at, central, left, results = 0, start, MAX_CONTENT_BYTES, []
    for name in _names(entries - 2):
        entry, offset, central = _read_central(data, central)
        if entry.name != name or offset != at:
            raise _damaged("its entries are not those of a share")
        at, packed = _read_local(data, at, entry)
        results.append(_decompress(entry, packed, MAX_DOCUMENT_BYTES if name == DOCUMENT else left))
        left -= entry.size
    if at != start or central != end:
        raise _damaged("there are bytes between its parts")
    content, *files, document = results
    return Unpacked(content, tuple(files), document)


def _read_end(data: bytes) -> tuple[int, int, int]:
    """Return the number of entries, and the start and end of the directory, from the final record."""
    if not END_RECORD.size <= len(data) <= MAX_ZIP_BYTES:
        raise _damaged("its size is impossible")
    at = len(data) - END_RECORD.size
    magic, *disks, entries, total, size, offset, comment = END_RECORD.unpack_from(data, at)
    if (
        magic != END_SIGNATURE
        or any(disks)
        or not 2 <= entries <= MAX_FILES + 2
        or (total, comment) != (entries, 0)
        or offset + size != at
    ):
        raise _damaged("its final record is not that of a share")
    return entries, offset, at


def _read_central(data: bytes, at: int) -> tuple[_Entry, int, int]:
    """Return the entry in the directory at this position, its offset, and the position of the next one."""
    magic, _made_by, _needed, *fields, name_size, extra, comment, disk, _kind, _mode, offset = (
        CENTRAL_HEADER.unpack_from(data, at)
    )
    if magic != CENTRAL_SIGNATURE or extra or comment or disk or name_size > len(DOCUMENT):
        raise _damaged("its directory is not that of plain entries")
    name_at = at + CENTRAL_HEADER.size
    return _Entry(data[name_at : name_at + name_size], *fields), offset, name_at + name_size


def _read_local(data: bytes, at: int, entry: _Entry) -> tuple[int, bytes]:
    """Return the end of the entry and its packed bytes. Its header must match the directory."""
    magic, _needed, *fields, name_size, extra = LOCAL_HEADER.unpack_from(data, at)
    start = at + LOCAL_HEADER.size + name_size
    if magic != LOCAL_SIGNATURE or extra or _Entry(data[start - name_size : start], *fields) != entry:
        raise _damaged("an entry's two headers differ")
    packed = data[start : start + entry.packed_size]
    if len(packed) != entry.packed_size:
        raise _damaged("it is truncated")
    return start + entry.packed_size, packed


def _compress(data: bytes) -> tuple[int, bytes]:
    """Return the method and the packed bytes: deflated, unless that is larger or looks like a zip bomb."""
    packer = zlib.compressobj(level=9, wbits=-15)
    packed = packer.compress(data) + packer.flush()
    is_worthwhile = len(packed) < len(data) <= MAX_RATIO * len(packed)
    return (DEFLATED, packed) if is_worthwhile else (STORED, data)


def _decompress(entry: _Entry, packed: bytes, limit: int) -> bytes:
    """Return the bytes of an entry, verified against its size, checksum and limits."""
    if entry.flags & ~_HARMLESS_FLAGS or entry.method not in {STORED, DEFLATED}:
        raise _damaged("an entry is encrypted or uses an unknown method")
    if entry.size > limit or entry.size > MAX_RATIO * entry.packed_size:
        raise _damaged("an entry expands beyond the limit of a share")
    data = packed if entry.method == STORED else _inflate(packed, entry.size)
    if len(data) != entry.size or zlib.crc32(data) != entry.crc:
        raise _damaged("an entry's checksum is wrong")
    return data


def _inflate(packed: bytes, size: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=-15)
    try:
        data = unpacker.decompress(packed, size + 1)  # one byte more than stated, to detect excess
    except zlib.error as exc:
        raise _damaged("an entry cannot be unpacked") from exc
    if not unpacker.eof or unpacker.unused_data:
        raise _damaged("an entry does not have its stated size")
    return data


def _damaged(why: str) -> IntegrityError:
    return IntegrityError(f"the share's zip is malformed: {why}", hint="ask for a new link")
