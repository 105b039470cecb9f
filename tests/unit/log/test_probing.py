import pytest
from tests.unit.log.memory import MemoryStore

from satchel_service.log.errors import UncertainError, UnsafeStoreError
from satchel_service.log.store import prove


class CarelessStore(MemoryStore):
    """Accepts the condition and ignores it, as rclone's S3 server does."""

    async def create(self, key: str, data: bytes) -> bool:
        await self.replace({key: data})
        return True


class LyingStore(MemoryStore):
    """Says that the key was taken, and replaces the object all the same."""

    async def create(self, key: str, data: bytes) -> bool:
        is_free = await super().create(key, data)
        self.put(key, data)
        return is_free


async def test_a_store_that_refuses_the_second_create_passes() -> None:
    await prove(MemoryStore(), "here", "nonce")


@pytest.mark.parametrize("store", [CarelessStore(), LyingStore()], ids=["careless", "lying"])
async def test_a_store_that_does_not_is_refused(store: MemoryStore) -> None:
    with pytest.raises(UnsafeStoreError):
        await prove(store, "here", "nonce")
    with pytest.raises(UnsafeStoreError):
        await prove(store, "here", "again")


async def test_a_probe_leaves_only_its_mark() -> None:
    store = MemoryStore()
    await prove(store, "here", "nonce")
    assert store.keys("") == ["probe/passed-here"]


async def test_a_store_that_has_passed_is_asked_for_its_mark_only() -> None:
    store = MemoryStore()
    await prove(store, "here", "nonce")
    store.calls.clear()
    await prove(store, "here", "again")
    assert store.calls == [("get", "probe/passed-here")]


async def test_a_mark_from_another_address_proves_nothing() -> None:
    store = MemoryStore()
    await prove(store, "here", "nonce")
    store.calls.clear()
    await prove(store, "there", "again")
    assert store.count("create") == 3


async def test_a_store_that_fails_meanwhile_is_not_marked() -> None:
    store = MemoryStore()
    store.lose("create", "probe/nonce")
    with pytest.raises(UncertainError):
        await prove(store, "here", "nonce")
    assert store.keys("probe/passed") == []
