from typing import NamedTuple

import pytest
from tests.unit.log.memory_store import (
    HOUR_MS,
    POLICY,
    MemoryStore,
    add_snapshot,
    open_writer,
    state,
    write_entries,
)

from satchel_service.log.errors import UncertainError
from satchel_service.log.format import Kind, Snapshot, decode_entry, entry_key, snapshot_key
from satchel_service.log.policy import ERASURE, Policy
from satchel_service.log.retention import Retention
from satchel_service.log.writer import Writer


class Setup(NamedTuple):
    store: MemoryStore
    writer: Writer
    retention: Retention


async def set_up(policy: Policy = POLICY) -> Setup:
    store = MemoryStore()
    writer = await open_writer(store)
    return Setup(store, writer, Retention(store, writer.history, policy))


async def take_snapshot(writer: Writer, image: bytes) -> Snapshot:
    writer.append(b"~", image)
    await writer.advance()
    found = writer.take_snapshot()
    assert found is not None
    return found


def numbers(store: MemoryStore, prefix: str) -> list[int]:
    return [int(key.rpartition("/")[2]) for key in store.keys(prefix)]


def kinds(store: MemoryStore) -> dict[int, Kind]:
    return {
        number: decode_entry(store.objects[entry_key(number)][0]).kind for number in numbers(store, "log/")
    }


async def test_openings_start_at_a_verified_snapshot() -> None:
    store, writer, retention = await set_up()
    await write_entries(writer, b"a")
    assert await retention.store_snapshot(await take_snapshot(writer, b"image"))
    assert await state(store) == [b"image"]
    assert writer.history.chain == [2]


async def test_a_snapshot_stored_with_other_bytes_is_not_used() -> None:
    store, writer, retention = await set_up()
    found = await take_snapshot(writer, b"image")
    store.meanwhile("get", snapshot_key(1), lambda: store.put(snapshot_key(1), found.encode()[:-1]))
    assert not await retention.store_snapshot(found)
    assert writer.history.chain == []
    assert await state(store) == [b"~"]


async def test_a_snapshot_whose_put_timed_out_is_used_if_it_exists() -> None:
    store, writer, retention = await set_up()
    store.hide("create", snapshot_key(1))
    assert await retention.store_snapshot(await take_snapshot(writer, b"image"))


async def test_a_failed_snapshot_is_not_stored_again_under_its_number() -> None:
    store, writer, retention = await set_up()
    store.lose("create", snapshot_key(1))
    assert not await retention.store_snapshot(await take_snapshot(writer, b"image"))
    assert store.calls.count(("create", snapshot_key(1))) == 1


async def test_a_snapshot_that_cannot_be_read_back_is_not_used() -> None:
    store, writer, retention = await set_up()
    store.lose("get", snapshot_key(1))
    assert not await retention.store_snapshot(await take_snapshot(writer, b"image"))
    assert writer.history.chain == []


async def test_nothing_is_truncated_within_a_day() -> None:
    store, writer, retention = await set_up()
    for _ in range(3):
        await add_snapshot(store, writer, b"image")
        store.clock_ms += 11 * HOUR_MS
    await retention.truncate()
    assert (numbers(store, "log/"), numbers(store, "snapshots/")) == ([1, 2, 3], [1, 2, 3])


async def test_replaced_entries_are_deleted_after_a_day() -> None:
    store, writer, retention = await set_up()
    for count in (2, 3, 2):
        await write_entries(writer, *[b"x"] * (count - 1))
        await add_snapshot(store, writer, b"image")
        store.clock_ms += 13 * HOUR_MS
    assert await retention.truncate() == 2
    assert numbers(store, "snapshots/") == [2, 5, 7]
    assert numbers(store, "log/") == [1, 3, 4, 5, 6, 7]
    assert await state(store) == [b"image"]


