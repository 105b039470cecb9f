"""The entries of an archive: exact names in exact order, adjacent, each within its limits.

Only the directory is checked here, before any entry is read. `frames` checks expanded data.
"""

from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import Final

import msgspec

from satchel.archive.blockmap import RUN_BYTES
from satchel.archive.frames import frame_sizes
from satchel.archive.limits import (
    BLOCK_BYTES,
    FRAME_BYTES,
    MAX_BLOCKS,
    MAX_FRAMES,
    MAX_MANIFEST_BYTES,
    MAX_RATIO,
    MAX_RUNS,
)
from satchel.archive.zipformat import TAIL_BYTES, Entry, damaged, parse_directory, parse_end
from satchel.zip_records import STORED, ZSTD

ReadAt = Callable[[int, int], bytes]
"""`read_at(offset, length)` returns those bytes of the opened archive, fewer only at its end."""

MAP_NAME: Final = "blocks.map"
MANIFEST_NAME: Final = "manifest.json"
MAC_NAME: Final = "manifest.mac"
PADDING_NAME: Final = "padding"
MAC_BYTES: Final = 64  # SHA-256 in hex
MEMORY_MAP_NAME: Final = "memory.map"

_LAST_NAMES: Final = (MANIFEST_NAME, MAC_NAME, PADDING_NAME)
_MAX_ENTRIES: Final = MAX_FRAMES + 2 + len((MAP_NAME, MEMORY_MAP_NAME, *_LAST_NAMES))
_MAX_DIRECTORY_BYTES: Final = _MAX_ENTRIES * (46 + 28 + 16)
_MEMORY: Final = "memory"


def frame_name(number: int) -> str:
    """Return the name of a frame's entry."""
    return f"frames/{number:08}"


def memory_frame_name(number: int) -> str:
    """Return the name of the entry of a frame of the memory."""
    return f"{_MEMORY}/{number:08}"


class Contents(msgspec.Struct, frozen=True):
    """The entries of an archive. `block_map` is None for the memory of an archive that has none."""

    frames: tuple[Entry, ...]
    block_map: Entry | None
    manifest: Entry
    mac: Entry
    padding: Entry
    memory_frames: tuple[Entry, ...] = ()
    memory_map: Entry | None = None

    @property
    def blocks(self) -> int:
        """The number of blocks in the frames."""
        return sum(entry.size_bytes for entry in self.frames) // BLOCK_BYTES

    def of_memory(self) -> "Contents":
        """Return the contents as if the memory were the only database."""
        return Contents(self.memory_frames, self.memory_map, self.manifest, self.mac, self.padding)


def read_contents(read_at: ReadAt, zip_bytes: int) -> Contents:
    """Read and check the directory of an opened archive. Raise IntegrityError if anything deviates from the format."""
    tail_bytes = min(TAIL_BYTES, zip_bytes)
    directory = parse_end(read_at(zip_bytes - tail_bytes, tail_bytes), zip_bytes)
    if directory.size_bytes > _MAX_DIRECTORY_BYTES or directory.count > _MAX_ENTRIES:
        raise damaged("lists more entries than an archive can have")
    entries = parse_directory(read_at(directory.offset, directory.size_bytes), directory.count)
    frames = _check_names([entry.name for entry in entries])
    _check_places(entries, directory.offset)
    for entry in entries:
        _check_ratio(entry)
    contents = _divide(entries, frames)
    _check_frames(contents.frames)
    _check_frames(contents.memory_frames)
    _check_rest(contents)
    return contents


def _divide(entries: list[Entry], frames: int) -> Contents:
    """Return entries whose names are right as contents. `frames` is how many frames the store has."""
    memory = entries[frames + 1 : -len(_LAST_NAMES)]
    manifest, mac, padding = entries[-len(_LAST_NAMES) :]
    return Contents(
        tuple(entries[:frames]),
        entries[frames],
        manifest,
        mac,
        padding,
        memory_frames=tuple(memory[:-1]),
        memory_map=memory[-1] if memory else None,
    )


