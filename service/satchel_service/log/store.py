"""What the log asks of a store. The service gives it a bucket or a directory, the simulator one of its own."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

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
