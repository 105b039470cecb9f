"""The keyed digests of an archive: one BLAKE3 key for each thing that is digested.

Keyed, because a plain hash of a block would tell whoever ever sees one that a known text is in the store.
"""

from typing import Final

from blake3 import blake3

from satchel.archive.limits import BLOCK_BYTES
from satchel.keys.secret import BlockKey

NAME_BYTES: Final = 16
"""Block names and span digests are cut to 128 bits: nobody without the key can look for collisions."""

_LABEL: Final = b"satchel/v1/archive/"


class Digests:
    """Digests under one owner's block key. Safe to use from several threads."""

    __slots__ = ("_block", "_cache", "_frame", "_map", "_root", "_span")

    def __init__(self, block_key: BlockKey) -> None:
        def subkey(purpose: bytes) -> bytes:
            return blake3(_LABEL + purpose, key=block_key).digest()

        self._block = subkey(b"block")
        self._span = subkey(b"span")
        self._frame = subkey(b"frame")
        self._map = subkey(b"map")
        self._root = subkey(b"root")
        self._cache = subkey(b"cache")

    def names(self, blocks: bytes | memoryview) -> bytes:
        """The names of consecutive blocks, one after the other."""
        view, key = memoryview(blocks), self._block
        return b"".join(
            blake3(view[at : at + BLOCK_BYTES], key=key).digest(NAME_BYTES)
            for at in range(0, len(view), BLOCK_BYTES)
        )

    def span(self, blocks: bytes | memoryview) -> bytes:
        """The digest by which a span is known to be unchanged; local, never in an archive."""
        return blake3(blocks, key=self._span).digest(NAME_BYTES)

    def frame(self, blocks: bytes | memoryview) -> bytes:
        """The digest of a frame's blocks, before compression."""
        return blake3(blocks, key=self._frame).digest()

    def map(self, records: bytes) -> bytes:
        """The digest of a block map's records."""
        return blake3(records, key=self._map).digest()

    def root(self) -> blake3:
        """A hash that becomes the database's root when the names of all its blocks went through it."""
        return blake3(key=self._root)

    def cache(self) -> blake3:
        """A hash that seals the local file of block names."""
        return blake3(key=self._cache)
