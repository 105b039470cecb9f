"""Reading archives of which each read may be a request to a distant cloud.

Opening an archive takes many small reads at its beginning (age's header) and near its end (the manifest,
the directory, age's last chunk). A small archive is fetched whole, of a large one both ends are, and kept.
A chain has many archives, so what one of them keeps can be let go until it is needed again.
"""

import threading
from collections.abc import Callable
from typing import Final, Protocol

from satchel.archive.destination import ArchiveReader
from satchel.errors import IntegrityError

END_BYTES: Final = 256 * 2**10
"""How much of each end of an archive is kept: room for the directory and manifest of 2 GiB of frames."""


class Readable(Protocol):
    """What opening an archive takes of a reader."""

    @property
    def size_bytes(self) -> int:
        """The sealed length."""
        ...

    def read_at(self, offset: int, length: int) -> bytes:
        """Read exactly so many bytes."""
        ...


class KeptEnds:
    """A reader that asks for what lies at either end only once. For several threads at once."""

    def __init__(self, reader: Readable) -> None:
        self._reader = reader
        self.size_bytes: Final = reader.size_bytes
        self._ends: dict[tuple[int, int], bytes] = {}

    def read_at(self, offset: int, length: int) -> bytes:
        """Read exactly so many bytes."""
        for start, end in self._spans():
            if start <= offset and offset + length <= end:
                kept = self._ends.get((start, end))
                if kept is None:
                    kept = self._ends[start, end] = self._reader.read_at(start, end - start)
                return kept[offset - start : offset - start + length]
        return self._reader.read_at(offset, length)

    def _spans(self) -> tuple[tuple[int, int], ...]:
        size = self.size_bytes
        if size <= 2 * END_BYTES:
            return ((0, size),)
        return ((0, END_BYTES), (size - END_BYTES, size))


class OnDemand:
    """An archive that is open only while it is read: opened at the first read, closed by `release`.

    For several threads at once, but nobody may be reading while it is released.
    """

    def __init__(self, open_reader: Callable[[], ArchiveReader]) -> None:
        self._open_reader = open_reader
        self._lock = threading.Lock()
        self._open: tuple[ArchiveReader, KeptEnds] | None = None
        self._size_bytes: int | None = None

    @property
    def size_bytes(self) -> int:
        """The sealed length."""
        return self._ends().size_bytes

    def read_at(self, offset: int, length: int) -> bytes:
        """Read exactly so many bytes. IntegrityError if the archive has another length than it had."""
        return self._ends().read_at(offset, length)

    def release(self) -> None:
        """Close the archive and let go what is kept of it."""
        with self._lock:
            if self._open is not None:
                reader, self._open = self._open[0], None
                reader.__exit__(None, None, None)

    def _ends(self) -> KeptEnds:
        with self._lock:
            if self._open is None:
                reader = self._open_reader()
                self._size_bytes = self._size_bytes or reader.size_bytes
                if reader.size_bytes != self._size_bytes:
                    reader.__exit__(None, None, None)
                    raise IntegrityError("an archive changed while it was read", hint="try again")
                self._open = (reader, KeptEnds(reader))
            return self._open[1]
