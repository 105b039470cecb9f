from contextlib import suppress

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

from satchel_service.log.errors import FencedError, UncertainError
from satchel_service.log.format import Kind, decode_entry, entry_key
from satchel_service.log.policy import Policy
from satchel_service.log.retention import Retention
from satchel_service.log.writer import Writer


def payloads(store: MemoryStore, sequence: int) -> tuple[bytes, ...]:
    return decode_entry(store.objects[entry_key(sequence)][0]).payloads


async def append(writer: Writer, changeset: bytes) -> None:
    writer.append(changeset)


async def advance_until_known(writer: Writer) -> None:
    while writer.has_work:
        with suppress(UncertainError):
            await writer.advance()


# -- group commit and the output gate ------------------------------------------------------------------


async def test_an_answer_waits_until_its_transaction_is_in_the_log() -> None:
    writer = await open_writer(MemoryStore())
    position = writer.append(b"a")
    assert not writer.is_durable(position)
    await writer.advance()
    assert writer.is_durable(position)


async def test_a_read_of_durable_data_does_not_wait() -> None:
    writer = await open_writer(MemoryStore())
    await write_entries(writer, b"a")
    assert writer.is_durable(writer.position)


async def test_waiting_transactions_share_the_next_entry() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    for changeset in (b"a", b"b", b"c"):
        writer.append(changeset)
    await writer.advance()
    assert payloads(store, 1) == (b"a", b"b", b"c")
    assert writer.is_durable(3)


async def test_a_transaction_committed_during_a_put_goes_into_the_next_entry() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    writer.append(b"a")
    store.meanwhile("create", entry_key(1), lambda: run_now(append(writer, b"b")))
    await writer.advance()
    assert not writer.is_durable(2)
    await writer.advance()
    assert (payloads(store, 1), payloads(store, 2)) == ((b"a",), (b"b",))


async def test_an_entry_is_limited_in_size_and_a_larger_changeset_goes_alone() -> None:
    store = MemoryStore()
    writer = await open_writer(store, policy=Policy(batch_bytes=10))
    for changeset in (b"12345", b"67890", b"x", b"longer than the limit", b"y"):
        writer.append(changeset)
    await advance_until_known(writer)
    assert [payloads(store, number) for number in (1, 2, 3, 4)] == [
        (b"12345", b"67890"),
        (b"x",),
        (b"longer than the limit",),
        (b"y",),
    ]


async def test_an_empty_transaction_makes_no_entry() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    position = writer.append(b"")
    await writer.advance()
    assert writer.is_durable(position)
    assert store.count("create") == 0


async def test_each_entry_holds_the_digest_of_the_previous_one() -> None:
    store = MemoryStore()
    await write_entries(await open_writer(store), b"a", b"b")
    first, second = (store.objects[entry_key(number)][0] for number in (1, 2))
    assert decode_entry(second).previous == first[-32:]


async def test_an_entry_names_its_writer_and_time() -> None:
    store = MemoryStore()
    await write_entries(await open_writer(store, 5), b"a")
    entry = decode_entry(store.objects[entry_key(1)][0])
    assert (entry.writer, entry.time_ms, entry.sequence) == (writer_id(5), store.clock_ms, 1)


# -- taken keys --------------------------------------------------------------------------------------------


async def test_only_one_of_two_writers_gets_the_key() -> None:
    store = MemoryStore()
    first, second = await open_writer(store, 1), await open_writer(store, 2)
    await write_entries(second, b"second")
    position = first.append(b"first")
    with pytest.raises(FencedError):
        await first.advance()
    with pytest.raises(FencedError):
        first.is_durable(position)
    assert await state(store) == [b"second"]


async def test_a_fenced_writer_refuses_every_call() -> None:
    store = MemoryStore()
    first = await open_writer(store, 1)
    await write_entries(first, b"a")
    await write_entries(await open_writer(store, 2), b"b")
    first.append(b"c")
    with pytest.raises(FencedError):
        await first.advance()
    for position in (0, 1):
        with pytest.raises(FencedError):
            first.is_durable(position)
    for attempt in (first.advance, first.confirm):
        with pytest.raises(FencedError):
            await attempt()
    assert store.keys("log/") == [entry_key(1), entry_key(2)]


