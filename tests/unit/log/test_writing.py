from contextlib import suppress

import pytest
from tests.unit.log.memory import (
    HOUR_MS,
    POLICY,
    MemoryStore,
    name,
    opened,
    run_now,
    snapshot,
    state,
    written,
)

from satchel_service.log.errors import FencedError, UncertainError
from satchel_service.log.format import Kind, decode_entry, entry_key
from satchel_service.log.policy import Policy
from satchel_service.log.retention import Keeper
from satchel_service.log.writer import Writer


def payloads(store: MemoryStore, sequence: int) -> tuple[bytes, ...]:
    return decode_entry(store.objects[entry_key(sequence)][0]).payloads


async def append(writer: Writer, changeset: bytes) -> None:
    writer.append(changeset)


async def until_known(writer: Writer) -> None:
    while writer.has_work:
        with suppress(UncertainError):
            await writer.advance()


# -- group commit and the output gate ------------------------------------------------------------------


async def test_an_answer_waits_until_its_transaction_is_in_the_log() -> None:
    writer = await opened(MemoryStore())
    position = writer.append(b"a")
    assert not writer.is_durable(position)
    await writer.advance()
    assert writer.is_durable(position)


async def test_a_read_that_saw_nothing_new_need_not_wait() -> None:
    writer = await opened(MemoryStore())
    await written(writer, b"a")
    assert writer.is_durable(writer.position)


async def test_transactions_that_wait_share_the_next_entry() -> None:
    store = MemoryStore()
    writer = await opened(store)
    for changeset in (b"a", b"b", b"c"):
        writer.append(changeset)
    await writer.advance()
    assert payloads(store, 1) == (b"a", b"b", b"c")
    assert writer.is_durable(3)


async def test_a_transaction_that_comes_while_a_put_is_in_flight_goes_into_the_next_entry() -> None:
    store = MemoryStore()
    writer = await opened(store)
    writer.append(b"a")
    store.meanwhile("create", entry_key(1), lambda: run_now(append(writer, b"b")))
    await writer.advance()
    assert not writer.is_durable(2)
    await writer.advance()
    assert (payloads(store, 1), payloads(store, 2)) == ((b"a",), (b"b",))


async def test_an_entry_takes_no_more_than_its_limit_but_a_larger_changeset_goes_alone() -> None:
    store = MemoryStore()
    writer = await opened(store, policy=Policy(batch_bytes=10))
    for changeset in (b"12345", b"67890", b"x", b"longer than the limit", b"y"):
        writer.append(changeset)
    await until_known(writer)
    assert [payloads(store, number) for number in (1, 2, 3, 4)] == [
        (b"12345", b"67890"),
        (b"x",),
        (b"longer than the limit",),
        (b"y",),
    ]


async def test_transactions_that_changed_nothing_make_no_entry() -> None:
    store = MemoryStore()
    writer = await opened(store)
    position = writer.append(b"")
    await writer.advance()
    assert writer.is_durable(position)
    assert store.count("create") == 0


async def test_each_entry_carries_the_digest_of_the_one_before() -> None:
    store = MemoryStore()
    await written(await opened(store), b"a", b"b")
    first, second = (store.objects[entry_key(number)][0] for number in (1, 2))
    assert decode_entry(second).previous == first[-32:]


async def test_an_entry_says_who_wrote_it_and_when() -> None:
    store = MemoryStore()
    await written(await opened(store, 5), b"a")
    entry = decode_entry(store.objects[entry_key(1)][0])
    assert (entry.writer, entry.time_ms, entry.sequence) == (name(5), store.clock_ms, 1)


# -- the key is taken --------------------------------------------------------------------------------------


async def test_of_two_writers_only_one_gets_the_key() -> None:
    store = MemoryStore()
    former, latter = await opened(store, 1), await opened(store, 2)
    await written(latter, b"latter")
    position = former.append(b"former")
    with pytest.raises(FencedError):
        await former.advance()
    with pytest.raises(FencedError):
        former.is_durable(position)
    assert await state(store) == [b"latter"]


async def test_a_fenced_writer_lets_nothing_out_any_more() -> None:
    store = MemoryStore()
    former = await opened(store, 1)
    await written(former, b"a")
    await written(await opened(store, 2), b"b")
    former.append(b"c")
    with pytest.raises(FencedError):
        await former.advance()
    for position in (0, 1):
        with pytest.raises(FencedError):
            former.is_durable(position)
    for attempt in (former.advance, former.confirm):
        with pytest.raises(FencedError):
            await attempt()
    assert store.keys("log/") == [entry_key(1), entry_key(2)]


