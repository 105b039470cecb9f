"""The interface that the log requires of a store, and the probe that tests a store.

Some stores with an S3 API accept `If-None-Match: *` and ignore it. On such a store two instances would overwrite
each other's entries without noticing, so the probe runs before a log is opened there.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol, TypeVar

from satchel_service.log.errors import UnsafeStoreError

PROBE_PREFIX: Final = "probe/"
_FIRST: Final = b"satchel probe: first\n"
_SECOND: Final = b"satchel probe: second\n"

T = TypeVar("T")


class ListedObject(NamedTuple):
    """An object in a listing; `modified_ms` is by the store's own clock, in milliseconds since 1970."""

    key: str
    modified_ms: int


class LogStore(Protocol):
    """A strongly consistent store of whole objects.

    Any call can raise UncertainError: it may have taken effect, may not have, or may still do so later. An
    implementation never sends a `create` twice.
    """

    async def create(self, key: str, data: bytes) -> bool:
        """Store data under a new key and return True. If the key is taken, change nothing and return False."""

    async def replace(self, objects: Mapping[str, bytes]) -> None:
        """Store each object under its key, whether or not the key is taken. A taken key is never free in between."""

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the bytes of each object, or None if it does not exist. Each object is read at its own moment."""

    async def delete(self, keys: Sequence[str]) -> None:
        """Delete the objects. Absent objects are ignored."""

    async def list(self, prefix: str) -> Sequence[ListedObject]:
        """Return every object whose key begins with the prefix, in key order, as of a single moment."""

    async def offload(self, work: Callable[[], T]) -> T:
        """Run work that would block the event loop, such as hashing the whole database, and return its result.

        The work does not use the store; the store owns the threads that it runs in.
        """


async def probe_store(store: LogStore, store_id: str, probe_id: str) -> None:
    """Check that the store refuses a second create of the same key, unless it has passed this check before.

    A store that passes is marked under `store_id` (letters and digits, one per address). `probe_id` names the
    object of this probe and must be new. Raise UnsafeStoreError if the store fails the check, UncertainError if
    it does not respond.
    """
    passed = f"{PROBE_PREFIX}passed-{store_id}"
    if (await store.get([passed]))[0] is not None:
        return
    key = f"{PROBE_PREFIX}{probe_id}"
    was_created = await store.create(key, _FIRST)
    was_replaced = await store.create(key, _SECOND)
    found = await store.get([key])
    is_listed = key in [item.key for item in await store.list(PROBE_PREFIX)]
    await store.delete([key])
    if not was_created or was_replaced or found != [_FIRST] or not is_listed:
        raise UnsafeStoreError(
            "the store does not refuse to create an object that already exists",
            hint="use a store with conditional writes (If-None-Match), or file: for a directory",
        )
    await store.create(passed, _FIRST)
