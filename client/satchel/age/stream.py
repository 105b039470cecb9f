"""The payload of an age file: STREAM over 64 KiB chunks (C2SP age, "Payload").

Chunks are sealed and opened in batches, from one buffer into another. `cryptography` releases the interpreter lock
for each chunk, so batches run in parallel on threads. This module itself does no I/O and starts no threads.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from satchel.age.errors import PayloadError
from satchel.age.keywrap import FileKey, derive_key

NONCE_BYTES: Final = 16  # precedes the chunks and makes the payload key unique
CHUNK_BYTES: Final = 64 * 1024
TAG_BYTES: Final = 16
SEALED_CHUNK_BYTES: Final = CHUNK_BYTES + TAG_BYTES
BATCH_CHUNKS: Final = 16  # 1 MiB; larger batches measured no faster
BATCH_BYTES: Final = BATCH_CHUNKS * CHUNK_BYTES
SEALED_BATCH_BYTES: Final = BATCH_CHUNKS * SEALED_CHUNK_BYTES

_ENDS: Final = {False: b"\x00", True: b"\x01"}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a payload, without its nonce, divides into chunks."""

    chunks: int
    size_bytes: int  # of the plaintext

    @classmethod
    def of_sealed(cls, sealed_bytes: int) -> "Layout":
        """Return the layout of a sealed payload. Raise PayloadError if no plaintext has this sealed length."""
        full, rest = divmod(sealed_bytes, SEALED_CHUNK_BYTES)
        chunks = full + (rest > 0)
        if sealed_bytes < TAG_BYTES or 0 < rest < TAG_BYTES or (rest == TAG_BYTES and full):
            raise PayloadError("the sealed file is truncated")
        return cls(chunks, sealed_bytes - chunks * TAG_BYTES)

    @classmethod
    def of_plaintext(cls, size_bytes: int) -> "Layout":
        """Return the layout of a plaintext. An empty one has one chunk."""
        return cls(max(1, -(-size_bytes // CHUNK_BYTES)), size_bytes)

    @property
    def sealed_bytes(self) -> int:
        """The length of the sealed payload without its nonce."""
        return self.size_bytes + self.chunks * TAG_BYTES


class PayloadCipher:
    """Seals and opens the numbered chunks of one file. Thread-safe."""

    __slots__ = ("_aead",)

    def __init__(self, file_key: FileKey, nonce: bytes) -> None:
        self._aead = ChaCha20Poly1305(derive_key(bytes(file_key), salt=nonce, info=b"payload"))

    def seal(self, first: int, plain: memoryview, out: memoryview, *, is_end: bool) -> int:
        """Seal consecutive chunks, numbered from `first`, into `out`. Return the number of bytes written.

        Every chunk is full, except possibly the last one of the file. `is_end`: `plain` contains that chunk.
        """
        layout = Layout.of_plaintext(len(plain))
        for place in range(layout.chunks):
            piece = plain[place * CHUNK_BYTES : (place + 1) * CHUNK_BYTES]
            start = place * SEALED_CHUNK_BYTES
            is_final = is_end and place == layout.chunks - 1
            target = out[start : start + len(piece) + TAG_BYTES]
            self._aead.encrypt_into(_nonce(first + place, is_final=is_final), piece, None, target)
        return layout.sealed_bytes

    def open(self, index: int, sealed: memoryview, out: memoryview, *, is_final: bool) -> bool:
        """Open one chunk into `out`. Return False, leaving garbage in `out`, if it does not authenticate."""
        try:
            self._aead.decrypt_into(_nonce(index, is_final=is_final), sealed, None, out)
        except InvalidTag:
            return False
        return True


def _nonce(index: int, *, is_final: bool) -> bytes:
    return index.to_bytes(11, "big") + _ENDS[is_final]