# -- the outcome is unknown ----------------------------------------------------------------------------


async def test_a_put_that_timed_out_without_effect_is_sent_again() -> None:
    store = MemoryStore()
    writer = await opened(store)
    writer.append(b"a")
    store.lose("create")
    with pytest.raises(UncertainError):
        await writer.advance()
    assert not writer.is_durable(1)
    await writer.advance()
    assert writer.is_durable(1)
    assert await state(store) == [b"a"]


async def test_a_put_that_timed_out_but_arrived_is_found() -> None:
    store = MemoryStore()
    writer = await opened(store)
    writer.append(b"a")
    store.hide("create")
    with pytest.raises(UncertainError):
        await writer.advance()
    assert not writer.is_durable(1)
    await writer.advance()
    assert writer.is_durable(1)
    assert store.count("create") == 1


async def test_a_put_that_timed_out_while_another_writer_took_the_key_is_fenced() -> None:
    store = MemoryStore()
    former, latter = await opened(store, 1), await opened(store, 2)
    former.append(b"a")
    store.lose("create")
    with pytest.raises(UncertainError):
        await former.advance()
    await written(latter, b"b")
    with pytest.raises(FencedError):
        await former.advance()


async def test_the_same_bytes_are_sent_again_whatever_else_has_come() -> None:
    """A first try may still be on its way: were the second another entry, the first could land in its place."""
    store = MemoryStore()
    writer = await opened(store)
    writer.append(b"a")
    store.lose("create")
    with pytest.raises(UncertainError):
        await writer.advance()
    writer.append(b"b")
    store.clock_ms += HOUR_MS
    await writer.advance()
    assert payloads(store, 1) == (b"a",)
    assert not writer.is_durable(2)


async def test_a_try_that_arrives_late_is_recognised_as_the_own() -> None:
    store = MemoryStore()
    writer = await opened(store)
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
    await until_known(writer)
    assert writer.is_durable(1)
    assert store.count("create") == 2


async def test_a_question_that_is_not_answered_is_asked_again() -> None:
    store = MemoryStore()
    writer = await opened(store)
    writer.append(b"a")
    store.lose("create")
    store.lose("get")
    store.lose("list")
    await until_known(writer)
    assert writer.is_durable(1)
    assert await state(store) == [b"a"]


# -- the floor -------------------------------------------------------------------------------------------


async def overtake(store: MemoryStore, writer: Writer) -> None:
    """Let a writer go on for days: snapshots, and everything before them truncated."""
    for image in (b"first", b"second"):
        await snapshot(store, writer, image)
        store.clock_ms += 25 * HOUR_MS
    await snapshot(store, writer, b"third")
    await Keeper(store, writer.history, POLICY).truncate()


async def test_a_sleeper_that_wakes_after_truncation_is_fenced_by_the_floor() -> None:
    """It had opened and written nothing; the key it goes for belonged to the middle of another's entries."""
    store = MemoryStore()
    latter = await opened(store, 2)
    await written(latter, b"a")
    sleeper = await opened(store, 1)
    await overtake(store, latter)
    assert entry_key(2) not in store.objects
    position = sleeper.append(b"lost")
    with pytest.raises(FencedError):
        await sleeper.advance()
    with pytest.raises(FencedError):
        sleeper.is_durable(position)
    assert await state(store) == [b"third"]


async def test_a_zombie_finds_the_key_it_goes_for_still_taken() -> None:
    """It had written; the entry that followed its last one is the first of its successor, emptied but there."""
    store = MemoryStore()
    zombie = await opened(store, 1)
    await written(zombie, b"a")
    await overtake(store, await opened(store, 2))
    assert decode_entry(store.objects[entry_key(2)][0]).kind is Kind.EMPTIED
    zombie.append(b"lost")
    with pytest.raises(FencedError):
        await zombie.advance()
    assert await state(store) == [b"third"]


async def test_the_floor_is_looked_at_once_only() -> None:
    store = MemoryStore()
    writer = await opened(store)
    store.calls.clear()
    await written(writer, b"a", b"b", b"c")
    assert store.count("list") == 1


