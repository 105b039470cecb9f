"""File objects that read and write sealed files as plaintext."""

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from satchel.age import Identity, SealedFile, SealWriter

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

AGE_MAGIC: Final = b"age-encryption.org/v1\n"


class UnsealedFile(io.RawIOBase):
    """A seekable view of a sealed file's plaintext. It returns only authenticated bytes.

    Opening raises AgeError if the file is damaged or sealed to other recipients.
    """

    def __init__(self, path: Path, identities: Sequence[Identity]) -> None:
        self._descriptor = os.open(path, os.O_RDONLY)
        try:
            size = os.fstat(self._descriptor).st_size
            self._plain = SealedFile(self._read_at, size, identities)
        except BaseException:
            self.close()  # once: the finalizer would close a descriptor that is in use again by then
            raise
        self._position = 0

    def _read_at(self, offset: int, length: int) -> bytes:
        return os.pread(self._descriptor, length, offset)

    def readable(self) -> bool:
        """Return True: the file can be read."""
        return True

    def seekable(self) -> bool:
        """Return True: the file can be sought."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to an offset in the plaintext and return the new position."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._plain.size}[whence]
        if base + offset < 0:
            raise ValueError("before the start of the file")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        """Return the position in the plaintext."""
        return self._position

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # narrower than Buffer
        """Read plaintext into a buffer and return the number of bytes read."""
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
    """A write-only file that seals everything written to it."""

    def __init__(self, writer: SealWriter) -> None:
        self._writer = writer

    def writable(self) -> bool:
        """Return True: the file can be written."""
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        """Seal all bytes and return their number."""
        view = memoryview(data)
        self._writer.write(view)
        return view.nbytes


def is_sealed(path: Path) -> bool:
    """Tell whether a file starts like an age file."""
    with path.open("rb") as file:
        return file.read(len(AGE_MAGIC)) == AGE_MAGIC
