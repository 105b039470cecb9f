"""Standard input with bounds, for a library that reads messages of any length."""

from typing import BinaryIO, Final

MAX_HEADER_BYTES: Final = 200  # of one line
MAX_MESSAGE_BYTES: Final = 64 * 2**20
"""A document and what JSON adds. Editors do not open larger texts with a language server."""


class BoundedInput:
    """Reads lines of a header and messages. A longer message ends the input: it cannot be skipped safely."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._is_over = False

    def readline(self) -> bytes:
        """Return a line of a header, or a part of one that is too long; nothing at the end."""
        return b"" if self._is_over else self._stream.readline(MAX_HEADER_BYTES)

    def read(self, count: int) -> bytes:
        """Return the bytes of a message; nothing at the end, and if there are too many."""
        if self._is_over or count > MAX_MESSAGE_BYTES:
            self._is_over = True
            return b""
        return self._stream.read(count)
