"""What the log asks of a store. The service gives it a bucket or a directory, the simulator one of its own.

Proving, before anything relies on it, that a store refuses the second create of a key.

Some stores that speak a bucket's language accept `If-None-Match: *` and ignore it. On such a store two instances
would overwrite each other's entries and neither would learn of it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol, TypeVar

from satchel_service.log.errors import UnsafeStoreError

T = TypeVar("T")


class Listed(NamedTuple):
    """An object in a listing; `modified_ms` is the store's own clock, in milliseconds since 1970."""

    key: str
    modified_ms: int


class LogStore(Protocol):
    """A store of whole objects, strongly consistent: what a call found done, every later call finds done.

    Any call may raise UncertainError: then it may have happened, may not, and may happen later. Nothing here
    tries a `create` twice by itself.
    """

    async def create(self, key: str, data: bytes) -> bool:
        """Store data under a new key and return True; return False, with nothing changed, if the key is taken."""

    async def replace(self, objects: Mapping[str, bytes]) -> None:
        """Store each object under its key, whether the key is taken or not; at no moment is a taken key free."""

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return each object's bytes, None where there is none; each is read at a moment of its own."""

    async def delete(self, keys: Sequence[str]) -> None:
        """Delete the objects; absent ones are fine."""

    async def list(self, prefix: str) -> Sequence[Listed]:
        """Return every object whose key begins with the prefix, in the order of keys, as of one moment."""

    async def aside(self, work: Callable[[], T]) -> T:
        """Run work whose length grows with the database, such as a digest of all of it, and return its result.

        It needs nothing of the store: it is here because the store has a place where requests do not wait for it.
        """


PROBES: Final = "probe/"
_FIRST: Final = b"satchel probe: first\n"
_SECOND: Final = b"satchel probe: second\n"


async def prove(store: LogStore, store_id: str, nonce: str) -> None:
    """Raise UnsafeStoreError unless the store refuses a second create; UncertainError when it did not say.

    A store that has passed is marked under `store_id` (letters and digits; another address, another id) and not
    asked again. `nonce` names the object of this probe; it must be new.
    """
    passed = f"{PROBES}passed-{store_id}"
    if (await store.get([passed]))[0] is not None:
        return
    key = f"{PROBES}{nonce}"
    was_created = await store.create(key, _FIRST)
    was_replaced = await store.create(key, _SECOND)
    found = await store.get([key])
    is_listed = key in [item.key for item in await store.list(PROBES)]
    await store.delete([key])
    if not was_created or was_replaced or found != [_FIRST] or not is_listed:
        raise UnsafeStoreError(
            "the store does not refuse to create an object that exists already",
            hint="use a store with conditional writes (If-None-Match), or file: for a directory",
        )
    await store.create(passed, _FIRST)
