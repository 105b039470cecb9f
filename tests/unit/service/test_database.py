"""The micro-database: transactions, snapshots, and results held back until they are durable."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from satchel_service.database import Database, DatabaseError, DatabaseFullError, row, rows
from satchel_service.database import database as module


class InstantJournal:
    """A journal whose commits are durable at once."""

    def __init__(self) -> None:
        self.position = 0

    def begin(self, connection: apsw.Connection) -> None: ...

    def commit(self) -> int:
        self.position += 1
        return self.position

    def rollback(self) -> None: ...

    async def wait_until_durable(self, position: int) -> None: ...

    def erase_history(self) -> None: ...

    is_history_erased = True


class RecordingJournal(InstantJournal):
    """Records its calls and holds results back until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.durable = asyncio.Event()
        self.waiting = asyncio.Event()
        self.session: apsw.Session | None = None
        self.changesets: list[bytes] = []

    def begin(self, connection: apsw.Connection) -> None:
        self.calls.append("begin")
        self.session = apsw.Session(connection, "main")
        self.session.attach()

    def commit(self) -> int:
        assert self.session is not None
        self.calls.append("commit")
        self.changesets.append(self.session.changeset())
        return super().commit()

    def rollback(self) -> None:
        self.calls.append("rollback")

    async def wait_until_durable(self, position: int) -> None:
        self.calls.append(f"wait {position}")
        self.waiting.set()
        await self.durable.wait()


def open_database(folder: Path, journal: InstantJournal | None = None) -> Database:
    database = Database()
    database.open(folder / "cloud.db", journal or InstantJournal())
    return database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = open_database(tmp_path)
    yield made
    made.close()


def put(key: str, value: str) -> module.Work[None]:
    def work(db: apsw.Connection) -> None:
        db.execute("INSERT INTO meta VALUES (?, ?)", (key, value))

    return work


def keys(db: apsw.Connection) -> list[str]:
    return [key for (key,) in rows(db, "SELECT key FROM meta ORDER BY key")]


def test_written_rows_are_read(database: Database) -> None:
    asyncio.run(database.write(put("a", "1")))
    assert asyncio.run(database.read(keys)) == ["a"]


def test_an_exception_rolls_a_write_back(database: Database) -> None:
    def half(db: apsw.Connection) -> None:
        put("a", "1")(db)
        raise KeyError("half-way")

    with pytest.raises(KeyError):
        asyncio.run(database.write(half))
    assert asyncio.run(database.read(keys)) == []
    asyncio.run(database.write(put("b", "2")))
    assert asyncio.run(database.read(keys)) == ["b"]


def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(apsw.ReadOnlyError):
        asyncio.run(database.read(put("a", "1")))
    assert asyncio.run(database.read(keys)) == []


def test_written_rows_survive_reopening(tmp_path: Path) -> None:
    for key in ("a", "b"):
        database = open_database(tmp_path)
        asyncio.run(database.write(put(key, "1")))
        database.close()
    database = open_database(tmp_path)
    assert asyncio.run(database.read(keys)) == ["a", "b"]
    database.close()


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / "cloud.db"))
    connection.pragma("user_version", 1000)
    connection.close()
    with pytest.raises(DatabaseError, match="version 1000"):
        open_database(tmp_path)


def test_a_file_that_is_not_a_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cloud.db").write_bytes(b"something else" * 1000)
    with pytest.raises(DatabaseError, match="cannot open"):
        open_database(tmp_path)


def test_every_table_has_a_primary_key_and_strict_types(database: Database) -> None:
    def tables(db: apsw.Connection) -> dict[str, tuple[int, int]]:
        return {
            name: (int(strict), sum(pk > 0 for *_, pk in rows(db, f"PRAGMA table_info({name})")))
            for name, strict in rows(
                db,
                "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'",
            )
        }

    found = asyncio.run(database.read(tables))
    assert {"devices", "pairing_codes", "uploads", "archives", "backups", "needs", "shares"} < set(found)
    assert {name for name, (strict, keys_) in found.items() if not strict or not keys_} == set()


@pytest.mark.parametrize("kind", ["read", "write", "failing write"])
def test_results_are_held_back_until_everything_they_saw_is_durable(tmp_path: Path, kind: str) -> None:
    def fail(db: apsw.Connection) -> None:
        if row(db, "SELECT 1 FROM meta WHERE key = 'a'"):
            raise KeyError("it saw the first write")

    async def scenario() -> None:
        journal = RecordingJournal()
        database = open_database(tmp_path, journal)
        first = asyncio.create_task(database.write(put("a", "1")))
        await journal.waiting.wait()
        journal.waiting.clear()
        match kind:
            case "read":
                second: asyncio.Task[object] = asyncio.create_task(database.read(keys))
            case "write":
                second = asyncio.create_task(database.write(put("b", "2")))
            case _:
                second = asyncio.create_task(database.write(fail))
        await journal.waiting.wait()
        assert not first.done()
        assert not second.done()
        journal.durable.set()
        done = await asyncio.gather(first, second, return_exceptions=True)
        if kind == "failing write":
            assert isinstance(done[1], KeyError)
        assert journal.calls[:3] == ["begin", "commit", "wait 1"]
        assert journal.calls[-1] == ("wait 2" if kind == "write" else "wait 1")
        database.close()

    asyncio.run(scenario())


