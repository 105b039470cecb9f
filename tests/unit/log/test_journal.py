import asyncio
import itertools
import resource
from dataclasses import dataclass, field
from pathlib import Path

import apsw
import pytest
from tests.unit.log.memory_store import HOUR_MS, MemoryStore

from satchel_service.database import Database, DatabaseError
from satchel_service.database.schema import MIGRATIONS
from satchel_service.log.errors import OutOfReachError, UncertainError, UnsafeStoreError
from satchel_service.log.format import Kind, decode_entry, entry_key
from satchel_service.log.journal import LogJournal, retry_delays
from satchel_service.log.policy import Policy
from satchel_service.log.startup import open_journal, recover

SCHEMA = len(MIGRATIONS)


class HeldStore(MemoryStore):
    """Holds back every put of an entry until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.began = asyncio.Event()
        self.released = asyncio.Event()
        self.released.set()

    async def create(self, key: str, data: bytes) -> bool:
        if key.startswith("log/"):
            self.began.set()
            await self.released.wait()
        return await super().create(key, data)

    def hold(self) -> None:
        self.began.clear()
        self.released.clear()


@dataclass
class Cloud:
    """An instance: its database, its journal, and its calls of `on_fatal`."""

    store: MemoryStore
    database: Database
    journal: LogJournal
    fatal: list[str] = field(default_factory=list)

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


numbers = itertools.count()


async def start(
    store: MemoryStore,
    folder: Path,
    *,
    policy: Policy | None = None,
    confirm_after_s: float = 1000.0,
    timeout_s: float = 0.0,
) -> Cloud:
    """Start an instance on an empty disk."""
    local = folder / f"instance-{next(numbers)}"
    local.mkdir()
    fatal: list[str] = []
    journal = await open_journal(
        store,
        "memory",
        local / "cloud.db",
        clock=lambda: store.clock_ms,
        entropy=lambda count: next(numbers).to_bytes(count, "big"),
        on_fatal=lambda: fatal.append("fatal"),
        policy=policy or Policy(),
    )
    journal._confirm_after_s, journal._timeout_s = confirm_after_s, timeout_s
    database = Database()
    database.open(local / "cloud.db", journal)
    await journal.log_migration(local / "cloud.db")
    return Cloud(store, database, journal, fatal)


# -- durability ---------------------------------------------------------------------------------------------


async def test_a_full_local_disk_is_no_damaged_log(tmp_path: Path) -> None:
    store = MemoryStore()
    first = await start(store, tmp_path)
    for number in range(40):
        await first.write(f"{number:0>1000}")
    await first.close()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limit[1]))
    try:
        with pytest.raises(DatabaseError, match="cannot write the local database"):
            await start(store, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)


async def test_an_instance_on_an_empty_disk_has_everything_acknowledged_before(tmp_path: Path) -> None:
    store = MemoryStore()
    first = await start(store, tmp_path)
    await first.write("a")
    await first.write("b")
    second = await start(store, tmp_path)
    assert await second.read() == ["a", "b"]
    await first.close()
    await second.close()


async def test_a_new_cloud_logs_its_tables_once(tmp_path: Path) -> None:
    store = MemoryStore()
    for _ in range(2):
        await (await start(store, tmp_path)).close()
    assert [decode_entry(store.objects[key][0]).kind for key in store.keys("log/")] == [Kind.IMAGE]
    assert decode_entry(store.objects[entry_key(1)][0]).schema == SCHEMA


async def test_a_migration_is_logged_before_the_instance_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    first = await start(store, tmp_path)
    await first.write("a")
    await first.close()
    more = (*MIGRATIONS, "CREATE TABLE more(id INTEGER PRIMARY KEY) STRICT")
    monkeypatch.setattr("satchel_service.database.database.MIGRATIONS", more)
    await (await start(store, tmp_path)).close()
    assert decode_entry(store.objects[entry_key(3)][0]).schema == SCHEMA + 1
    second = await start(store, tmp_path)
    assert await second.read() == ["a"]
    await second.close()


async def test_an_older_service_does_not_start_on_a_newer_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    await (await start(store, tmp_path)).close()
    monkeypatch.setattr("satchel_service.database.database.MIGRATIONS", ())
    with pytest.raises(DatabaseError):
        await start(store, tmp_path)


async def test_a_rolled_back_transaction_is_not_logged(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path)

    def fail(db: apsw.Connection) -> None:
        insert(db, "a")
        raise LookupError

    with pytest.raises(LookupError):
        await cloud.database.write(fail)
    await cloud.write("b")
    second = await start(store, tmp_path)
    assert await second.read() == ["b"]
    await cloud.close()
    await second.close()


async def test_a_transaction_that_changes_nothing_makes_no_entry(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path)
    await cloud.database.write(lambda db: db.execute("DELETE FROM meta").fetchall())
    assert len(store.keys("log/")) == 1
    await cloud.close()


# -- the output gate -----------------------------------------------------------------------------------------


async def test_no_answer_leaves_before_its_transactions_are_in_the_log(tmp_path: Path) -> None:
    store = HeldStore()
    cloud = await start(store, tmp_path)
    store.hold()
    write = asyncio.create_task(cloud.write("a"))
    await store.began.wait()
    read = asyncio.create_task(cloud.read())
    refusal = asyncio.create_task(cloud.write("a"))
    await asyncio.wait([write, read, refusal], timeout=0.05)
    assert not any(task.done() for task in (write, read, refusal))
    store.released.set()
    await write
    assert await read == ["a"]
    with pytest.raises(apsw.ConstraintError):
        await refusal
    await cloud.close()


async def test_waiting_writes_share_an_entry(tmp_path: Path) -> None:
    store = HeldStore()
    cloud = await start(store, tmp_path)
    store.hold()
    writes = [asyncio.create_task(cloud.write("first"))]
    await store.began.wait()
    writes += [asyncio.create_task(cloud.write(f"{number:02}")) for number in range(20)]
    await asyncio.sleep(0)
    while cloud.database._batch is not None:  # until all of them have committed locally
        await asyncio.wait([cloud.database._batch])
    store.released.set()
    await asyncio.gather(*writes)
    assert len(store.keys("log/")) == 3
    changesets = decode_entry(store.objects[entry_key(3)][0]).payloads
    assert sum(len(list(apsw.Changeset.iter(changeset))) for changeset in changesets) == 20
    await cloud.close()


async def test_a_cancelled_request_leaves_its_write_in_flight(tmp_path: Path) -> None:
    store = HeldStore()
    cloud = await start(store, tmp_path)
    store.hold()
    write = asyncio.create_task(cloud.write("a"))
    await store.began.wait()
    write.cancel()
    store.released.set()
    assert await cloud.read() == ["a"]
    second = await start(store, tmp_path)
    assert await second.read() == ["a"]
    await cloud.close()
    await second.close()


# -- another instance ----------------------------------------------------------------------------------------


async def test_a_fenced_instance_refuses_everything_and_reports_a_fatal_error(tmp_path: Path) -> None:
    store = MemoryStore()
    first, second = await start(store, tmp_path), await start(store, tmp_path)
    await second.write("second")
    with pytest.raises(DatabaseError, match="another instance"):
        await first.write("first")
    with pytest.raises(DatabaseError, match="another instance"):
        await first.read()
    assert first.fatal == ["fatal"]
    assert first.journal.is_fenced
    assert second.fatal == []
    assert await second.read() == ["second"]
    await first.close()
    await second.close()


async def test_fencing_refuses_every_waiting_request(tmp_path: Path) -> None:
    store = HeldStore()
    first, second = await start(store, tmp_path), await start(store, tmp_path)
    await second.write("second")
    store.hold()
    writes = [asyncio.create_task(first.write(str(number))) for number in range(3)]
    read = asyncio.create_task(first.read())
    await store.began.wait()
    store.released.set()
    outcomes = await asyncio.gather(*writes, read, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [DatabaseError] * 4
    assert first.fatal == ["fatal"]
    await first.close()
    await second.close()


async def test_an_idle_instance_asks_the_store_and_detects_its_successor(tmp_path: Path) -> None:
    store = MemoryStore()
    first, second = await start(store, tmp_path, confirm_after_s=0.0), await start(store, tmp_path)
    assert await first.read() == []
    await second.write("second")
    with pytest.raises(DatabaseError, match="another instance"):
        await first.read()
    assert first.fatal == ["fatal"]
    await first.close()
    await second.close()


async def test_a_read_soon_after_a_confirmation_sends_no_request(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path)
    await cloud.write("a")
    store.calls.clear()
    await cloud.read()
    assert store.calls == []
    await cloud.close()


# -- failing stores --------------------------------------------------------------------------------------------


async def test_requests_are_refused_while_the_store_fails_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path)
    store.is_down = True
    for request in (cloud.write("a"), cloud.read(), cloud.write("b")):
        with pytest.raises(DatabaseError, match="does not respond"):
            await request
    store.is_down = False
    assert await cloud.read() == ["a", "b"]
    second = await start(store, tmp_path)
    assert await second.read() == ["a", "b"]
    assert cloud.fatal == []
    await cloud.close()
    await second.close()


async def test_an_unknown_outcome_is_resolved_within_the_request(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path, timeout_s=0.06)
    store.hide("create")
    await cloud.write("a")
    assert await cloud.read() == ["a"]
    await cloud.close()


def test_retries_end_within_the_timeout() -> None:
    assert sum(retry_delays(20.0)) <= 20.0
    assert list(retry_delays(0.4)) == [0.05, 0.1, 0.2]
    assert list(retry_delays(0.0)) == []


async def test_an_unexpected_failure_is_fatal(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path)

    def fail() -> None:
        raise OSError(5, "Input/output error")

    store.meanwhile("create", "", fail)
    with pytest.raises(DatabaseError):
        await cloud.write("a")
    with pytest.raises(DatabaseError, match="cannot continue"):
        await cloud.read()
    assert cloud.fatal == ["fatal"]
    with pytest.raises(OSError, match="Input/output"):
        raise cloud.journal._failure or LookupError
    cloud.database.close()


async def test_a_commit_that_cannot_be_logged_is_fatal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path, policy=Policy(snapshot_entries=1))

    def fail(connection: apsw.Connection) -> bytes:
        raise MemoryError

    monkeypatch.setattr("satchel_service.log.journal.image_of", fail)
    with pytest.raises((MemoryError, DatabaseError)):
        await cloud.write("a")
    with pytest.raises(DatabaseError, match="cannot continue"):
        await cloud.read()
    assert cloud.fatal == ["fatal"]
    await cloud.close()


# -- snapshots -------------------------------------------------------------------------------------------------


async def test_a_due_snapshot_is_stored_before_the_answer_leaves(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path, policy=Policy(snapshot_entries=3, bytes_per_entry=1 << 20))
    counts = []
    for number in range(5):
        await cloud.write(str(number))
        counts.append(len(store.keys("snapshots/")))
    assert counts == [0, 0, 1, 1, 1]
    second = await start(store, tmp_path)
    assert await second.read() == ["0", "1", "2", "3", "4"]
    await cloud.close()
    await second.close()


@pytest.mark.parametrize("kind", ["create", "get"])
async def test_a_failed_snapshot_does_not_fail_the_request(tmp_path: Path, kind: str) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path, policy=Policy(snapshot_entries=2, bytes_per_entry=1 << 20))
    store.lose(kind, "snapshots/")
    for number in range(6):
        await cloud.write(str(number))
    assert not [fault for fault in store.faults if fault.when == "lost"]
    assert len(cloud.journal._writer.history.chain) == 1
    await cloud.close()


async def test_old_entries_are_truncated_while_the_cloud_is_used(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path, policy=Policy(snapshot_entries=3))
    for number in range(30):
        await cloud.write(f"{number:02}")
        store.clock_ms += 5 * HOUR_MS
    assert entry_key(2) not in store.objects
    assert decode_entry(store.objects[entry_key(1)][0]).kind is Kind.EMPTIED
    second = await start(store, tmp_path)
    assert len(await second.read()) == 30
    await cloud.close()
    await second.close()


async def test_an_erased_history_contains_no_deleted_data(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path)
    await cloud.write("secret")
    cloud.journal.erase_history()
    await cloud.database.write(lambda db: db.execute("DELETE FROM meta").fetchall())
    assert not any(b"secret" in data for data, _ in store.objects.values())
    second = await start(store, tmp_path)
    assert await second.read() == []
    await cloud.close()
    await second.close()


async def test_the_next_commit_retries_a_failed_erasure(tmp_path: Path) -> None:
    store = MemoryStore()
    cloud = await start(store, tmp_path)
    await cloud.write("secret")
    cloud.journal.erase_history()
    store.lose("create", "snapshots/")
    await cloud.database.write(lambda db: db.execute("DELETE FROM meta").fetchall())
    await cloud.write("later")
    assert not any(b"secret" in data for data, _ in store.objects.values())
    await cloud.close()


# -- starting and recovering -----------------------------------------------------------------------------------


async def test_opening_retries_a_failing_store(tmp_path: Path) -> None:
    store = MemoryStore()
    store.lose("list")
    cloud = await start(store, tmp_path)
    await cloud.write("a")
    await cloud.close()


async def test_opening_gives_up_on_a_store_that_keeps_failing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("satchel_service.log.startup.OPEN_TIMEOUT_S", 0.0)
    store = MemoryStore()
    store.lose("list")
    with pytest.raises(UncertainError):
        await start(store, tmp_path)


async def test_an_unsafe_store_is_refused(tmp_path: Path) -> None:
    class OverwritingStore(MemoryStore):
        async def create(self, key: str, data: bytes) -> bool:
            self.put(key, data)
            return True

    store = OverwritingStore()
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
