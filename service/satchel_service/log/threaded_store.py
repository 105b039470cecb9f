"""The service's storage as a store of the log: blocking calls, made in threads of their own.

Of their own, so that a commit never waits behind the bodies of downloads.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol, TypeVar

from satchel_service.log.errors import UncertainError
from satchel_service.log.store import Listed
from satchel_service.storage import AlreadyExistsError, BlobInfo, BlobKey, NotFoundError, StorageError

T = TypeVar("T")

THREADS: Final = 16  # half a round of reading ahead; on a bucket each waits for the network most of its time


class LogStorage(Protocol):
    """What of a storage the log uses. `create` is tried once: a repeated one would find its own first try."""

    def create(self, key: BlobKey, data: bytes) -> None:
        """Store data under a new key. The key exists already: AlreadyExistsError, nothing changed."""

    def replace(self, key: BlobKey, data: bytes) -> None:
        """Store data under a key, taken or not; at no moment, a crash included, is a taken key free."""

    def read(self, key: BlobKey, start: int = 0, length: int | None = None) -> bytes:
        """Return the object's bytes. Absent: NotFoundError."""

    def delete(self, key: BlobKey) -> None:
        """Delete the object; absent is fine."""

    def list(self, prefix: str) -> Iterator[BlobInfo]:
        """Yield every object whose key begins with `prefix`, in the order of keys."""


class ThreadedStore:
    """Implements `LogStore`. Any StorageError but the two that say something is an unknown outcome."""

    def __init__(self, storage: LogStorage) -> None:
        self._storage = storage
        self._threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="log")

    def close(self) -> None:
        """Let the threads go once their calls have ended."""
        self._threads.shutdown(wait=False)

    async def create(self, key: str, data: bytes) -> bool:
        """Store data under a new key; whether the key was free."""

        def create() -> bool:
            try:
                self._storage.create(BlobKey(key), data)
            except AlreadyExistsError:
                return False
            return True

        return await self._run(create)

    async def replace(self, objects: Mapping[str, bytes]) -> None:
        """Store each object under its key, taken or not."""

        def replacing(key: str, data: bytes) -> Callable[[], None]:
            return lambda: self._storage.replace(BlobKey(key), data)

        await self._run_all([replacing(key, data) for key, data in objects.items()])

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return each object's bytes, None where there is none."""

        def getting(key: str) -> Callable[[], bytes | None]:
            def get() -> bytes | None:
                try:
                    return self._storage.read(BlobKey(key))
                except NotFoundError:
                    return None

            return get

        return await self._run_all([getting(key) for key in keys])

    async def delete(self, keys: Sequence[str]) -> None:
        """Delete the objects; absent ones are fine."""

        def deleting(key: str) -> Callable[[], None]:
            return lambda: self._storage.delete(BlobKey(key))

        await self._run_all([deleting(key) for key in keys])

    async def _run(self, call: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except StorageError as exc:
            raise UncertainError(f"the store of the log failed: {exc}") from exc

    async def _run_all(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        return list(await asyncio.gather(*map(self._run, calls)))

    async def list(self, prefix: str) -> Sequence[Listed]:
        """Return every object whose key begins with the prefix, in the order of keys."""

        def listing() -> Sequence[Listed]:
            return [Listed(info.key, info.modified) for info in self._storage.list(prefix)]

        return await self._run(listing)

    async def aside(self, work: Callable[[], T]) -> T:
        """Run it in a thread, so that the event loop answers other requests meanwhile."""
        return await self._run(work)