async def test_the_first_entry_of_each_writer_is_emptied_and_kept() -> None:
    store, first, _ = await set_up()
    await write_entries(first, b"a", b"b")
    second = await open_writer(store, 2)
    retention = Retention(store, second.history, POLICY)
    await write_entries(second, b"c")
    for _ in range(2):
        await add_snapshot(store, second, b"image")
        store.clock_ms += 25 * HOUR_MS
    await retention.truncate()
    assert kinds(store) == {1: Kind.EMPTIED, 3: Kind.EMPTIED, 5: Kind.CHANGES}
    assert b"c" not in store.objects[entry_key(3)][0][81:-32]


async def test_a_first_entry_is_replaced_and_never_deleted() -> None:
    store, writer, retention = await set_up()
    for _ in range(2):
        await add_snapshot(store, writer, b"image")
        store.clock_ms += 25 * HOUR_MS
    await retention.truncate()
    assert ("delete", entry_key(1)) not in store.calls
    assert ("replace", entry_key(1)) in store.calls


async def test_ages_come_from_the_clock_of_the_store() -> None:
    store, writer, retention = await set_up()
    await add_snapshot(store, writer, b"image")
    writer._clock = lambda: store.clock_ms + 1_000 * HOUR_MS
    await add_snapshot(store, writer, b"image")
    assert await retention.truncate() == 0


async def test_the_next_opening_finishes_an_interrupted_truncation() -> None:
    store, writer, retention = await set_up()
    await write_entries(writer, *[b"x"] * 5)
    for _ in range(2):
        await add_snapshot(store, writer, b"image")
        store.clock_ms += 25 * HOUR_MS
    store.lose("delete", entry_key(4))
    with pytest.raises(UncertainError):
        await retention.truncate()
    assert entry_key(5) in store.objects
    second = await open_writer(store, 2)
    await add_snapshot(store, second, b"image")
    await Retention(store, second.history, POLICY).truncate()
    assert kinds(store) == {1: Kind.EMPTIED, 8: Kind.CHANGES}


async def test_truncated_entries_are_not_truncated_again_after_an_opening() -> None:
    store, writer, retention = await set_up()
    for _ in range(3):
        await add_snapshot(store, writer, b"image")
        store.clock_ms += 25 * HOUR_MS
        await retention.truncate()
    await add_snapshot(store, writer, b"image")
    second = await open_writer(store, 2)
    assert second.history.truncated == 2
    assert [first for first, _ in second.history.firsts] == []


async def test_a_long_backlog_is_truncated_over_several_requests() -> None:
    store, writer, retention = await set_up(Policy(truncate_entries=4))
    for _ in range(5):
        await write_entries(writer, b"x", b"x")
        await add_snapshot(store, writer, b"image")
    store.clock_ms += 25 * HOUR_MS
    await add_snapshot(store, writer, b"image")
    assert [await retention.truncate() for _ in range(4)] == [3, 6, 9, 12]


async def test_an_unverified_snapshot_does_not_replace_entries() -> None:
    """Its writer died before reading it back, and it is damaged."""
    store, writer, _ = await set_up()
    await add_snapshot(store, writer, b"image")
    store.clock_ms += HOUR_MS
    found = await take_snapshot(writer, b"image")
    store.put(snapshot_key(2), found.encode()[:-1])
    second = await open_writer(store, 2)
    store.clock_ms += 30 * HOUR_MS
    await add_snapshot(store, second, b"image")
    retention = Retention(store, second.history, POLICY)
    assert await retention.truncate() == 1


async def test_erasure_leaves_only_the_newest_snapshot() -> None:
    store, writer, _ = await set_up()
    await write_entries(writer, b"secret", b"more")
    await add_snapshot(store, writer, b"old")
    await write_entries(writer, b"x")
    retention = Retention(store, writer.history, ERASURE)
    assert await retention.store_snapshot(await take_snapshot(writer, b"new"))
    await retention.truncate()
    assert numbers(store, "snapshots/") == [5]
    assert kinds(store) == {1: Kind.EMPTIED}
    assert await state(store) == [b"new"]
    assert not any(b"secret" in data for data, _ in store.objects.values())