def test_a_journal_can_record_every_write_as_a_changeset(tmp_path: Path) -> None:
    async def scenario() -> list[bytes]:
        journal = RecordingJournal()
        journal.durable.set()
        database = open_database(tmp_path, journal)
        await database.write(put("a", "1"))
        await database.write(put("b", "2"))
        database.close()
        return journal.changesets

    changesets = asyncio.run(scenario())
    (tmp_path / "two").mkdir()
    replica = open_database(tmp_path / "two")

    def apply(db: apsw.Connection) -> None:
        for changeset in changesets:
            apsw.Changeset.apply(changeset, db)

    asyncio.run(replica.write(apply))
    assert asyncio.run(replica.read(keys)) == ["a", "b"]
    replica.close()


def test_a_failing_journal_lets_no_result_out(tmp_path: Path) -> None:
    class Fenced(InstantJournal):
        async def wait_until_durable(self, position: int) -> None:
            if position:
                raise DatabaseError("another instance took over")

    async def scenario() -> None:
        database = open_database(tmp_path, Fenced())
        with pytest.raises(DatabaseError, match="took over"):
            await database.write(put("a", "1"))
        with pytest.raises(DatabaseError, match="took over"):
            await database.read(keys)
        database.close()

    asyncio.run(scenario())


def fail_after(key: str) -> module.Work[None]:
    def work(db: apsw.Connection) -> None:
        put(key, "1")(db)
        raise KeyError(key)

    return work


def test_concurrent_writes_share_transactions_and_a_failing_one_is_undone_alone(tmp_path: Path) -> None:
    async def scenario() -> tuple[list[BaseException | None], list[str], RecordingJournal]:
        journal = RecordingJournal()
        journal.durable.set()
        database = open_database(tmp_path, journal)
        works = [put("a", "1"), put("b", "1"), fail_after("c"), put("a", "2"), put("d", "1")]
        done = await asyncio.gather(*map(database.write, works), return_exceptions=True)
        found = await database.read(keys)
        database.close()
        return done, found, journal

    done, found, journal = asyncio.run(scenario())
    assert [type(outcome) for outcome in done] == [type(None)] * 2 + [
        KeyError,
        apsw.ConstraintError,
        type(None),
    ]
    assert found == ["a", "b", "d"]
    assert journal.calls.count("commit") == 2  # the first, and those that waited for it
    (tmp_path / "two").mkdir()
    replica = open_database(tmp_path / "two")

    def apply(db: apsw.Connection) -> None:
        for changeset in journal.changesets:
            apsw.Changeset.apply(changeset, db)

    asyncio.run(replica.write(apply))
    assert asyncio.run(replica.read(keys)) == found
    replica.close()


def test_a_failed_commit_fails_every_write_of_the_transaction(tmp_path: Path) -> None:
    class Failing(InstantJournal):
        def begin(self, connection: apsw.Connection) -> None:  # noqa: ARG002
            if self.position:
                raise apsw.FullError("no room")
            self.position = 1

        def commit(self) -> int:
            return self.position

    async def scenario() -> None:
        database = open_database(tmp_path, Failing())
        done = await asyncio.gather(*(database.write(put(key, "1")) for key in "abc"), return_exceptions=True)
        assert [type(outcome) for outcome in done] == [type(None), DatabaseFullError, DatabaseFullError]
        assert await database.read(keys) == ["a"]
        database.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("is_committed", [False, True])
def test_a_look_up_waits_for_what_it_saw(tmp_path: Path, is_committed: bool) -> None:
    """The reader may see a commit that the journal has not given a position yet: the look-up waits for both."""
    committing, going_on = threading.Event(), threading.Event()

    class Slow(RecordingJournal):
        def commit(self) -> int:
            committing.set()
            going_on.wait()
            return super().commit()

    async def scenario() -> None:
        journal = Slow()
        database = open_database(tmp_path, journal)
        write = asyncio.create_task(database.write(put("a", "1")))
        await asyncio.to_thread(committing.wait)
        look_up = asyncio.create_task(database.look_up(keys))
        await asyncio.sleep(0)
        if is_committed:
            going_on.set()
            await journal.waiting.wait()
        assert not look_up.done()
        going_on.set()
        journal.durable.set()
        assert await look_up == ["a"]
        await write
        assert journal.calls[-1] == "wait 1"
        database.close()

    asyncio.run(scenario())


def test_a_look_up_cannot_write(database: Database) -> None:
    with pytest.raises(apsw.ReadOnlyError):
        asyncio.run(database.look_up(put("a", "1")))


@pytest.mark.parametrize("is_failing", [False, True])
def test_a_deferred_write_joins_the_next_transaction(database: Database, is_failing: bool) -> None:
    undone: list[str] = []
    deferred = [module.Deferred(fail_after("x") if is_failing else put("x", "1"), lambda: undone.append("x"))]
    database.add_deferred(lambda: deferred.pop() if deferred else None)
    asyncio.run(database.write(put("a", "1")))
    assert asyncio.run(database.read(keys)) == (["a"] if is_failing else ["a", "x"])
    assert undone == (["x"] if is_failing else [])


def test_a_deferred_write_does_not_join_a_write_that_fails(database: Database) -> None:
    """Otherwise every refused request of a stranger would cost a commit."""
    undone: list[str] = []
    waiting = [module.Deferred(put("x", "1"), lambda: undone.append("x"))]
    database.add_deferred(lambda: waiting.pop() if waiting else None)

    with pytest.raises(KeyError, match="y"):
        asyncio.run(database.write(fail_after("y")))
    assert asyncio.run(database.read(keys)) == []
    assert undone == ["x"]
