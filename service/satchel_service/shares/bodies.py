"""Sealed bodies on their way to recipients: small ones whole, from memory where possible; large ones as a stream.

The cache holds ciphertext only. It is looked up with the blob key of a row that was just read, so it can never serve
the body of a share that has ended.
"""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final, NamedTuple

from satchel_service.environment import SENT_CHUNK_BYTES, in_thread
from satchel_service.shares.rows import Body
from satchel_service.storage import BlobKey, Storage, StorageError

WHOLE_BYTES: Final = 256 * 1024  # up to this size, a body is read at once and may be cached
CACHE_BYTES: Final = 4 * 1024 * 1024  # a small part of the memory budget of 64 MiB


class OpenBody(NamedTuple):
    """A body that is open for reading: all of its bytes, or a stream of them."""

    version: int
    size_bytes: int
    content: bytes | Iterator[bytes]


class Bodies:
    """Reads bodies from the storage, with a cache of the most recently opened small ones."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._cache: OrderedDict[BlobKey, bytes] = OrderedDict()
        self._cached_bytes = 0

    async def open(self, body: Body) -> OpenBody:
        """Open a body. NotFoundError: it was deleted; StorageError: the storage failed."""
        if body.size_bytes > WHOLE_BYTES:
            chunks = await in_thread(self._storage.stream, body.blob, 0, body.size_bytes, SENT_CHUNK_BYTES)
            return OpenBody(body.version, body.size_bytes, chunks)
        data = self._cache.get(body.blob)
        if data is None:
            data = await in_thread(self._storage.read, body.blob)
            if len(data) != body.size_bytes:
                raise StorageError(f"the object has {len(data)} bytes instead of {body.size_bytes}")
            self._store(body.blob, data)
        else:
            self._cache.move_to_end(body.blob)
        return OpenBody(body.version, body.size_bytes, data)

    def forget(self, key: str) -> None:
        """Drop a deleted body from the cache."""
        self._cached_bytes -= len(self._cache.pop(BlobKey(key), b""))

    def clear(self) -> None:
        """Drop every body from the cache."""
        self._cache.clear()
        self._cached_bytes = 0

    def _store(self, key: BlobKey, data: bytes) -> None:
        self.forget(key)
        self._cache[key] = data
        self._cached_bytes += len(data)
        while self._cached_bytes > CACHE_BYTES:
            _, dropped = self._cache.popitem(last=False)
            self._cached_bytes -= len(dropped)
