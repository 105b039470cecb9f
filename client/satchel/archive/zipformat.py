"""The subset of the zip format that archives use: entries and directory, parsed and written.

No comments, data descriptors, flags or times, and no extra fields except zip64 where a number needs it. Given
contents have exactly one zip, so the parser re-encodes the records that it has read and compares the bytes. Python's
zipfile has no zstd before 3.14 and accepts far more.
"""

import struct
from typing import Final

import msgspec

from satchel.errors import IntegrityError
from satchel.zip_records import (
    CENTRAL_HEADER,
    CENTRAL_SIGNATURE,
    DATE_ZERO,
    END_RECORD,
    END_SIGNATURE,
    LOCAL_HEADER,
    LOCAL_SIGNATURE,
    MADE_BY_UNIX,
    PRIVATE_FILE_ATTRIBUTES,
    SATURATED_16,
    SATURATED_32,
    STORED,
    TIME_ZERO,
    VERSION_DEFLATE,
    VERSION_ZIP64,
    VERSION_ZSTD,
    ZIP64_END_RECORD,
    ZIP64_END_SIGNATURE,
    ZIP64_LOCATOR,
    ZIP64_LOCATOR_SIGNATURE,
    ZSTD,
    zip64_extra,
)

METHODS: Final = {STORED: "stored", ZSTD: "zstd"}
_VERSION: Final = {STORED: VERSION_DEFLATE, ZSTD: VERSION_ZSTD}
_MADE_BY: Final = MADE_BY_UNIX | VERSION_ZSTD

END_BYTES: Final = END_RECORD.size
TAIL_BYTES: Final = ZIP64_END_RECORD.size + ZIP64_LOCATOR.size + END_RECORD.size
"""The longest end of a zip without a comment."""


class Entry(msgspec.Struct, frozen=True):
    """One file of the zip. Sizes, and the offset of the local header, are in bytes."""

    name: str
    method: int
    crc32: int
    compressed_bytes: int
    size_bytes: int
    offset: int

    @property
    def data_offset(self) -> int:
        """The offset of its data."""
        return self.offset + LOCAL_HEADER.size + len(self.name) + (20 if self._is_long else 0)

    @property
    def end_offset(self) -> int:
        """The offset where its data ends and the next entry begins."""
        return self.data_offset + self.compressed_bytes

    @property
    def _is_long(self) -> bool:
        return self.compressed_bytes >= SATURATED_32 or self.size_bytes >= SATURATED_32

    @property
    def _version(self) -> int:
        is_zip64 = self._is_long or self.offset >= SATURATED_32
        return max(_VERSION[self.method], VERSION_ZIP64 if is_zip64 else 0)

    def local_header(self) -> bytes:
        """Return the local header with the name."""
        name = self.name.encode("ascii")
        version = max(_VERSION[self.method], VERSION_ZIP64 if self._is_long else 0)
        compressed, size, extra = self.compressed_bytes, self.size_bytes, b""
        if self._is_long:
            extra = zip64_extra([size, compressed])
            compressed = size = SATURATED_32
        fields = (
            LOCAL_SIGNATURE,
            version,
            0,
            self.method,
            TIME_ZERO,
            DATE_ZERO,
            self.crc32,
            compressed,
            size,
        )
        return LOCAL_HEADER.pack(*fields, len(name), len(extra)) + name + extra

    def central_header(self) -> bytes:
        """Return the entry's record in the central directory."""
        name = self.name.encode("ascii")
        wide = [self.size_bytes, self.compressed_bytes] if self._is_long else []
        wide += [self.offset] if self.offset >= SATURATED_32 else []
        extra = zip64_extra(wide)
        compressed = SATURATED_32 if self._is_long else self.compressed_bytes
        size = SATURATED_32 if self._is_long else self.size_bytes
        fields = (
            CENTRAL_SIGNATURE,
            _MADE_BY,
            self._version,
            0,
            self.method,
            TIME_ZERO,
            DATE_ZERO,
            self.crc32,
        )
        sizes = (compressed, size, len(name), len(extra), 0, 0, 0, PRIVATE_FILE_ATTRIBUTES)
        return CENTRAL_HEADER.pack(*fields, *sizes, min(self.offset, SATURATED_32)) + name + extra


