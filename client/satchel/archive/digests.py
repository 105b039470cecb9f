"""Keyed digests of an archive: BLAKE3 with one subkey per purpose.

They are keyed because a plain hash of a block would show anyone that the store holds a known text.
"""

from typing import Final

from blake3 import blake3

from satchel.archive.limits import BLOCK_BYTES
from satchel.keys.secret import BlockKey

NAME_BYTES: Final = 16
"""Block names and span digests are truncated to 128 bits: finding collisions takes the key."""

_LABEL: Final = b"satchel/v1/archive/"


class Digests:
    """Digests under one owner's block key. Thread-safe."""

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
        """Return the names of consecutive blocks, concatenated."""
        view, key = memoryview(blocks), self._block
        return b"".join(
            blake3(view[at : at + BLOCK_BYTES], key=key).digest(NAME_BYTES)
            for at in range(0, len(view), BLOCK_BYTES)
        )

    def span(self, blocks: bytes | memoryview) -> bytes:
        """Return the digest that shows whether a span has changed; it is local, never in an archive."""
        return blake3(blocks, key=self._span).digest(NAME_BYTES)

    def frame(self, blocks: bytes | memoryview) -> bytes:
        """Return the digest of a frame's blocks before compression."""
        return blake3(blocks, key=self._frame).digest()

    def map(self, records: bytes) -> bytes:
        """Return the digest of a block map's records."""
        return blake3(records, key=self._map).digest()

    def root(self) -> blake3:
        """Return a hash for the database's root; feed it the names of all blocks in order."""
        return blake3(key=self._root)

    def cache(self) -> blake3:
        """Return a hash that authenticates the local file of known blocks."""
        return blake3(key=self._cache)