async def test_no_answer_leaves_before_the_floor_is_known() -> None:
    store = MemoryStore()
    writer = await opened(store)
    position = writer.append(b"a")
    store.lose("list")
    with pytest.raises(UncertainError):
        await writer.advance()
    assert not writer.is_durable(position)
    await writer.advance()
    assert writer.is_durable(position)
    assert store.count("create") == 1


# -- asking whether one is alone ----------------------------------------------------------------------


async def test_a_writer_that_is_alone_is_confirmed() -> None:
    writer = await opened(MemoryStore())
    assert await writer.confirm()
    await written(writer, b"a")
    assert await writer.confirm()


async def test_a_writer_that_has_been_followed_learns_it_without_writing() -> None:
    store = MemoryStore()
    idle = await opened(store, 1)
    await written(await opened(store, 2), b"a")
    with pytest.raises(FencedError):
        await idle.confirm()
    assert idle.is_fenced


async def test_a_sleeper_learns_from_the_floor_that_it_was_overtaken() -> None:
    store = MemoryStore()
    latter = await opened(store, 2)
    await written(latter, b"a")
    sleeper = await opened(store, 1)
    await overtake(store, latter)
    with pytest.raises(FencedError):
        await sleeper.confirm()


async def test_an_own_put_on_its_way_confirms_nothing() -> None:
    """It may have arrived long ago, and another writer may have followed it."""
    store = MemoryStore()
    writer = await opened(store, 1)
    await written(writer, b"a")
    writer.append(b"b")
    store.hide("create")
    with pytest.raises(UncertainError):
        await writer.advance()
    await written(await opened(store, 2), b"c")
    assert not await writer.confirm()
    await writer.advance()
    with pytest.raises(FencedError):
        await writer.confirm()


# -- migrations and snapshots ------------------------------------------------------------------------------


async def test_a_migration_is_one_entry_with_the_whole_database() -> None:
    store = MemoryStore()
    writer = await opened(store, 1)
    await written(writer, b"a")
    await writer.migrate(b"migrated", 2)
    await written(writer, b"b")
    assert await state(store) == [b"migrated", b"b"]
    assert [decode_entry(store.objects[entry_key(number)][0]).schema for number in (1, 2, 3)] == [0, 2, 2]


async def test_of_a_migration_and_a_write_beside_it_only_one_happens() -> None:
    store = MemoryStore()
    old, new = await opened(store, 1), await opened(store, 2)
    await new.migrate(b"migrated", 1)
    old.append(b"unmigrated")
    with pytest.raises(FencedError):
        await old.advance()
    assert await state(store) == [b"migrated"]


async def test_a_migration_whose_outcome_is_unknown_can_be_asked_for_again() -> None:
    store = MemoryStore()
    writer = await opened(store)
    store.hide("create")
    with pytest.raises(UncertainError):
        await writer.migrate(b"migrated", 1)
    await writer.migrate(b"migrated", 1)
    assert (writer.history.schema, store.count("create")) == (1, 1)


async def test_an_image_ends_its_entry_so_that_it_holds_what_the_log_holds() -> None:
    store = MemoryStore()
    writer = await opened(store)
    writer.append(b"a")
    writer.append(b"b", b"AB")
    writer.append(b"c")
    await writer.advance()
    assert payloads(store, 1) == (b"a", b"b")
    taken = writer.take_snapshot()
    assert taken is not None
    assert (taken.sequence, taken.image) == (1, b"AB")


async def test_no_snapshot_is_offered_before_its_entry_is_in_the_log() -> None:
    store = MemoryStore()
    writer = await opened(store)
    writer.append(b"a", b"A")
    store.lose("create")
    with pytest.raises(UncertainError):
        await writer.advance()
    assert writer.take_snapshot() is None
    await writer.advance()
    assert writer.take_snapshot() is not None


async def test_one_snapshot_is_under_way_at_a_time() -> None:
    writer = await opened(MemoryStore())
    await written(writer, *(b"%d" % number for number in range(POLICY.snapshot_entries)))
    wanted = [writer.wants_image]
    writer.append(b"x", b"image")
    wanted.append(writer.wants_image)
    await writer.advance()
    writer.take_snapshot()
    wanted.append(writer.wants_image)
    writer.end_snapshot()
    wanted.append(writer.wants_image)
    assert wanted == [True, False, False, True]