# -- unknown outcomes ----------------------------------------------------------------------------------


async def test_a_lost_put_is_sent_again() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    writer.append(b"a")
    store.lose("create")
    with pytest.raises(UncertainError):
        await writer.advance()
    assert not writer.is_durable(1)
    await writer.advance()
    assert writer.is_durable(1)
    assert await state(store) == [b"a"]


async def test_a_put_that_timed_out_but_took_effect_is_found() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    writer.append(b"a")
    store.hide("create")
    with pytest.raises(UncertainError):
        await writer.advance()
    assert not writer.is_durable(1)
    await writer.advance()
    assert writer.is_durable(1)
    assert store.count("create") == 1


async def test_a_lost_put_is_fenced_if_another_writer_took_the_key() -> None:
    store = MemoryStore()
    first, second = await open_writer(store, 1), await open_writer(store, 2)
    first.append(b"a")
    store.lose("create")
    with pytest.raises(UncertainError):
        await first.advance()
    await write_entries(second, b"b")
    with pytest.raises(FencedError):
        await first.advance()


async def test_a_retry_sends_the_same_bytes_even_if_more_is_queued() -> None:
    """The first attempt may still arrive; if the second held other bytes, it could take their place."""
    store = MemoryStore()
    writer = await open_writer(store)
    writer.append(b"a")
    store.lose("create")
    with pytest.raises(UncertainError):
        await writer.advance()
    writer.append(b"b")
    store.clock_ms += HOUR_MS
    await writer.advance()
    assert payloads(store, 1) == (b"a",)
    assert not writer.is_durable(2)


async def test_an_earlier_attempt_that_arrives_late_is_recognised() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    writer.append(b"a")
    arriving: list[bytes] = []
    store.lose("create")
    create = store.create

    async def late(key: str, data: bytes) -> bool:
        if not arriving:
            arriving.append(data)
        else:
            store.put(key, arriving[0])
        return await create(key, data)

    store.create = late  # type: ignore[method-assign]
    await advance_until_known(writer)
    assert writer.is_durable(1)
    assert store.count("create") == 2


async def test_a_failed_check_of_the_key_is_repeated() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    writer.append(b"a")
    store.lose("create")
    store.lose("get")
    store.lose("list")
    await advance_until_known(writer)
    assert writer.is_durable(1)
    assert await state(store) == [b"a"]


# -- the floor -------------------------------------------------------------------------------------------


async def overtake(store: MemoryStore, writer: Writer) -> None:
    """Let a writer store snapshots for days and truncate the entries before them."""
    for image in (b"first", b"second"):
        await add_snapshot(store, writer, image)
        store.clock_ms += 25 * HOUR_MS
    await add_snapshot(store, writer, b"third")
    await Retention(store, writer.history, POLICY).truncate()


async def test_a_suspended_instance_that_never_wrote_is_fenced_by_the_floor() -> None:
    """The key that it uses next was truncated from the middle of another writer's entries, so it is free."""
    store = MemoryStore()
    second = await open_writer(store, 2)
    await write_entries(second, b"a")
    suspended = await open_writer(store, 1)
    await overtake(store, second)
    assert entry_key(2) not in store.objects
    position = suspended.append(b"lost")
    with pytest.raises(FencedError):
        await suspended.advance()
    with pytest.raises(FencedError):
        suspended.is_durable(position)
    assert await state(store) == [b"third"]


async def test_a_suspended_instance_that_wrote_finds_its_next_key_taken() -> None:
    """The entry after its last one is the first entry of its successor, which is emptied but not deleted."""
    store = MemoryStore()
    suspended = await open_writer(store, 1)
    await write_entries(suspended, b"a")
    await overtake(store, await open_writer(store, 2))
    assert decode_entry(store.objects[entry_key(2)][0]).kind is Kind.EMPTIED
    suspended.append(b"lost")
    with pytest.raises(FencedError):
        await suspended.advance()
    assert await state(store) == [b"third"]


async def test_the_floor_is_read_only_once() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    store.calls.clear()
    await write_entries(writer, b"a", b"b", b"c")
    assert store.count("list") == 1


