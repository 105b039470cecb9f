"""One digest for all that a Piece contains, by which it is told whether the same is there already.

Of a single content it is its SHA-256, so that saving a file twice is noticed. With further files it covers
their names, their contents and their order too: two Pieces are the same only if all of that is.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from satchel.pieces.model import WholeFile

_SEVERAL: Final = b"satchel/v1/several-files\0"


def digest_of(content: bytes, files: Iterable[WholeFile]) -> bytes:
    """The digest of a content and the files behind it, named as a store keeps them."""
    return combined(_sha256(content), ((file.name, _sha256(file.content)) for file in files))


def combined(main: bytes, files: Iterable[tuple[str, bytes]]) -> bytes:
    """The digest from the SHA-256 of the main content, and the name and SHA-256 of each further file."""
    parts = [name.encode() + b"\0" + sha256 for name, sha256 in files]
    return _sha256(_SEVERAL + main + b"".join(parts)) if parts else main


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
