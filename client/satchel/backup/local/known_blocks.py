"""The known blocks: names and positions of the last backup's blocks, so that the next one can borrow them.

A flat file in the home, never sent: for each stride its span digests and block names, then the backup's facts and
its block map, then a keyed digest of everything before it. It can be lost: if the file is damaged, or of another
version, store or owner, the next backup is full.
"""

import os
import struct
from os import SEEK_END
from pathlib import Path
from types import TracebackType
from typing import Annotated, Final, Self

import msgspec

from satchel.archive.blockmap import BlockMap
from satchel.archive.digests import NAME_BYTES, Digests
from satchel.archive.limits import MAX_BLOCKS, SPAN_BLOCKS
from satchel.archive.manifest import ArchiveId, ArchiveRef, Blocks, Digest
from satchel.archive.plan import Borrowed, Extents, Known
from satchel.backup.scan import STRIDE_BLOCKS, STRIDE_SPANS, StrideNames
from satchel.errors import SatchelError
from satchel.local_files import DurableFile, open_own

_FORMAT: Final = "satchel-blocks/1"
_SECOND_FORMAT: Final = (
    "satchel-blocks/2"  # of archives of version 2, from which earlier versions must not borrow
)
_STRIDE_BYTES: Final = (STRIDE_SPANS + STRIDE_BLOCKS) * NAME_BYTES
_SEAL_BYTES: Final = 32
_END: Final = struct.Struct("<QQ")
_READ_BYTES: Final = 2**20


class _Archive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: ArchiveId
    manifest: Digest
    blocks: Annotated[int, msgspec.Meta(ge=0, le=MAX_BLOCKS)]


class _Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    store: ArchiveId
    blocks: Blocks
    archives: Annotated[tuple[_Archive, ...], msgspec.Meta(min_length=1)]
    """The backup's own archive, then those it borrows from, as its block map numbers them."""


class KnownBlocks:
    """Reads the file. Thread-safe."""

    def __init__(self, path: Path, digests: Digests, store_id: str) -> None:
        """Open and check the file. `open_known_blocks` handles the errors."""
        self._file = os.fdopen(open_own(path, os.O_RDONLY), "rb", buffering=0)
        try:
            self._size = self._file.seek(0, SEEK_END)
            self._check_seal(digests)
            facts = self._read_facts(store_id)
        except BaseException:
            self._file.close()
            raise
        self._blocks = facts.blocks
        self.last = ArchiveRef(archive=facts.archives[0].id, manifest=facts.archives[0].manifest)
        """The last backup's archive."""

    def matches(self, changed: Extents, blocks: int) -> bool:
        """Return whether a database with these changed blocks is the one that was backed up."""
        return changed.blocks == 0 and blocks == self._blocks

    def stride(self, number: int) -> StrideNames:
        """Return a stride's names; none beyond the end."""
        blocks = min(STRIDE_BLOCKS, self._blocks - number * STRIDE_BLOCKS)
        if blocks <= 0:
            return StrideNames(b"", b"")
        spans = -(-blocks // SPAN_BLOCKS) * NAME_BYTES
        raw = self._read(number * _STRIDE_BYTES, spans + blocks * NAME_BYTES)
        return StrideNames(raw[:spans], raw[spans:])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _check_seal(self, digests: Digests) -> None:
        end = self._size - _SEAL_BYTES
        seal = digests.cache()
        for at in range(0, end, _READ_BYTES):
            seal.update(self._read(at, min(_READ_BYTES, end - at)))
        if end < _END.size or seal.digest() != self._read(end, _SEAL_BYTES):
            raise _UnusableError

    def _read_facts(self, store_id: str) -> _Facts:
        end = self._size - _SEAL_BYTES - _END.size
        facts_bytes, map_bytes = _END.unpack(self._read(end, _END.size))
        raw = self._read(end - facts_bytes - map_bytes, facts_bytes + map_bytes)
        facts = msgspec.json.decode(raw[:facts_bytes], type=_Facts)
        block_map = BlockMap.from_bytes(raw[facts_bytes:])
        block_map.check(facts.blocks, [archive.blocks for archive in facts.archives])
        if facts.format not in {_FORMAT, _SECOND_FORMAT} or facts.store != store_id:
            raise _UnusableError
        self.is_second = facts.format == _SECOND_FORMAT
        """Whether the archives may be of version 2."""
        archives = tuple(Borrowed(a.id, a.manifest, a.blocks) for a in facts.archives)
        self.places = Known(block_map, archives)
        """The positions of the blocks; archive 0 is the backup's own."""
        return facts

    def _read(self, offset: int, length: int) -> bytes:
        data = os.pread(self._file.fileno(), length, offset) if offset >= 0 else b""
        if len(data) != length:
            raise _UnusableError
        return data


class _UnusableError(Exception):
    """The file cannot be used."""


def open_known_blocks(path: Path, digests: Digests, store_id: str) -> KnownBlocks | None:
    """Open the file; return None if it is missing or cannot be used."""
    try:
        return KnownBlocks(path, digests, store_id)
    except (OSError, SatchelError, msgspec.MsgspecError, UnicodeDecodeError, _UnusableError):
        return None


class KnownBlocksWriter:
    """Writes a new file: the strides in order, then `finish`."""

    def __init__(self, file: DurableFile, blocks: int, digests: Digests) -> None:
        self._file = file
        self._blocks = blocks
        self._seal = digests.cache()

    def append(self, records: bytes) -> None:
        """Append the records of the next strides."""
        self._seal.update(records)
        self._file.write(records)

    def append_names(self, names: bytes) -> None:
        """Append the names of the next stride without span digests: the next backup compares names instead."""
        spans = -(-len(names) // NAME_BYTES // SPAN_BLOCKS)
        self.append(bytes(spans * NAME_BYTES) + names)

    def finish(
        self, store_id: str, block_map: BlockMap, archives: tuple[Borrowed, ...], *, is_second: bool = False
    ) -> None:
        """Complete the file with the backup that the names belong to. It is not synced, because it can be lost.

        `is_second`: that backup is an archive of version 2.
        """
        named = tuple(_Archive(archive.id, archive.manifest, archive.blocks) for archive in archives)
        facts = msgspec.json.encode(
            _Facts(_SECOND_FORMAT if is_second else _FORMAT, store_id, self._blocks, named)
        )
        records = block_map.to_bytes()
        self.append(facts + records + _END.pack(len(facts), len(records)))
        self._file.write(self._seal.digest())