class Directory(msgspec.Struct, frozen=True):
    """The position of the central directory."""

    count: int
    size_bytes: int
    offset: int

    @property
    def _needs_zip64(self) -> bool:
        return self.count >= SATURATED_16 or self.size_bytes >= SATURATED_32 or self.offset >= SATURATED_32

    @property
    def end_bytes(self) -> int:
        """The length of the records after the directory."""
        return TAIL_BYTES if self._needs_zip64 else END_BYTES

    def end_records(self) -> bytes:
        """Return the records after the directory; zip64 records only if a number needs them."""
        count = min(self.count, SATURATED_16)
        place = min(self.size_bytes, SATURATED_32), min(self.offset, SATURATED_32)
        end = END_RECORD.pack(END_SIGNATURE, 0, 0, count, count, *place, 0)
        if not self._needs_zip64:
            return end
        whole = (self.count, self.count, self.size_bytes, self.offset)
        versions = (_MADE_BY, VERSION_ZIP64)
        wide = ZIP64_END_RECORD.pack(ZIP64_END_SIGNATURE, ZIP64_END_RECORD.size - 12, *versions, 0, 0, *whole)
        return wide + ZIP64_LOCATOR.pack(ZIP64_LOCATOR_SIGNATURE, 0, self.offset + self.size_bytes, 1) + end


def parse_end(tail: bytes, zip_bytes: int) -> Directory:
    """Parse the end of a zip of `zip_bytes` bytes from its last `TAIL_BYTES` (fewer if it is shorter).

    Raise IntegrityError unless it has exactly the records that this module writes, right after the directory.
    """
    if len(tail) < END_BYTES:
        raise damaged("is shorter than the end of a zip")
    _, _, _, count, _, size, offset, _ = END_RECORD.unpack(tail[-END_BYTES:])
    if count == SATURATED_16 or SATURATED_32 in {size, offset}:
        if len(tail) < TAIL_BYTES:
            raise damaged("lacks its zip64 records")
        _, _, _, _, _, _, count, _, size, offset = ZIP64_END_RECORD.unpack(
            tail[-TAIL_BYTES:][: ZIP64_END_RECORD.size]
        )
    directory = Directory(count, size, offset)
    if (
        offset + size + directory.end_bytes != zip_bytes
        or offset > zip_bytes
        or not tail.endswith(directory.end_records())  # last: other numbers may not fit into a record
    ):
        raise damaged("has a malformed end")
    return directory


def parse_directory(raw: bytes, count: int) -> list[Entry]:
    """Parse the central directory. Raise IntegrityError unless this module would write exactly these bytes."""
    entries: list[Entry] = []
    at = 0
    while at < len(raw) and len(entries) < count:
        entry, at = _parse_central(raw, at)
        entries.append(entry)
    if at != len(raw) or len(entries) != count:
        raise damaged("has a malformed directory")
    return entries


def _parse_central(raw: bytes, at: int) -> tuple[Entry, int]:
    try:
        fields = CENTRAL_HEADER.unpack_from(raw, at)
        _, _, _, _, method, _, _, crc32, compressed, size, name_bytes, extra_bytes = fields[:12]
        name_at = at + CENTRAL_HEADER.size
        extra_at = name_at + name_bytes
        end = extra_at + extra_bytes
        wide = list(struct.unpack(f"<{extra_bytes // 8}Q", raw[extra_at + 4 : end])) if extra_bytes else []
        if size == SATURATED_32:
            size, compressed = wide.pop(0), wide.pop(0)
        offset = wide.pop(0) if fields[16] == SATURATED_32 else fields[16]
        name = raw[name_at:extra_at].decode("ascii")
        entry = Entry(name, method, crc32, compressed, size, offset)
        is_exact = method in METHODS and entry.central_header() == raw[at:end]
    except (struct.error, IndexError, UnicodeDecodeError) as exc:
        raise damaged("has a malformed directory") from exc
    if not is_exact:
        raise damaged("has a malformed directory")
    return entry, end


def damaged(what: str) -> IntegrityError:
    """Return the error for a zip that deviates from the format."""
    return IntegrityError(
        f"the zip in the archive {what}", hint="restore from another backup: satchel backups"
    )
