"""Assembling a database from an archive and those it borrows from.

Only frames with needed blocks are read, a few adjacent ones in each request, on several threads. Each frame is checked
against its own archive's manifest before its blocks are written. Each thread holds one request in memory.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Final, NamedTuple, Self

from satchel.age.pipeline import ordered_map
from satchel.archive.blockmap import BlockMap, Run
from satchel.archive.contents import check_zeros
from satchel.archive.destination import ArchiveReader
from satchel.archive.digests import Digests
from satchel.archive.frames import locate_block
from satchel.archive.limits import BLOCK_BYTES
from satchel.archive.manifest import ArchiveRef, Manifest
from satchel.archive.plan import Borrowed
from satchel.backup.archive_opening import LazyReader, OpenedArchive, open_archive
from satchel.errors import IntegrityError, SatchelError
from satchel.keys.derive import OwnerKeys
from satchel.local_files import DurableFile, translate_os_errors

OpenOther = Callable[[str], ArchiveReader]
"""Opens a borrowed archive by its id."""

REQUEST_BYTES: Final = 2 * 2**20
"""The size of a request: long enough for a distant cloud, short enough for memory."""

THREADS: Final = 4
"""Concurrent requests: two keep two cores busy while the others wait for the network."""

ROOM_LEFT_BYTES: Final = 16 * 2**20
"""Disk space that must stay free beside the database, for the index and everything else."""

SYNC_BYTES: Final = 64 * 2**20
"""Bytes written between two background syncs, so that the last sync is short."""

_HINT: Final = "restore from another backup: satchel backups"


class Chain:
    """An archive and those it borrows from, all opened and authenticated."""

    def __init__(
        self,
        archives: list[OpenedArchive],
        borrowed: list[LazyReader],
        block_map: BlockMap,
        digests: Digests,
    ) -> None:
        self.archives = archives
        self._borrowed = borrowed
        self.block_map = block_map
        self.digests = digests

    def assemble(self, file: DurableFile, advance: Callable[[int], None]) -> None:
        """Write the database into a new file. `advance` counts the bytes written."""

        def fetch(request: _Request) -> tuple[int, int]:
            return request.source, self._fetch(request, file)

        _check_room(file, self.archives[0].manifest.database.size_bytes)
        current = 0
        with BackgroundSync(file) as sync:
            for source, written in ordered_map(fetch, self._requests(), THREADS):
                if source != current:  # requests are ordered by source
                    self._release(current)
                    current = source
                sync.advance(written)
                advance(written)
        self._release(current)

    def of_memory(self) -> "Chain":
        """Return the chain as if the memory were the only database. IntegrityError if its block map is wrong."""
        archives = [each.of_memory() for each in self.archives]
        own_blocks = [each.contents.blocks for each in archives]
        block_map = archives[0].read_map(own_blocks, self.digests)
        _check_own(block_map, own_blocks[0])
        return Chain(archives, self._borrowed, block_map, self.digests)

    def _release(self, source: int) -> None:
        if source:
            self._borrowed[source - 1].release()

    def sources(self) -> tuple[Borrowed, ...]:
        """Return the archives as the block map numbers them, this one first."""
        return tuple(
            Borrowed(opened.manifest.archive, opened.signed.digest, opened.contents.blocks)
            for opened in self.archives
        )

    def _requests(self) -> Iterator["_Request"]:
        for source, runs in enumerate(_by_source(self.block_map, len(self.archives))):
            yield from _requests_of(source, runs, self.archives[source])

    def _fetch(self, request: "_Request", file: DurableFile) -> int:
        archive = self.archives[request.source]
        entries = archive.contents.frames[request.first : request.first + len(request.frames)]
        raw = memoryview(archive.read_frames(request.first, request.first + len(request.frames)))
        written = 0
        for number, (entry, places) in enumerate(zip(entries, request.frames, strict=True), request.first):
            at = entry.offset - entries[0].offset
            blocks = memoryview(
                archive.unpack_frame(number, raw[at : at + entry.end_offset - entry.offset], self.digests)
            )
            for place in places:
                data = blocks[place.first * BLOCK_BYTES : (place.first + place.blocks) * BLOCK_BYTES]
                file.write_at(place.start * BLOCK_BYTES, data)
                written += len(data)
        return written


class BackgroundSync:
    """Syncs a file in another thread while it is written."""

    def __init__(self, file: DurableFile) -> None:
        self._file = file
        self._pool = ThreadPoolExecutor(1, "sync")
        self._syncing: Future[None] | None = None
        self._unsynced = 0

    def advance(self, written: int) -> None:
        """Count bytes written, and start a sync if there are enough."""
        self._unsynced += written
        if self._unsynced >= SYNC_BYTES and (self._syncing is None or self._syncing.done()):
            self._unsynced = 0
            self._syncing = self._pool.submit(self._file.sync)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()


class _Place(NamedTuple):
    """The position of a frame's blocks: `first` is an index in the frame, `start` in the database."""

    start: int
    blocks: int
    first: int


