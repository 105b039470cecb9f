"""One digest for everything that a Piece contains, to detect duplicates.

For a single content it is the SHA-256. With further files it also covers their names, contents and order.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from satchel.pieces.model import WholeFile

_SEVERAL: Final = b"satchel/v1/several-files\0"


def digest_of(content: bytes, files: Iterable[WholeFile]) -> bytes:
    """Return the digest of a content and its further files, whose names are normalized."""
    return combined(_sha256(content), ((file.name, _sha256(file.content)) for file in files))


def combined(main: bytes, files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return the digest for the SHA-256 of the main content and the name and SHA-256 of each further file."""
    parts = [name.encode() + b"\0" + sha256 for name, sha256 in files]
    return _sha256(_SEVERAL + main + b"".join(parts)) if parts else main


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
