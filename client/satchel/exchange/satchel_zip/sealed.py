"""A sealed file as a file of its plaintext, so that what reads plain files reads sealed ones too."""

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from satchel.age import Identity, SealedFile, SealWriter

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

AGE_MAGIC: Final = b"age-encryption.org/v1\n"


class OpenedSeal(io.RawIOBase):
    """Reads and seeks in the plaintext of a sealed file; only authenticated bytes come out.

    Opening raises AgeError for a file that is damaged or sealed to somebody else.
    """

    def __init__(self, path: Path, identities: Sequence[Identity]) -> None:
        self._descriptor = os.open(path, os.O_RDONLY)
        try:
            size = os.fstat(self._descriptor).st_size
            self._plain = SealedFile(self._read_at, size, identities)
        except BaseException:
            os.close(self._descriptor)
            raise
        self._position = 0

    def _read_at(self, offset: int, length: int) -> bytes:
        return os.pread(self._descriptor, length, offset)

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def seekable(self) -> bool:
        """Say that this can be sought in."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place in the plaintext, counted as for any file."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._plain.size}[whence]
        if base + offset < 0:
            raise ValueError("before the start of the file")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        """Return the place in the plaintext."""
        return self._position

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # narrower than Buffer
        """Fill a buffer from the plaintext and return how many bytes that were."""
        length = min(len(buffer), max(self._plain.size - self._position, 0))
        buffer[:length] = self._plain.read_at(self._position, length)
        self._position += length
        return length

    def close(self) -> None:
        """Close the sealed file."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()


class SealingSink(io.RawIOBase):
    """A file to write to from front to back, whose bytes are sealed on their way."""

    def __init__(self, writer: SealWriter) -> None:
        self._writer = writer

    def writable(self) -> bool:
        """Say that this can be written."""
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        """Seal bytes and return how many they were: all."""
        view = memoryview(data)
        self._writer.write(view)
        return view.nbytes


def is_sealed(path: Path) -> bool:
    """Tell whether a file begins as age files do."""
    with path.open("rb") as file:
        return file.read(len(AGE_MAGIC)) == AGE_MAGIC
