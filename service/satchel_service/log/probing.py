"""Proving, before anything relies on it, that a store refuses the second create of a key.

Some stores that speak a bucket's language accept `If-None-Match: *` and ignore it. On such a store two instances
would overwrite each other's entries and neither would learn of it.
"""

from typing import Final

from satchel_service.log.errors import UnsafeStoreError
from satchel_service.log.store import LogStore

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
