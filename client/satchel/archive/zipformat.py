"""The records of the zip format that an archive uses, as values and as bytes (APPNOTE 6.3.10).

A strict subset: no comments, no data descriptors, no flags, no extra fields but zip64 where a number
needs it, one fixed time. So there is one way to write an archive, and reading is: parse, write again,
compare. Python's zipfile has no zstd before 3.14 and accepts far more than this.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from satchel.errors import IntegrityError

STORED: Final = 0
ZSTD: Final = 93
METHODS: Final = {STORED: "stored", ZSTD: "zstd"}

_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
_END64: Final = struct.Struct("<4sQ2H2I4Q")
_LOCATOR64: Final = struct.Struct("<4sIQI")
_SATURATED_32: Final = 0xFFFF_FFFF
_SATURATED_16: Final = 0xFFFF
_ZIP64_TAG: Final = 1
_MADE_BY_UNIX: Final = 3 << 8
_VERSION: Final = {STORED: 20, ZSTD: 63}  # APPNOTE 4.4.3.2
_VERSION_ZIP64: Final = 45
_DATE_1980: Final = 0x0021  # 1980-01-01 00:00, the first that the format knows: times are in the manifest
_PRIVATE_FILE: Final = 0o100600 << 16

END_BYTES: Final = _END.size
TAIL_BYTES: Final = _END64.size + _LOCATOR64.size + _END.size
"""The longest end of a zip without a comment: what a reader must look at first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the zip. Sizes and the offset of its local header are bytes."""

    name: str
    method: int
    crc32: int
    compressed_bytes: int
    size_bytes: int
    offset: int

    @property
    def data_offset(self) -> int:
        """Where its data begins."""
        return self.offset + _LOCAL.size + len(self.name) + (20 if self._is_long else 0)

    @property
    def end_offset(self) -> int:
        """Where its data ends: there the next entry begins."""
        return self.data_offset + self.compressed_bytes

    @property
    def _is_long(self) -> bool:
        return self.compressed_bytes >= _SATURATED_32 or self.size_bytes >= _SATURATED_32

    @property
    def _version(self) -> int:
        is_zip64 = self._is_long or self.offset >= _SATURATED_32
        return max(_VERSION[self.method], _VERSION_ZIP64 if is_zip64 else 0)

    def local_header(self) -> bytes:
        """Return the local header with the name."""
        name = self.name.encode("ascii")
        version = max(_VERSION[self.method], _VERSION_ZIP64 if self._is_long else 0)
        compressed, size, extra = self.compressed_bytes, self.size_bytes, b""
        if self._is_long:
            extra = _zip64_extra([size, compressed])
            compressed = size = _SATURATED_32
        fields = (b"PK\3\4", version, 0, self.method, 0, _DATE_1980, self.crc32, compressed, size)
        return _LOCAL.pack(*fields, len(name), len(extra)) + name + extra

    def central_header(self) -> bytes:
        """Return the entry's record in the central directory."""
        name = self.name.encode("ascii")
        wide = [self.size_bytes, self.compressed_bytes] if self._is_long else []
        wide += [self.offset] if self.offset >= _SATURATED_32 else []
        extra = _zip64_extra(wide)
        compressed = _SATURATED_32 if self._is_long else self.compressed_bytes
        size = _SATURATED_32 if self._is_long else self.size_bytes
        fields = (b"PK\1\2", _MADE_BY_UNIX | 63, self._version, 0, self.method, 0, _DATE_1980, self.crc32)
        sizes = (compressed, size, len(name), len(extra), 0, 0, 0, _PRIVATE_FILE)
        return _CENTRAL.pack(*fields, *sizes, min(self.offset, _SATURATED_32)) + name + extra


def _zip64_extra(values: Sequence[int]) -> bytes:
    if not values:
        return b""
    return struct.pack(f"<2H{len(values)}Q", _ZIP64_TAG, 8 * len(values), *values)


@dataclass(frozen=True, slots=True)
class Directory:
    """Where the central directory lies."""

    count: int
    size_bytes: int
    offset: int

    @property
    def _needs_zip64(self) -> bool:
        return self.count >= _SATURATED_16 or self.size_bytes >= _SATURATED_32 or self.offset >= _SATURATED_32

    @property
    def end_bytes(self) -> int:
        """How long the records after the directory are."""
        return TAIL_BYTES if self._needs_zip64 else END_BYTES

    def end_records(self) -> bytes:
        """Return the records after the directory, the zip64 ones only if a number needs them."""
        count = min(self.count, _SATURATED_16)
        place = min(self.size_bytes, _SATURATED_32), min(self.offset, _SATURATED_32)
        end = _END.pack(b"PK\5\6", 0, 0, count, count, *place, 0)
        if not self._needs_zip64:
            return end
        whole = (self.count, self.count, self.size_bytes, self.offset)
        versions = (_MADE_BY_UNIX | 63, _VERSION_ZIP64)
        wide = _END64.pack(b"PK\6\6", _END64.size - 12, *versions, 0, 0, *whole)
        return wide + _LOCATOR64.pack(b"PK\6\7", 0, self.offset + self.size_bytes, 1) + end


def parse_end(tail: bytes, zip_bytes: int) -> Directory:
    """Read the end of a zip of `zip_bytes` bytes from its last `TAIL_BYTES` (or fewer, if it is shorter).

    IntegrityError unless these are exactly the records that this module writes, with the directory
    reaching up to them.
    """
    if len(tail) < END_BYTES:
        raise damaged("is shorter than the end of a zip")
    _, _, _, count, _, size, offset, _ = _END.unpack(tail[-END_BYTES:])
    if count == _SATURATED_16 or _SATURATED_32 in {size, offset}:
        if len(tail) < TAIL_BYTES:
            raise damaged("lacks its zip64 records")
        _, _, _, _, _, _, count, _, size, offset = _END64.unpack(tail[-TAIL_BYTES:][: _END64.size])
    directory = Directory(count, size, offset)
    if (
        not tail.endswith(directory.end_records())
        or offset + size + directory.end_bytes != zip_bytes
        or offset > zip_bytes
    ):
        raise damaged("has a malformed end")
    return directory


def parse_directory(raw: bytes, count: int) -> list[Entry]:
    """Read the central directory. IntegrityError unless it is exactly what this module would write."""
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
        fields = _CENTRAL.unpack_from(raw, at)
        _, _, _, _, method, _, _, crc32, compressed, size, name_bytes, extra_bytes = fields[:12]
        name_at = at + _CENTRAL.size
        extra_at = name_at + name_bytes
        end = extra_at + extra_bytes
        wide = list(struct.unpack(f"<{extra_bytes // 8}Q", raw[extra_at + 4 : end])) if extra_bytes else []
        if size == _SATURATED_32:
            size, compressed = wide.pop(0), wide.pop(0)
        offset = wide.pop(0) if fields[16] == _SATURATED_32 else fields[16]
        name = raw[name_at:extra_at].decode("ascii")
        entry = Entry(name, method, crc32, compressed, size, offset)
        is_exact = method in METHODS and entry.central_header() == raw[at:end]
    except (struct.error, IndexError, UnicodeDecodeError) as exc:
        raise damaged("has a malformed directory") from exc
    if not is_exact:
        raise damaged("has a malformed directory")
    return entry, end


def damaged(what: str) -> IntegrityError:
    """Return the error for an archive whose zip is not as the format says."""
    return IntegrityError(
        f"the zip in the archive {what}", hint="restore from another backup: satchel backups"
    )
