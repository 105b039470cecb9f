"""Writes the zip of an archive, front to back, to a sink that cannot seek."""

from collections.abc import Callable
from typing import Protocol
from zlib import crc32

from satchel.archive.zipformat import Directory, Entry
from satchel.zip_records import STORED

_ZEROS = bytes(2**18)


class Sink(Protocol):
    """Takes bytes in order."""

    def write(self, data: bytes, /) -> int:
        """Write all of the data."""
        ...


class ZipWriter:
    """Writes entries in the order they are added; `finish` completes the zip."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._entries: list[Entry] = []
        self._directory_bytes = 0
        self._position = 0

    def add_stored(self, name: str, data: bytes) -> None:
        """Add an uncompressed entry."""
        self.add_compressed(name, STORED, data, size_bytes=len(data), checksum=crc32(data))

    def add_compressed(self, name: str, method: int, data: bytes, *, size_bytes: int, checksum: int) -> None:
        """Add a compressed entry; size and CRC-32 are those of the expanded data."""
        self._begin(Entry(name, method, checksum, len(data), size_bytes, self._position))
        self._sink.write(data)

    def add_padding(self, name: str, choose: Callable[[Callable[[int], int]], int]) -> None:
        """Add the last entry, all zeros. `choose` returns their number.

        Its argument is a function from a number of zeros to the length of the zip.
        """
        padding = choose(self._length_with(name))
        entry = Entry(name, STORED, _crc32_of_zeros(padding), padding, padding, self._position)
        self._begin(entry)
        for at in range(0, padding, len(_ZEROS)):
            self._sink.write(_ZEROS[: min(len(_ZEROS), padding - at)])

    def finish(self) -> int:
        """Write the directory; return the length of the zip."""
        directory = Directory(len(self._entries), self._directory_bytes, self._position)
        self._sink.write(b"".join(entry.central_header() for entry in self._entries))
        self._sink.write(directory.end_records())
        return self._position + self._directory_bytes + directory.end_bytes

    def _begin(self, entry: Entry) -> None:
        self._sink.write(entry.local_header())
        self._entries.append(entry)
        self._directory_bytes += len(entry.central_header())
        self._position = entry.end_offset

    def _length_with(self, name: str) -> Callable[[int], int]:
        """Return a function from the number of zeros in the last entry to the length of the zip."""

        def length(padding: int) -> int:
            entry = Entry(name, STORED, 0, padding, padding, self._position)
            directory_bytes = self._directory_bytes + len(entry.central_header())
            directory = Directory(len(self._entries) + 1, directory_bytes, entry.end_offset)
            return entry.end_offset + directory_bytes + directory.end_bytes

        return length


def _crc32_of_zeros(length: int) -> int:
    checksum = 0
    for at in range(0, length, len(_ZEROS)):
        checksum = crc32(_ZEROS[: min(len(_ZEROS), length - at)], checksum)
    return checksum
