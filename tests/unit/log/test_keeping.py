from typing import NamedTuple

import pytest
from tests.unit.log.memory import HOUR_MS, POLICY, MemoryStore, opened, snapshot, state, written

from satchel_service.log.errors import UncertainError
from satchel_service.log.format import Kind, Snapshot, decode_entry, entry_key, snapshot_key
from satchel_service.log.policy import FORGETTING, Policy
from satchel_service.log.retention import Keeper
from satchel_service.log.writer import Writer


class Kept(NamedTuple):
    store: MemoryStore
    writer: Writer
    keeper: Keeper


async def kept(policy: Policy = POLICY) -> Kept:
    store = MemoryStore()
    writer = await opened(store)
    return Kept(store, writer, Keeper(store, writer.history, policy))


async def taken(writer: Writer, image: bytes) -> Snapshot:
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


async def test_a_kept_snapshot_is_what_openings_begin_with() -> None:
    store, writer, keeper = await kept()
    await written(writer, b"a")
    assert await keeper.keep(await taken(writer, b"image"))
    assert await state(store) == [b"image"]
    assert writer.history.chain == [2]


async def test_a_snapshot_that_was_stored_wrongly_is_not_relied_on() -> None:
    store, writer, keeper = await kept()
    found = await taken(writer, b"image")
    store.meanwhile("get", snapshot_key(1), lambda: store.put(snapshot_key(1), found.encode()[:-1]))
    assert not await keeper.keep(found)
    assert writer.history.chain == []
    assert await state(store) == [b"~"]


async def test_a_snapshot_whose_put_timed_out_is_kept_if_it_is_there() -> None:
    store, writer, keeper = await kept()
    store.hide("create", snapshot_key(1))
    assert await keeper.keep(await taken(writer, b"image"))


async def test_a_snapshot_that_is_not_there_is_not_put_again_under_its_number() -> None:
    store, writer, keeper = await kept()
    store.lose("create", snapshot_key(1))
    assert not await keeper.keep(await taken(writer, b"image"))
    assert store.calls.count(("create", snapshot_key(1))) == 1


async def test_a_snapshot_that_cannot_be_read_back_is_not_relied_on() -> None:
    store, writer, keeper = await kept()
    store.lose("get", snapshot_key(1))
    assert not await keeper.keep(await taken(writer, b"image"))
    assert writer.history.chain == []


async def test_nothing_is_truncated_within_a_day() -> None:
    store, writer, keeper = await kept()
    for _ in range(3):
        await snapshot(store, writer, b"image")
        store.clock_ms += 11 * HOUR_MS
    await keeper.truncate()
    assert (numbers(store, "log/"), numbers(store, "snapshots/")) == ([1, 2, 3], [1, 2, 3])


async def test_after_a_day_what_a_snapshot_replaced_is_deleted() -> None:
    store, writer, keeper = await kept()
    for count in (2, 3, 2):
        await written(writer, *[b"x"] * (count - 1))
        await snapshot(store, writer, b"image")
        store.clock_ms += 13 * HOUR_MS
    assert await keeper.truncate() == 2
    assert numbers(store, "snapshots/") == [2, 5, 7]
    assert numbers(store, "log/") == [1, 3, 4, 5, 6, 7]
    assert await state(store) == [b"image"]


async def test_the_first_entry_of_each_writer_is_emptied_and_stays() -> None:
    store, former, _ = await kept()
    await written(former, b"a", b"b")
    latter = await opened(store, 2)
    keeper = Keeper(store, latter.history, POLICY)
    await written(latter, b"c")
    for _ in range(2):
        await snapshot(store, latter, b"image")
        store.clock_ms += 25 * HOUR_MS
    await keeper.truncate()
    assert kinds(store) == {1: Kind.EMPTIED, 3: Kind.EMPTIED, 5: Kind.CHANGES}
    assert b"c" not in store.objects[entry_key(3)][0][81:-32]


async def test_a_first_entry_is_never_absent_while_it_is_emptied() -> None:
    store, writer, keeper = await kept()
    for _ in range(2):
        await snapshot(store, writer, b"image")
        store.clock_ms += 25 * HOUR_MS
    await keeper.truncate()
    assert ("delete", entry_key(1)) not in store.calls
    assert ("replace", entry_key(1)) in store.calls


async def test_ages_are_told_by_the_store_and_not_by_the_writer() -> None:
    store, writer, keeper = await kept()
    await snapshot(store, writer, b"image")
    writer._clock = lambda: store.clock_ms + 1_000 * HOUR_MS
    await snapshot(store, writer, b"image")
    assert await keeper.truncate() == 0


async def test_a_truncation_that_was_cut_off_is_finished_by_the_next_opening() -> None:
    store, writer, keeper = await kept()
    await written(writer, *[b"x"] * 5)
    for _ in range(2):
        await snapshot(store, writer, b"image")
        store.clock_ms += 25 * HOUR_MS
    store.lose("delete", entry_key(4))
    with pytest.raises(UncertainError):
        await keeper.truncate()
    assert entry_key(5) in store.objects
    latter = await opened(store, 2)
    await snapshot(store, latter, b"image")
    await Keeper(store, latter.history, POLICY).truncate()
    assert kinds(store) == {1: Kind.EMPTIED, 8: Kind.CHANGES}


async def test_what_was_truncated_is_not_truncated_again_after_an_opening() -> None:
    store, writer, keeper = await kept()
    for _ in range(3):
        await snapshot(store, writer, b"image")
        store.clock_ms += 25 * HOUR_MS
        await keeper.truncate()
    await snapshot(store, writer, b"image")
    latter = await opened(store, 2)
    assert latter.history.truncated == 2
    assert [first for first, _ in latter.history.firsts] == []


async def test_a_long_backlog_is_truncated_over_several_requests() -> None:
    store, writer, keeper = await kept(Policy(truncate_entries=4))
    for _ in range(5):
        await written(writer, b"x", b"x")
        await snapshot(store, writer, b"image")
    store.clock_ms += 25 * HOUR_MS
    await snapshot(store, writer, b"image")
    assert [await keeper.truncate() for _ in range(4)] == [3, 6, 9, 12]


async def test_a_snapshot_that_nobody_verified_does_not_stand_for_the_log_before_it() -> None:
    """It was put by a writer that died before reading it back, and it is damaged."""
    store, writer, _ = await kept()
    await snapshot(store, writer, b"image")
    store.clock_ms += HOUR_MS
    found = await taken(writer, b"image")
    store.put(snapshot_key(2), found.encode()[:-1])
    latter = await opened(store, 2)
    store.clock_ms += 30 * HOUR_MS
    await snapshot(store, latter, b"image")
    keeper = Keeper(store, latter.history, POLICY)
    assert await keeper.truncate() == 1


async def test_forgetting_leaves_only_the_newest_snapshot() -> None:
    store, writer, _ = await kept()
    await written(writer, b"secret", b"more")
    await snapshot(store, writer, b"old")
    await written(writer, b"x")
    keeper = Keeper(store, writer.history, FORGETTING)
    assert await keeper.keep(await taken(writer, b"new"))
    await keeper.truncate()
    assert numbers(store, "snapshots/") == [5]
    assert kinds(store) == {1: Kind.EMPTIED}
    assert await state(store) == [b"new"]
    assert not any(b"secret" in data for data, _ in store.objects.values())
