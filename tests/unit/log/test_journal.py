import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import apsw
import pytest
from tests.unit.log.memory import HOUR_MS, MemoryStore

from satchel_service.database import Database, DatabaseError
from satchel_service.database.schema import MIGRATIONS
from satchel_service.log.errors import OutOfReachError, UncertainError, UnsafeStoreError
from satchel_service.log.format import Kind, decode_entry, entry_key
from satchel_service.log.journal import LogJournal, pauses
from satchel_service.log.policy import Policy
from satchel_service.log.startup import open_journal, recover

SCHEMA = len(MIGRATIONS)


class HeldStore(MemoryStore):
    """Holds back every put of an entry until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.began = asyncio.Event()
        self.may_go = asyncio.Event()
        self.may_go.set()

    async def create(self, key: str, data: bytes) -> bool:
        if key.startswith("log/"):
            self.began.set()
            await self.may_go.wait()
        return await super().create(key, data)

    def hold(self) -> None:
        self.began.clear()
        self.may_go.clear()


@dataclass
class Cloud:
    """An instance: its database, its journal, and whether it was told that it has ended."""

    store: MemoryStore
    database: Database
    journal: LogJournal
    ended: list[str] = field(default_factory=list)

    async def write(self, value: str) -> None:
        await self.database.write(lambda db: insert(db, value))

    async def read(self) -> list[str]:
        return await self.database.read(values)

    async def close(self) -> None:
        await self.journal.close()
        self.database.close()


def insert(db: apsw.Connection, value: str) -> None:
    db.execute("INSERT INTO meta VALUES (?, 1)", (value,))


def values(db: apsw.Connection) -> list[str]:
    return [str(key) for (key,) in db.execute("SELECT key FROM meta ORDER BY key")]


def inserting(value: str) -> Callable[[apsw.Connection], None]:
    return lambda db: insert(db, value)


numbers = itertools.count()


async def start(
    store: MemoryStore,
    folder: Path,
    *,
    policy: Policy | None = None,
    stale_s: float = 1000.0,
    patience_s: float = 0.0,
) -> Cloud:
    """Start an instance on an empty disk."""
    local = folder / f"instance-{next(numbers)}"
    local.mkdir()
    ended: list[str] = []
    journal = await open_journal(
        store,
        "memory",
        local / "cloud.db",
        clock=lambda: store.clock_ms,
        entropy=lambda count: next(numbers).to_bytes(count, "big"),
        on_ended=lambda: ended.append("ended"),
        policy=policy or Policy(),
    )
    journal._stale_s, journal._patience_s = stale_s, patience_s
    database = Database()
    database.open(local / "cloud.db", journal)
    await journal.adopt(local / "cloud.db")
    return Cloud(store, database, journal, ended)


# -- what survives -------------------------------------------------------------------------------------------


async def test_an_instance_on_an_empty_disk_has_what_the_former_acknowledged(tmp_path: Path) -> None:
    store = MemoryStore()
    former = await start(store, tmp_path)
    await former.write("a")
    await former.write("b")
    latter = await start(store, tmp_path)
    assert await latter.read() == ["a", "b"]
    await former.close()
    await latter.close()


async def test_a_fresh_cloud_logs_its_tables_once(tmp_path: Path) -> None:
    store = MemoryStore()
    for _ in range(2):
        await (await start(store, tmp_path)).close()
    assert [decode_entry(store.objects[key][0]).kind for key in store.keys("log/")] == [Kind.IMAGE]
    assert decode_entry(store.objects[entry_key(1)][0]).schema == SCHEMA


async def test_a_migration_is_logged_before_anything_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    former = await start(store, tmp_path)
    await former.write("a")
    await former.close()
    more = (*MIGRATIONS, "CREATE TABLE more(id INTEGER PRIMARY KEY) STRICT")
    monkeypatch.setattr("satchel_service.database.database.MIGRATIONS", more)
    await (await start(store, tmp_path)).close()
    assert decode_entry(store.objects[entry_key(3)][0]).schema == SCHEMA + 1
    latter = await start(store, tmp_path)
    assert await latter.read() == ["a"]
    await latter.close()


async def test_an_older_service_does_not_touch_a_newer_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    await (await start(store, tmp_path)).close()
    monkeypatch.setattr("satchel_service.database.database.MIGRATIONS", ())
    with pytest.raises(DatabaseError):
        await start(store, tmp_path)


async def test_what_was_rolled_back_is_not_logged(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path)

    def fail(db: apsw.Connection) -> None:
        insert(db, "a")
        raise LookupError

    with pytest.raises(LookupError):
        await cloud.database.write(fail)
    await cloud.write("b")
    latter = await start(store, tmp_path)
    assert await latter.read() == ["b"]
    await cloud.close()
    await latter.close()


async def test_a_transaction_that_changes_nothing_makes_no_entry(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path)
    await cloud.database.write(lambda db: db.execute("DELETE FROM meta").fetchall())
    assert len(store.keys("log/")) == 1
    await cloud.close()


# -- the output gate -----------------------------------------------------------------------------------------


async def test_no_answer_leaves_before_what_it_saw_is_in_the_log(tmp_path: Path) -> None:
    store = HeldStore()
    cloud = await start(store, tmp_path)
    store.hold()
    write = asyncio.create_task(cloud.write("a"))
    await store.began.wait()
    read = asyncio.create_task(cloud.read())
    refusal = asyncio.create_task(cloud.write("a"))
    await asyncio.wait([write, read, refusal], timeout=0.05)
    assert not any(task.done() for task in (write, read, refusal))
    store.may_go.set()
    await write
    assert await read == ["a"]
    with pytest.raises(apsw.ConstraintError):
        await refusal
    await cloud.close()


async def test_writes_that_wait_share_an_entry(tmp_path: Path) -> None:
    store = HeldStore()
    cloud = await start(store, tmp_path)
    store.hold()
    writes = [asyncio.create_task(cloud.write("first"))]
    await store.began.wait()
    writes += [asyncio.create_task(cloud.write(f"{number:02}")) for number in range(20)]
    await asyncio.sleep(0)  # each write is handed to the database's one thread
    await asyncio.wrap_future(cloud.database._thread.submit(int))  # which has done them before this
    store.may_go.set()
    await asyncio.gather(*writes)
    assert len(store.keys("log/")) == 3
    assert len(decode_entry(store.objects[entry_key(3)][0]).payloads) == 20
    await cloud.close()


async def test_a_request_that_is_cancelled_leaves_its_write_in_flight(tmp_path: Path) -> None:
    store = HeldStore()
    cloud = await start(store, tmp_path)
    store.hold()
    write = asyncio.create_task(cloud.write("a"))
    await store.began.wait()
    write.cancel()
    store.may_go.set()
    assert await cloud.read() == ["a"]
    latter = await start(store, tmp_path)
    assert await latter.read() == ["a"]
    await cloud.close()
    await latter.close()


# -- another instance ----------------------------------------------------------------------------------------


async def test_an_instance_that_was_followed_answers_nothing_and_is_told_to_leave(tmp_path: Path) -> None:
    store = MemoryStore()
    former, latter = await start(store, tmp_path), await start(store, tmp_path)
    await latter.write("latter")
    with pytest.raises(DatabaseError, match="another instance"):
        await former.write("former")
    with pytest.raises(DatabaseError, match="another instance"):
        await former.read()
    assert former.ended == ["ended"]
    assert former.journal.is_fenced
    assert latter.ended == []
    assert await latter.read() == ["latter"]
    await former.close()
    await latter.close()


async def test_every_request_that_waits_is_refused_when_the_instance_is_fenced(tmp_path: Path) -> None:
    store = HeldStore()
    former, latter = await start(store, tmp_path), await start(store, tmp_path)
    await latter.write("latter")
    store.hold()
    writes = [asyncio.create_task(former.write(str(number))) for number in range(3)]
    read = asyncio.create_task(former.read())
    await store.began.wait()
    store.may_go.set()
    outcomes = await asyncio.gather(*writes, read, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [DatabaseError] * 4
    assert former.ended == ["ended"]
    await former.close()
    await latter.close()


async def test_a_reader_that_was_followed_learns_it_when_it_has_not_asked_for_long(tmp_path: Path) -> None:
    store = MemoryStore()
    former, latter = await start(store, tmp_path, stale_s=0.0), await start(store, tmp_path)
    assert await former.read() == []
    await latter.write("latter")
    with pytest.raises(DatabaseError, match="another instance"):
        await former.read()
    assert former.ended == ["ended"]
    await former.close()
    await latter.close()


async def test_a_read_soon_after_the_last_question_asks_nothing(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path)
    await cloud.write("a")
    store.calls.clear()
    await cloud.read()
    assert store.calls == []
    await cloud.close()


# -- a store that fails ----------------------------------------------------------------------------------------


async def test_while_the_store_fails_requests_are_refused_and_later_nothing_is_missing(
    tmp_path: Path,
) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path)
    store.is_down = True
    for request in (cloud.write("a"), cloud.read(), cloud.write("b")):
        with pytest.raises(DatabaseError, match="does not answer"):
            await request
    store.is_down = False
    assert await cloud.read() == ["a", "b"]
    latter = await start(store, tmp_path)
    assert await latter.read() == ["a", "b"]
    assert cloud.ended == []
    await cloud.close()
    await latter.close()


async def test_an_unknown_outcome_is_resolved_within_the_request(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path, patience_s=0.06)
    store.hide("create")
    await cloud.write("a")
    assert await cloud.read() == ["a"]
    await cloud.close()


def test_patience_ends_before_a_platform_gives_up_on_the_request() -> None:
    assert sum(pauses(20.0)) <= 20.0
    assert list(pauses(0.4)) == [0.05, 0.1, 0.2]
    assert list(pauses(0.0)) == []


async def test_a_failure_that_nothing_provides_for_ends_the_instance(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path)

    def fail() -> None:
        raise OSError(5, "Input/output error")

    store.meanwhile("create", "", fail)
    with pytest.raises(DatabaseError):
        await cloud.write("a")
    with pytest.raises(DatabaseError, match="cannot go on"):
        await cloud.read()
    assert cloud.ended == ["ended"]
    with pytest.raises(OSError, match="Input/output"):
        raise cloud.journal._failure or LookupError
    cloud.database.close()


async def test_a_commit_that_cannot_be_recorded_ends_the_instance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path, policy=Policy(snapshot_entries=1))

    def fail(connection: apsw.Connection) -> bytes:
        raise MemoryError

    monkeypatch.setattr("satchel_service.log.journal.image_of", fail)
    with pytest.raises((MemoryError, DatabaseError)):
        await cloud.write("a")
    with pytest.raises(DatabaseError, match="cannot go on"):
        await cloud.read()
    assert cloud.ended == ["ended"]
    await cloud.close()


# -- snapshots -------------------------------------------------------------------------------------------------


async def test_a_snapshot_is_put_before_the_answer_that_made_it_due_leaves(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path, policy=Policy(snapshot_entries=3))
    kept = []
    for number in range(5):
        await cloud.write(str(number))
        kept.append(len(store.keys("snapshots/")))
    assert kept == [0, 0, 1, 1, 1]
    latter = await start(store, tmp_path)
    assert await latter.read() == ["0", "1", "2", "3", "4"]
    await cloud.close()
    await latter.close()


@pytest.mark.parametrize("kind", ["create", "get"])
async def test_a_snapshot_that_fails_does_not_fail_the_request(tmp_path: Path, kind: str) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path, policy=Policy(snapshot_entries=2))
    store.lose(kind, "snapshots/")
    for number in range(6):
        await cloud.write(str(number))
    assert not [fault for fault in store.faults if fault.when == "lost"]
    assert len(cloud.journal._writer.history.chain) == 1
    await cloud.close()


async def test_old_entries_go_while_the_cloud_is_used(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path, policy=Policy(snapshot_entries=3))
    for number in range(30):
        await cloud.write(f"{number:02}")
        store.clock_ms += 5 * HOUR_MS
    assert entry_key(2) not in store.objects
    assert decode_entry(store.objects[entry_key(1)][0]).kind is Kind.EMPTIED
    latter = await start(store, tmp_path)
    assert len(await latter.read()) == 30
    await cloud.close()
    await latter.close()


async def test_a_forgotten_history_holds_nothing_of_what_was_deleted(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path)
    await cloud.write("secret")
    cloud.journal.forget_history()
    await cloud.database.write(lambda db: db.execute("DELETE FROM meta").fetchall())
    assert not any(b"secret" in data for data, _ in store.objects.values())
    latter = await start(store, tmp_path)
    assert await latter.read() == []
    await cloud.close()
    await latter.close()


async def test_forgetting_that_fails_is_done_by_the_next_commit(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path)
    await cloud.write("secret")
    cloud.journal.forget_history()
    store.lose("create", "snapshots/")
    await cloud.database.write(lambda db: db.execute("DELETE FROM meta").fetchall())
    await cloud.write("later")
    assert not any(b"secret" in data for data, _ in store.objects.values())
    await cloud.close()


# -- starting and recovering -----------------------------------------------------------------------------------


async def test_a_store_that_fails_at_first_is_asked_again(tmp_path: Path) -> None:
    store = MemoryStore()
    store.lose("list")
    cloud = await start(store, tmp_path)
    await cloud.write("a")
    await cloud.close()


async def test_a_store_that_goes_on_failing_is_not_started_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("satchel_service.log.startup.OPENING_PATIENCE_S", 0.0)
    store = MemoryStore()
    store.lose("list")
    with pytest.raises(UncertainError):
        await start(store, tmp_path)


async def test_an_unsafe_store_is_not_started_on(tmp_path: Path) -> None:
    class CarelessStore(MemoryStore):
        async def create(self, key: str, data: bytes) -> bool:
            self.put(key, data)
            return True

    store = CarelessStore()
    with pytest.raises(UnsafeStoreError):
        await start(store, tmp_path)
    assert store.keys("log/") == []


async def test_a_moment_is_recovered_into_a_file(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path)
    for value in ("a", "b"):
        store.clock_ms += HOUR_MS
        await cloud.write(value)
    found = await recover(store, store.clock_ms - 1, tmp_path / "recovered.db")
    connection = apsw.Connection(str(tmp_path / "recovered.db"))
    assert values(connection) == ["a"]
    assert (found.schema, found.next_ms) == (SCHEMA, store.clock_ms)
    connection.close()
    await cloud.close()


async def test_a_moment_before_the_cloud_is_out_of_reach(tmp_path: Path) -> None:
    store = MemoryStore()
    before_ms = store.clock_ms - 1
    await (await start(store, tmp_path)).close()
    with pytest.raises(OutOfReachError):
        await recover(store, before_ms, tmp_path / "recovered.db")
