"""A `LogStore` over the service's blocking storage.

It has its own threads, so a commit never waits behind the transfers of archives and shares.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, Protocol, TypeVar

from satchel_service.log.errors import FullStoreError, UncertainError
from satchel_service.log.store import ListedObject
from satchel_service.storage import (
    AlreadyExistsError,
    BlobInfo,
    BlobKey,
    FullError,
    NotFoundError,
    StorageError,
)

T = TypeVar("T")

THREADS: Final = 16  # half of the largest round of reads; on a bucket, threads mostly wait for the network


class LogStorage(Protocol):
    """The part of a storage that the log uses. `create` is sent once: a retry could find its own first attempt."""

    def create(self, key: BlobKey, data: bytes) -> None:
        """Store data under a new key. Raise AlreadyExistsError, changing nothing, if the key is taken."""

    def replace(self, key: BlobKey, data: bytes) -> None:
        """Store data under a key, whether or not it is taken. A taken key is never free, even across a crash."""

    def read(self, key: BlobKey, start: int = 0, length: int | None = None) -> bytes:
        """Return the object's bytes. Raise NotFoundError if it does not exist."""

    def delete(self, key: BlobKey) -> None:
        """Delete the object. An absent object is ignored."""

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Yield every object whose key begins with `prefix`, in key order."""


class ThreadedStore:
    """Implements `LogStore`. A StorageError, whose outcome is unknown, becomes an UncertainError."""

    def __init__(self, storage: LogStorage) -> None:
        self._storage = storage
        self._threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="log")

    def close(self) -> None:
        """Release the threads once their calls have returned. Does not wait."""
        self._threads.shutdown(wait=False)

    async def create(self, key: str, data: bytes) -> bool:
        """Store data under a new key; return False if the key is taken."""
        return await self._run(partial(_create, self._storage, BlobKey(key), data))

    async def replace(self, objects: Mapping[str, bytes]) -> None:
        """Store each object under its key, whether or not the key is taken."""
        await self._run_all(
            [partial(self._storage.replace, BlobKey(key), data) for key, data in objects.items()]
        )

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the bytes of each object, or None if it does not exist."""
        return await self._run_all([partial(_read, self._storage, BlobKey(key)) for key in keys])

    async def delete(self, keys: Sequence[str]) -> None:
        """Delete the objects. Absent objects are ignored."""
        await self._run_all([partial(self._storage.delete, BlobKey(key)) for key in keys])

    async def offload(self, work: Callable[[], T]) -> T:
        """Run the work in a thread, so that the event loop serves other requests meanwhile."""
        return await self._run(work)

    async def _run(self, call: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except FullError as exc:
            raise FullStoreError("the store of the log is full") from exc
        except StorageError as exc:
            raise UncertainError(f"the store of the log failed: {exc}") from exc

    async def _run_all(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        return list(await asyncio.gather(*map(self._run, calls)))

    async def list(self, prefix: str) -> Sequence[ListedObject]:
        """Return every object whose key begins with the prefix, in key order."""
        return await self._run(partial(_list, self._storage, prefix))


def _create(storage: LogStorage, key: BlobKey, data: bytes) -> bool:
    try:
        storage.create(key, data)
    except AlreadyExistsError:
        return False
    return True


def _read(storage: LogStorage, key: BlobKey) -> bytes | None:
    try:
        return storage.read(key)
    except NotFoundError:
        return None


def _list(storage: LogStorage, prefix: str) -> Sequence[ListedObject]:
    return [ListedObject(info.key, info.modified) for info in storage.list(prefix)]
