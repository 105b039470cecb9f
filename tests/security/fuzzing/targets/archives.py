"""Archives of backups: the zip, the manifest, the block map, frames, summaries, and whole archives.

What an owner's MAC protects is signed here, so that the parser behind the MAC is reached.
"""

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
from tests.security.fuzzing.table import Target, require
from tests.support.archives import OWNER, facts_of, make_store, seal_database

from satchel.age import seal, unseal
from satchel.archive.blockmap import BlockMap, Run
from satchel.archive.contents import check_zeros, entry_data, read_contents, read_entry
from satchel.archive.digests import Digests
from satchel.archive.frames import pack, unpack
from satchel.archive.limits import BLOCK_BYTES, MAX_BLOCKS
from satchel.archive.manifest import manifest_mac, open_manifest
from satchel.archive.summary import _mac as summary_mac
from satchel.archive.summary import open_summary
from satchel.archive.zipformat import TAIL_BYTES, parse_directory, parse_end
from satchel.backup.archive_opening import open_archive
from satchel.backup.listing import unseal_summary
from satchel.errors import IntegrityError
from satchel.store import STORE_FILE

ID: Final = "00112233445566778899aabbccddeeff"
DIGEST: Final = "ab" * 32


@cache
def archive() -> bytes:
    """Return the zip of a small archive, not sealed."""
    with tempfile.TemporaryDirectory() as folder:
        home = make_store(Path(folder) / "home", pieces=1)
        sealed = seal_database(home / STORE_FILE, Path(folder) / "archive", facts_of(home))
        return unseal(sealed.read_bytes(), [OWNER.identity])


def directory_of(data: bytes) -> tuple[bytes, int]:
    end = parse_end(data[-TAIL_BYTES:], len(data))
    return data[end.offset : end.offset + end.size_bytes], end.count


def read_zip(data: bytes) -> None:
    def read_at(offset: int, length: int) -> bytes:
        return data[offset : offset + length]

    contents = read_contents(read_at, len(data))
    require(contents.blocks <= MAX_BLOCKS, "more blocks than the limit")
    maps = [entry for entry in (contents.block_map, contents.memory_map) if entry is not None]
    for entry in (*contents.frames, *contents.memory_frames, *maps, contents.manifest, contents.mac):
        require(len(read_entry(read_at, entry)) == entry.compressed_bytes, "an entry of another length")
    check_zeros([data[contents.padding.offset : contents.padding.end_offset]], contents.padding)


def read_end(data: bytes) -> None:
    parse_end(data[-TAIL_BYTES:], len(data))


def read_directory(data: bytes) -> None:
    count = data[0] if data else 0
    entries = parse_directory(data[1:], count)
    require(b"".join(entry.central_header() for entry in entries) == data[1:], "a directory with two forms")
    for entry in entries:
        entry_data(entry.local_header() + bytes(min(entry.compressed_bytes, 1000)), entry)


def directory_seeds() -> Iterator[bytes]:
    raw, count = directory_of(archive())
    yield bytes([count]) + raw


def read_map(data: bytes) -> None:
    block_map = BlockMap.from_bytes(data)
    require(block_map.to_bytes() == data, "a block map with two forms")
    block_map.check(block_map.blocks, [block_map.blocks, 10, 10])
    for block in range(min(block_map.blocks, 20)):
        run = block_map.locate(block)
        require(run.start <= block < run.start + run.blocks, "a block in another run")


def map_seeds() -> Iterator[bytes]:
    block_map = BlockMap()
    for run in (Run(0, 3, 0, 0), Run(3, 2, 1, 4), Run(5, 1, 0, 3)):
        block_map.append(run)
    yield block_map.to_bytes()


def read_frame(data: bytes) -> None:
    size_bytes = int.from_bytes(data[:3], "big")
    require(len(unpack(data[3:], size_bytes, "a frame")) == size_bytes, "a frame of another length")


def frame_seeds() -> Iterator[bytes]:
    for blocks in (bytes(BLOCK_BYTES), b"text" * 1024):
        yield len(blocks).to_bytes(3, "big") + pack(blocks).data


def read_manifest(data: bytes) -> None:
    signed = open_manifest(data, manifest_mac(data, OWNER.manifest_key), OWNER.manifest_key)
    require(signed.manifest.to_bytes() == data, "a manifest with two forms")


def manifest_seeds() -> Iterator[bytes]:
    data = archive()
    contents = read_contents(lambda offset, length: data[offset : offset + length], len(data))
    yield bytes(read_entry(lambda offset, length: data[offset : offset + length], contents.manifest))


def read_summary(data: bytes) -> None:
    opened = open_summary(summary_mac(data, OWNER.manifest_key) + data, ID, OWNER.manifest_key)
    require(opened.archive == ID, "the summary of another backup")


def summary_seeds() -> Iterator[bytes]:
    yield msgspec.json.encode(
        {
            "format": "satchel-summary/1", "archive": ID, "store": ID, "sequence": 3,
            "created": "2026-11-22T12:00:00Z", "kind": "full", "device": "laptop", "pieces": 4, "new_bytes": 5,
        }
    )  # fmt: skip


def read_sealed_summary(data: bytes) -> None:
    unseal_summary(ID, data, OWNER)


def sealed_summary_seeds() -> Iterator[bytes]:
    for raw in summary_seeds():
        yield seal(summary_mac(raw, OWNER.manifest_key) + raw, [OWNER.recipient])


class _InMemory:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size_bytes: Final = len(data)

    def read_at(self, offset: int, length: int) -> bytes:
        return self._data[offset : offset + length]


def open_whole(data: bytes) -> None:
    """A zip, sealed to the owner: everything that a restore reads."""
    opened = open_archive(_InMemory(seal(data, [OWNER.recipient])), OWNER, None)
    digests = Digests(OWNER.block_key)
    block_map = opened.read_map([opened.manifest.frames.blocks], digests)
    require(block_map.blocks == opened.manifest.database.blocks, "a map of another database")
    for number in range(len(opened.contents.frames)):
        opened.unpack_frame(number, memoryview(opened.read_frames(number, number + 1)), digests)


WORDS: Final = (
    b"PK\x01\x02",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x06\x06",
    b"PK\x06\x07",
    b"\xff\xff\xff\xff",
    b"frames/00000000",
    b"manifest.json",
    b"blocks.map",
)
JSON: Final = (b'"', b"{", b"}", b"[", b"]", b",", b":", b"null", b"\\ud800", b"\xff", b"1e999", b"-1")
REFUSED: Final = (IntegrityError,)
TARGETS: Final = (
    Target("archive-zip", read_zip, lambda: [archive()], REFUSED, WORDS, 16_384),
    Target("archive-end", read_end, lambda: [archive()[-200:]], REFUSED, WORDS),
    Target("archive-directory", read_directory, directory_seeds, REFUSED, WORDS),
    Target("archive-map", read_map, map_seeds, REFUSED),
    Target("archive-frame", read_frame, frame_seeds, REFUSED, (b"\x28\xb5\x2f\xfd",)),
    Target("archive-manifest", read_manifest, manifest_seeds, REFUSED, JSON),
    Target("archive-summary", read_summary, summary_seeds, REFUSED, JSON),
    Target("archive-sealed-summary", read_sealed_summary, sealed_summary_seeds, REFUSED),
    Target("archive-whole", open_whole, lambda: [archive()], REFUSED, WORDS, 16_384),
)
