"""Record layouts and constants of the zip format (APPNOTE 6.3.10), shared by its readers and writers.

An archive, a share and an imported zip each have a reader of their own, strict in its own way. All integers
are little-endian.
"""

import struct
from collections.abc import Sequence
from typing import Final

LOCAL_SIGNATURE: Final = b"PK\3\4"
LOCAL_HEADER: Final = struct.Struct("<4s5H3I2H")
"""Signature; version needed, flags, method, time, date; CRC-32, compressed size, size; lengths of name, extra."""

CENTRAL_SIGNATURE: Final = b"PK\1\2"
CENTRAL_HEADER: Final = struct.Struct("<4s6H3I5H2I")
"""Signature; version made by, then as in the local header up to the lengths of name and extra; length of the
comment, disk, internal attributes; external attributes, offset of the local header."""

END_SIGNATURE: Final = b"PK\5\6"
END_RECORD: Final = struct.Struct("<4s4H2IH")
"""Signature; this disk, disk of the directory, entries on this disk, entries; size and offset of the directory;
length of the comment."""

ZIP64_END_SIGNATURE: Final = b"PK\6\6"
ZIP64_END_RECORD: Final = struct.Struct("<4sQ2H2I4Q")
"""Signature; size of the rest; versions made by and needed; disks; entries on this disk, entries, size and offset
of the directory."""

ZIP64_LOCATOR_SIGNATURE: Final = b"PK\6\7"
ZIP64_LOCATOR: Final = struct.Struct("<4sIQI")
"""Signature; disk and offset of the zip64 end record; number of disks."""

SATURATED_16: Final = 0xFFFF
SATURATED_32: Final = 0xFFFF_FFFF
"""In a 32-bit field: the number is in a zip64 record."""

STORED: Final = 0
DEFLATED: Final = 8
ZSTD: Final = 93

VERSION_DEFLATE: Final = 20  # APPNOTE 4.4.3.2, for stored entries too
VERSION_ZIP64: Final = 45
VERSION_ZSTD: Final = 63

MADE_BY_UNIX: Final = 3 << 8
"""Upper byte of "version made by": external attributes hold a Unix mode."""

PRIVATE_FILE_ATTRIBUTES: Final = 0o100600 << 16
"""External attributes of a regular file that only its owner can read."""

TIME_ZERO: Final = 0
DATE_ZERO: Final = 0x0021
"""1980-01-01, the earliest date of the format: written where entries carry no time."""

_ZIP64_EXTRA_TAG: Final = 1


def zip64_extra(values: Sequence[int]) -> bytes:
    """Return the extra field that holds the numbers too large for a header; empty if there are none."""
    if not values:
        return b""
    return struct.pack(f"<2H{len(values)}Q", _ZIP64_EXTRA_TAG, 8 * len(values), *values)
