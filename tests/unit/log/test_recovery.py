import pytest
from tests.unit.log.memory_store import HOUR_MS, POLICY, MemoryStore, add_snapshot, open_writer, write_entries

from satchel_service.log.errors import DamagedLogError, OutOfReachError
from satchel_service.log.format import entry_key, snapshot_key
from satchel_service.log.reader import RecoveredState, Recovery
from satchel_service.log.retention import Retention
from satchel_service.log.writer import Writer


async def write_hourly(store: MemoryStore, writer: Writer, *changesets: bytes) -> list[int]:
    """Write one transaction an hour; return when each was written."""
    times = []
    for changeset in changesets:
        store.clock_ms += HOUR_MS
        times.append(store.clock_ms)
        await write_entries(writer, changeset)
    return times


async def recover(store: MemoryStore, at_ms: int) -> RecoveredState:
    return await Recovery(store, POLICY).run(at_ms)


async def test_every_moment_can_be_recovered() -> None:
    store = MemoryStore()
    times = await write_hourly(store, await open_writer(store), b"a", b"b", b"c")
    found = [(await recover(store, at_ms + 1)).changesets for at_ms in times]
    assert found == [(b"a",), (b"a", b"b"), (b"a", b"b", b"c")]


async def test_a_transaction_is_included_from_its_own_millisecond_on() -> None:
    store = MemoryStore()
    _, second = await write_hourly(store, await open_writer(store), b"a", b"b")
    assert (await recover(store, second)).changesets == (b"a", b"b")
    assert (await recover(store, second - 1)).changesets == (b"a",)


async def test_a_recovery_reports_the_entry_it_used() -> None:
    store = MemoryStore()
    times = await write_hourly(store, await open_writer(store), b"a", b"b", b"c")
    found = await recover(store, times[1])
    assert (found.sequence, found.time_ms, found.next_ms) == (2, times[1], times[2])
    assert (await recover(store, times[2])).next_ms is None


async def test_a_recovery_starts_at_the_newest_snapshot_before_the_moment() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    await write_hourly(store, writer, b"a")
    await add_snapshot(store, writer, b"A")
    (at_ms,) = await write_hourly(store, writer, b"b")
    await write_hourly(store, writer, b"c")
    await add_snapshot(store, writer, b"ABC")
    found = await recover(store, at_ms)
    assert (found.image, found.changesets) == (b"A", (b"b",))


async def test_the_last_24_hours_survive_truncation() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    await write_hourly(store, writer, *[b"x"] * 10)
    await add_snapshot(store, writer, b"10 hours")
    (at_ms,) = await write_hourly(store, writer, b"y")
    await write_hourly(store, writer, *[b"z"] * 23)
    await add_snapshot(store, writer, b"34 hours")
    await Retention(store, writer.history, POLICY).truncate()
    assert entry_key(5) not in store.objects
    found = await recover(store, at_ms)
    assert (found.image, found.changesets) == (b"10 hours", (b"y",))


async def test_a_moment_before_the_floor_is_out_of_reach() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    (at_ms,) = await write_hourly(store, writer, b"x")
    for _ in range(2):
        await add_snapshot(store, writer, b"image")
        store.clock_ms += 25 * HOUR_MS
    await add_snapshot(store, writer, b"image")
    await Retention(store, writer.history, POLICY).truncate()
    with pytest.raises(OutOfReachError):
        await recover(store, at_ms)


async def test_a_damaged_snapshot_is_skipped() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    await write_hourly(store, writer, b"a")
    await add_snapshot(store, writer, b"A")
    (at_ms,) = await write_hourly(store, writer, b"b")
    store.put(snapshot_key(2), b"damaged")
    assert (await recover(store, at_ms)).changesets == (b"a", b"~A", b"b")


async def test_entries_before_the_damage_can_still_be_recovered() -> None:
    store = MemoryStore()
    times = await write_hourly(store, await open_writer(store), b"a", b"b", b"c", b"d")
    store.put(entry_key(4), b"damaged")
    found = await recover(store, times[1])
    assert found.changesets == (b"a", b"b")


async def test_a_moment_behind_the_damage_is_refused() -> None:
    store = MemoryStore()
    times = await write_hourly(store, await open_writer(store), b"a", b"b", b"c", b"d")
    store.put(entry_key(4), b"damaged")
    with pytest.raises(DamagedLogError):
        await recover(store, times[3])


async def test_a_moment_beside_a_gap_is_out_of_reach() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    times = await write_hourly(store, writer, b"a", b"b", b"c")
    await add_snapshot(store, writer, b"image")
    await store.delete([entry_key(2)])
    with pytest.raises(OutOfReachError):
        await recover(store, times[1])


async def test_an_entry_dated_ahead_does_not_hide_later_entries() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    await write_hourly(store, writer, b"a")
    store.clock_ms += 1_000 * HOUR_MS
    await write_entries(writer, b"ahead")
    store.clock_ms -= 1_000 * HOUR_MS
    (at_ms,) = await write_hourly(store, writer, b"c")
    assert (await recover(store, at_ms)).changesets == (b"a", b"ahead", b"c")


async def test_a_recovery_has_the_schema_of_its_moment() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    await writer.migrate(b"one", 1)
    (before,) = await write_hourly(store, writer, b"a")
    store.clock_ms += HOUR_MS
    await writer.migrate(b"two", 2)
    (after,) = await write_hourly(store, writer, b"b")
    first, second = await recover(store, before), await recover(store, after)
    assert (first.schema, first.image, first.changesets) == (1, b"one", (b"a",))
    assert (second.schema, second.image, second.changesets) == (2, b"two", (b"b",))


async def test_recovering_changes_nothing_in_the_store() -> None:
    store = MemoryStore()
    times = await write_hourly(store, await open_writer(store), b"a", b"b")
    store.calls.clear()
    await recover(store, times[0])
    assert {kind for kind, _ in store.calls} == {"get", "list"}
