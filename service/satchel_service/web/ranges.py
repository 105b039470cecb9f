"""Byte ranges of RFC 9110, section 14: one range, or the whole."""

import re
from typing import Final, NamedTuple

from satchel_service.problems import ProblemError
from satchel_wire.problems import ProblemCode

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.IGNORECASE)


class ByteRange(NamedTuple):
    """Part of an object; never empty."""

    start: int
    length: int

    def content_range(self, size: int) -> str:
        """Return the value of `Content-Range`."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """Return what a `Range` header asks of an object; None for the whole.

    What the RFC lets a server pass over (several ranges, other units, anything malformed) asks for the whole. A
    range that lies outside the object is a problem.
    """
    match = _RANGE.fullmatch((header or "").replace(" ", ""))
    if match is None or match[0].endswith("=-"):
        return None
    first, last = match[1], match[2]
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < start:
            return None
    if start >= end:
        raise ProblemError(
            ProblemCode.RANGE, f"the object has {size} bytes", headers=(("Content-Range", f"bytes */{size}"),)
        )
    return ByteRange(start, end - start)
