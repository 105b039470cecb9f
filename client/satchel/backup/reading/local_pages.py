"""Pages of the local store that a backup holds too, so that they need not be fetched.

The known blocks tell, for each block of the last backup, its name and the archive that holds it. A block of another
backup that is the same own block of the same archive has the same name. If the store still has a page of that name
at that place, it is the backup's: names are keyed digests.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from satchel.archive.digests import NAME_BYTES, Digests
from satchel.archive.limits import BLOCK_BYTES
from satchel.backup import Context
from satchel.backup.create.snapshot import close_database_file
from satchel.backup.local.known_blocks import KnownBlocks, open_known_blocks
from satchel.backup.local.places import Places
from satchel.backup.reading.lazy_database import NO_LOCAL_PAGES, LocalPages
from satchel.backup.scan import STRIDE_BLOCKS, StrideNames

_NO_STRIDE: Final = (-1, StrideNames(b"", b""))


class KnownLocalPages:
    """The pages of a store with known blocks. For one thread."""

    def __init__(self, fd: int, known: KnownBlocks, digests: Digests) -> None:
        self._fd = fd
        self._known = known
        self._digests = digests
        self._stride = _NO_STRIDE
        self._blocks = known.places.block_map.blocks

    def read(self, block: int, archive: str, own_block: int) -> bytes | None:
        """Return a block of the database if it is the own block of this archive; None if that is not certain."""
        if block >= self._blocks:
            return None
        run = self._known.places.block_map.locate(block)
        held_in = self._known.places.archives[run.source].id
        if (held_in, run.first + block - run.start) != (archive, own_block):
            return None
        try:
            page = os.pread(self._fd, BLOCK_BYTES, block * BLOCK_BYTES)
        except OSError:
            return None
        is_same = len(page) == BLOCK_BYTES and self._digests.names(memoryview(page)) == self._name(block)
        return page if is_same else None

    def _name(self, block: int) -> bytes:
        number, place = divmod(block, STRIDE_BLOCKS)
        if self._stride[0] != number:
            self._stride = (number, self._known.stride(number))
        return self._stride[1].names[place * NAME_BYTES : (place + 1) * NAME_BYTES]


@contextmanager
def open_local_pages(context: Context, store_id: str, digests: Digests) -> Iterator[LocalPages]:
    """Open the pages of a home's store that may be in a backup of the store `store_id`; none if nothing is known."""
    places = Places(context.home)
    known = open_known_blocks(places.known_blocks, digests, store_id)
    if known is None:
        yield NO_LOCAL_PAGES
        return
    with known:
        fd = _open(places.store)
        if fd is None:
            yield NO_LOCAL_PAGES
            return
        try:
            yield KnownLocalPages(fd, known, digests)
        finally:
            close_database_file(fd)


def _open(path: Path) -> int | None:
    with suppress(OSError):
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    return None