def read_entry(read_at: ReadAt, entry: Entry) -> bytes:
    """Read the raw data of an entry. Raise IntegrityError if its local header differs from the directory."""
    return bytes(entry_data(read_at(entry.offset, entry.end_offset - entry.offset), entry))


def entry_data(raw: bytes | memoryview, entry: Entry) -> memoryview:
    """Return the data within an entry's bytes, which begin with its local header."""
    header_bytes = entry.data_offset - entry.offset
    if len(raw) != header_bytes + entry.compressed_bytes or raw[:header_bytes] != entry.local_header():
        raise damaged(f"has a malformed header of {entry.name!r}")
    return memoryview(raw)[header_bytes:]


def check_zeros(pieces: Iterable[bytes], entry: Entry) -> None:
    """Raise IntegrityError unless an entry, given in pieces with its local header, holds only zeros."""
    header, left = entry.local_header(), entry.end_offset - entry.offset
    for piece in pieces:
        start, rest = piece[: len(header)], piece[len(header) :]
        if not header.startswith(start) or not bytes(len(rest)).startswith(rest):
            raise damaged(f"has data other than zeros in {entry.name!r}, or a malformed header")
        header, left = header[len(start) :], left - len(piece)
    if left:
        raise damaged(f"does not hold all of {entry.name!r}")


def _check_names(names: list[str]) -> int:
    """Check all names and their order; return how many frames the store has."""
    memory = sum(1 for name in names if name.startswith(_MEMORY))
    frames = max(0, len(names) - memory - 1 - len(_LAST_NAMES))
    of_memory = [*map(memory_frame_name, range(memory - 1)), MEMORY_MAP_NAME] if memory else []
    expected = [*map(frame_name, range(frames)), MAP_NAME, *of_memory, *_LAST_NAMES]
    for name, exact in zip(names, expected, strict=False):
        if name != exact:
            raise damaged(f"holds {name[:40]!r} where {exact!r} belongs")
    if len(names) != len(expected):
        raise damaged("lacks entries that every archive has")
    return frames


def _check_places(entries: list[Entry], directory_offset: int) -> None:
    """Check that every byte before the directory belongs to exactly one entry."""
    at = 0
    for entry in entries:
        if entry.offset != at:
            raise damaged(f"has a gap or an overlap before {entry.name!r}")
        at = entry.end_offset
    if at != directory_offset:
        raise damaged("has a gap or an overlap before its directory")


def _check_ratio(entry: Entry) -> None:
    if entry.method == STORED and entry.compressed_bytes != entry.size_bytes:
        raise damaged(f"states two different lengths of {entry.name!r}")
    if entry.size_bytes > entry.compressed_bytes * MAX_RATIO:
        raise damaged(f"states an impossible compression ratio of {entry.name!r}")


def _check_frames(frames: tuple[Entry, ...]) -> None:
    """Check that the frames have the sizes that `frame_sizes` yields."""
    own_blocks = sum(entry.size_bytes for entry in frames) // BLOCK_BYTES
    if own_blocks > MAX_BLOCKS:
        raise damaged("holds more blocks than an archive can have")
    sizes = (blocks * BLOCK_BYTES for blocks in frame_sizes(own_blocks))
    for entry, size_bytes in zip_longest(frames, sizes):
        if entry is None or entry.method != ZSTD or entry.size_bytes != size_bytes:
            raise damaged("has a frame with the wrong length or method")


def _check_rest(contents: Contents) -> None:
    maps = [each for each in (contents.block_map, contents.memory_map) if each is not None]
    caps = (
        *((each, ZSTD, RUN_BYTES * MAX_RUNS) for each in maps),
        (contents.manifest, STORED, MAX_MANIFEST_BYTES),
        (contents.mac, STORED, MAC_BYTES),
        (contents.padding, STORED, contents.padding.offset + 2 * FRAME_BYTES),
    )
    for entry, method, cap in caps:
        if entry.method != method or entry.size_bytes > cap:
            raise damaged(f"has an entry {entry.name!r} with the wrong length or method")
