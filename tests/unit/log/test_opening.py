from collections.abc import Sequence

import pytest
from tests.unit.log.memory_store import (
    HOUR_MS,
    POLICY,
    MemoryStore,
    add_snapshot,
    open_writer,
    run_now,
    state,
    write_entries,
    writer_id,
)

from satchel_service.log.errors import DamagedLogError, UncertainError
from satchel_service.log.format import emptied_entry, entry_key, snapshot_key
from satchel_service.log.policy import DEFAULT
from satchel_service.log.reader import Opening
from satchel_service.log.retention import Retention


async def test_an_empty_store_opens_empty() -> None:
    assert await state(MemoryStore()) == []


async def test_entries_are_read_in_order() -> None:
    store = MemoryStore()
    await write_entries(await open_writer(store), b"a", b"b", b"c")
    assert await state(store) == [b"a", b"b", b"c"]


async def test_opening_starts_at_the_newest_snapshot() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    await write_entries(writer, b"a")
    await add_snapshot(store, writer, b"AB")
    await write_entries(writer, b"c")
    assert await state(store) == [b"AB", b"c"]
    store.calls.clear()
    await state(store)
    assert ("get", entry_key(1)) not in store.calls


async def test_a_damaged_newest_snapshot_is_skipped_if_its_entries_still_exist() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    await write_entries(writer, b"a")
    await add_snapshot(store, writer, b"AB")
    store.put(snapshot_key(2), b"cut short")
    assert await state(store) == [b"a", b"~AB"]


async def test_a_damaged_snapshot_is_an_error_if_its_entries_are_gone() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    await add_snapshot(store, writer, b"A")
    await write_entries(writer, b"b")
    await add_snapshot(store, writer, b"ABC")
    store.put(snapshot_key(3), b"damaged")
    await store.delete([entry_key(2), entry_key(3)])
    with pytest.raises(DamagedLogError, match="ends at entry 1, before its snapshot 3"):
        await state(store)


async def test_a_damaged_entry_is_an_error_and_not_the_end_of_the_log() -> None:
    store = MemoryStore()
    await write_entries(await open_writer(store), b"a", b"b")
    data, _ = store.objects[entry_key(2)]
    store.put(entry_key(2), data[:-1])
    with pytest.raises(DamagedLogError):
        await state(store)


async def test_an_entry_of_another_log_is_refused() -> None:
    store, other = MemoryStore(), MemoryStore()
    await write_entries(await open_writer(store), b"a", b"b")
    await write_entries(await open_writer(other, 2), b"x", b"y")
    store.put(entry_key(1), other.objects[entry_key(1)][0])
    with pytest.raises(DamagedLogError, match="entry 2 does not continue the log"):
        await state(store)


async def test_an_emptied_entry_above_the_floor_is_refused() -> None:
    store = MemoryStore()
    await write_entries(await open_writer(store), b"a")
    store.put(entry_key(1), emptied_entry(1, writer_id(1)).encode())
    with pytest.raises(DamagedLogError):
        await state(store)


async def test_an_opening_starts_over_when_truncation_moves_the_floor() -> None:
    """The entries it found absent had been truncated, not never written."""
    store = MemoryStore()
    writer = await open_writer(store)
    await write_entries(writer, *(b"%d" % number for number in range(6)))

    async def shorten() -> None:
        for image in (b"0-6", b"0-7"):
            await add_snapshot(store, writer, image)
            store.clock_ms += 25 * HOUR_MS
        await Retention(store, writer.history, POLICY).truncate()

    store.meanwhile("get", entry_key(5), lambda: run_now(shorten()))
    assert await state(store) == [b"0-7"]


async def test_an_opening_gives_up_when_the_floor_moves_every_time() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    await write_entries(writer, b"a")
    for _ in range(POLICY.attempts + 1):
        store.meanwhile("list", "", lambda: run_now(add_snapshot(store, writer, b"image")))
    with pytest.raises(UncertainError):
        await Opening(store, POLICY).run()


async def test_a_failing_store_is_not_an_empty_log() -> None:
    store = MemoryStore()
    await write_entries(await open_writer(store), b"a")
    store.lose("get", entry_key(1))
    with pytest.raises(UncertainError):
        await state(store)


class CountingStore(MemoryStore):
    """Counts the rounds of get requests."""

    rounds = 0

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        self.rounds += 1
        return await super().get(keys)


async def test_a_long_log_is_read_in_few_rounds() -> None:
    store = CountingStore()
    writer = await open_writer(store, policy=DEFAULT)
    await write_entries(writer, *(b"%d" % number for number in range(200)))
    store.rounds = 0
    assert len(await state(store, DEFAULT)) == 200
    assert store.rounds == 8  # of 4, 16, then 32 entries


async def test_opening_changes_nothing_in_the_store() -> None:
    store = MemoryStore()
    await write_entries(await open_writer(store), b"a")
    before = dict(store.objects)
    store.calls.clear()
    await state(store)
    assert store.objects == before
    assert {kind for kind, _ in store.calls} == {"get", "list"}