class _Request(NamedTuple):
    """Adjacent frames of one archive, each with the positions of its blocks."""

    source: int
    first: int
    frames: list[list[_Place]]


def open_chain(
    archive: OpenedArchive,
    open_other: OpenOther,
    keys: OwnerKeys,
    readers: ExitStack,
    *,
    is_whole: bool = True,
) -> Chain:
    """Open and check every archive that an archive borrows from. NotFoundError if one is gone.

    `readers` closes them. Unless `is_whole`, the padding of the archive, which no restore uses, is not read.
    """
    digests = Digests(keys.block_key)

    def open_borrowed(ref: ArchiveRef) -> tuple[LazyReader, OpenedArchive]:
        reader = LazyReader(lambda: open_other(ref.archive))
        try:
            return reader, _open_borrowed(reader, ref, archive.manifest, keys)
        finally:
            reader.release()

    opened = list(ordered_map(open_borrowed, archive.manifest.borrowed, THREADS))
    archives = [archive, *(borrowed for _, borrowed in opened)]
    for reader, _ in opened:
        readers.callback(reader.release)
    own_blocks = [each.contents.blocks for each in archives]
    block_map = archive.read_map(own_blocks, digests)
    _check_own(block_map, own_blocks[0])
    if is_whole:
        _check_padding(archive)
    return Chain(archives, [reader for reader, _ in opened], block_map, digests)


def _open_borrowed(reader: LazyReader, ref: ArchiveRef, manifest: Manifest, keys: OwnerKeys) -> OpenedArchive:
    opened = open_archive(reader, keys, ref.archive)
    is_earlier = opened.manifest.store == manifest.store and opened.manifest.sequence < manifest.sequence
    if opened.signed.digest != ref.manifest or not is_earlier:
        raise IntegrityError(
            f"archive {ref.archive!r} is not the one that {manifest.archive!r} borrows from", hint=_HINT
        )
    return opened


def _check_own(block_map: BlockMap, own_blocks: int) -> None:
    """Check that an archive uses all of its own blocks."""
    if sum(run.blocks for run in block_map if run.source == 0) != own_blocks:
        raise IntegrityError("the archive holds blocks that it does not use", hint=_HINT)


def _check_padding(archive: OpenedArchive) -> None:
    """Check the padding, so that every byte of the archive itself is authenticated."""
    entry = archive.contents.padding  # up to an eighth of the archive, too much to hold
    length = entry.end_offset - entry.offset
    check_zeros(
        archive.sealed.stream(entry.offset, length, piece_bytes=REQUEST_BYTES, threads=THREADS), entry
    )


def _check_room(file: DurableFile, size_bytes: int) -> None:
    with translate_os_errors(file.path):
        status = os.statvfs(file.path)
    free = status.f_bavail * status.f_frsize
    if free < size_bytes + ROOM_LEFT_BYTES:
        raise SatchelError(
            f"not enough space: the database needs {size_bytes:,} bytes and {free:,} are free "
            f"on the disk of {str(file.path.parent)!r}",
            hint="free some space and try again; nothing was changed",
        )


def _by_source(block_map: BlockMap, sources: int) -> list[BlockMap]:
    runs = [BlockMap() for _ in range(sources)]
    for run in block_map:
        runs[run.source].append(run)
    return runs


def _requests_of(source: int, runs: Iterable[Run], archive: OpenedArchive) -> Iterator[_Request]:
    """Group the frames that a source's runs need. Runs ascend both in the source and in the database."""
    entries = archive.contents.frames
    request: _Request | None = None
    size_bytes = 0
    for number, place in _cut_at_frames(runs, archive.contents.blocks):
        if request is not None and number == request.first + len(request.frames) - 1:
            request.frames[-1].append(place)
            continue
        length = entries[number].end_offset - entries[number].offset
        is_next = request is not None and number == request.first + len(request.frames)
        if request is None or not is_next or size_bytes + length > REQUEST_BYTES:
            if request is not None:
                yield request
            request, size_bytes = _Request(source, number, []), 0
        request.frames.append([place])
        size_bytes += length
    if request is not None:
        yield request


def _cut_at_frames(runs: Iterable[Run], own_blocks: int) -> Iterator[tuple[int, _Place]]:
    for run in runs:
        start, own, left = run.start, run.first, run.blocks
        while left:
            frame, first, in_frame = locate_block(own, own_blocks)
            taken = min(left, in_frame)
            yield frame, _Place(start, taken, first)
            start, own, left = start + taken, own + taken, left - taken