async def test_no_answer_leaves_before_the_floor_is_checked() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    position = writer.append(b"a")
    store.lose("list")
    with pytest.raises(UncertainError):
        await writer.advance()
    assert not writer.is_durable(position)
    await writer.advance()
    assert writer.is_durable(position)
    assert store.count("create") == 1


# -- confirmation -------------------------------------------------------------------------------------


async def test_the_only_writer_is_confirmed() -> None:
    writer = await open_writer(MemoryStore())
    assert await writer.confirm()
    await write_entries(writer, b"a")
    assert await writer.confirm()


async def test_an_idle_writer_detects_its_successor() -> None:
    store = MemoryStore()
    idle = await open_writer(store, 1)
    await write_entries(await open_writer(store, 2), b"a")
    with pytest.raises(FencedError):
        await idle.confirm()
    assert idle.is_fenced


async def test_a_suspended_instance_is_fenced_by_the_floor_when_it_asks() -> None:
    store = MemoryStore()
    second = await open_writer(store, 2)
    await write_entries(second, b"a")
    suspended = await open_writer(store, 1)
    await overtake(store, second)
    with pytest.raises(FencedError):
        await suspended.confirm()


async def test_finding_an_own_put_does_not_confirm() -> None:
    """It may have arrived long ago, and another writer may have taken over since."""
    store = MemoryStore()
    writer = await open_writer(store, 1)
    await write_entries(writer, b"a")
    writer.append(b"b")
    store.hide("create")
    with pytest.raises(UncertainError):
        await writer.advance()
    await write_entries(await open_writer(store, 2), b"c")
    assert not await writer.confirm()
    await writer.advance()
    with pytest.raises(FencedError):
        await writer.confirm()


# -- migrations and snapshots ------------------------------------------------------------------------------


async def test_a_migration_is_one_entry_with_the_whole_database() -> None:
    store = MemoryStore()
    writer = await open_writer(store, 1)
    await write_entries(writer, b"a")
    await writer.migrate(b"migrated", 2)
    await write_entries(writer, b"b")
    assert await state(store) == [b"migrated", b"b"]
    assert [decode_entry(store.objects[entry_key(number)][0]).schema for number in (1, 2, 3)] == [0, 2, 2]


async def test_only_one_of_a_migration_and_a_concurrent_write_succeeds() -> None:
    store = MemoryStore()
    old, new = await open_writer(store, 1), await open_writer(store, 2)
    await new.migrate(b"migrated", 1)
    old.append(b"unmigrated")
    with pytest.raises(FencedError):
        await old.advance()
    assert await state(store) == [b"migrated"]


async def test_a_migration_can_be_repeated_after_an_unknown_outcome() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    store.hide("create")
    with pytest.raises(UncertainError):
        await writer.migrate(b"migrated", 1)
    await writer.migrate(b"migrated", 1)
    assert (writer.history.schema, store.count("create")) == (1, 1)


async def test_an_image_ends_its_entry() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    writer.append(b"a")
    writer.append(b"b", b"AB")
    writer.append(b"c")
    await writer.advance()
    assert payloads(store, 1) == (b"a", b"b")
    taken = writer.take_snapshot()
    assert taken is not None
    assert (taken.sequence, taken.image) == (1, b"AB")


async def test_a_snapshot_is_due_only_after_its_entry_is_in_the_log() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    writer.append(b"a", b"A")
    store.lose("create")
    with pytest.raises(UncertainError):
        await writer.advance()
    assert writer.take_snapshot() is None
    await writer.advance()
    assert writer.take_snapshot() is not None


async def test_only_one_snapshot_is_in_progress() -> None:
    writer = await open_writer(MemoryStore())
    await write_entries(writer, *(b"%d" % number for number in range(POLICY.snapshot_entries)))
    needed = [writer.needs_image]
    writer.append(b"x", b"image")
    needed.append(writer.needs_image)
    await writer.advance()
    writer.take_snapshot()
    needed.append(writer.needs_image)
    writer.finish_snapshot()
    needed.append(writer.needs_image)
    assert needed == [True, False, False, True]
