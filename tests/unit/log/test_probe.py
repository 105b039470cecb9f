import pytest
from tests.unit.log.memory_store import MemoryStore

from satchel_service.log.errors import UncertainError, UnsafeStoreError
from satchel_service.log.store import probe_store


class OverwritingStore(MemoryStore):
    """Accepts the condition and ignores it, like rclone's S3 server."""

    async def create(self, key: str, data: bytes) -> bool:
        await self.replace({key: data})
        return True


class RefusingAndOverwritingStore(MemoryStore):
    """Reports that the key is taken but replaces the object anyway."""

    async def create(self, key: str, data: bytes) -> bool:
        is_free = await super().create(key, data)
        self.put(key, data)
        return is_free


async def test_a_store_that_refuses_the_second_create_passes() -> None:
    await probe_store(MemoryStore(), "here", "nonce")


@pytest.mark.parametrize(
    "store",
    [OverwritingStore(), RefusingAndOverwritingStore()],
    ids=["overwriting", "refusing-and-overwriting"],
)
async def test_a_store_that_overwrites_is_refused(store: MemoryStore) -> None:
    with pytest.raises(UnsafeStoreError):
        await probe_store(store, "here", "nonce")
    with pytest.raises(UnsafeStoreError):
        await probe_store(store, "here", "again")


async def test_a_probe_leaves_only_its_mark() -> None:
    store = MemoryStore()
    await probe_store(store, "here", "nonce")
    assert store.keys("") == ["probe/passed-here"]


async def test_a_store_that_has_passed_is_only_asked_for_its_mark() -> None:
    store = MemoryStore()
    await probe_store(store, "here", "nonce")
    store.calls.clear()
    await probe_store(store, "here", "again")
    assert store.calls == [("get", "probe/passed-here")]


async def test_a_mark_of_another_address_does_not_count() -> None:
    store = MemoryStore()
    await probe_store(store, "here", "nonce")
    store.calls.clear()
    await probe_store(store, "there", "again")
    assert store.count("create") == 3


async def test_a_store_that_fails_during_the_probe_is_not_marked() -> None:
    store = MemoryStore()
    store.lose("create", "probe/nonce")
    with pytest.raises(UncertainError):
        await probe_store(store, "here", "nonce")
    assert store.keys("probe/passed") == []
