"""What takes as long as the database is large runs in another thread: requests are answered meanwhile."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import apsw
import pytest

from satchel_service.database import Database
from satchel_service.log.directory_store import LogDirectory
from satchel_service.log.format import Entry, Snapshot
from satchel_service.log.policy import Policy
from satchel_service.log.startup import open_journal
from satchel_service.log.threaded_store import ThreadedStore
from satchel_service.log.writer import LONG_BYTES

HELD_S: Final = 10.0  # were the event loop held itself, it could not let go earlier


class Held:
    """Holds a method where it is called, until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
        self.began = threading.Event()
        self.may_go = threading.Event()
        self.was_let_go = False
        self.thread = 0
        method: Callable[..., bytes] = getattr(owner, name)

        def held(each: object) -> bytes:
            self.thread = threading.get_ident()
            self.began.set()
            self.was_let_go = self.may_go.wait(HELD_S)
            return method(each)

        monkeypatch.setattr(owner, name, held)


@asynccontextmanager
async def cloud(folder: Path, policy: Policy) -> AsyncIterator[Database]:
    """The service's own database, journal and threads, on a directory."""
    directory = LogDirectory(folder / "log", os.urandom)
    directory.prepare(0.0)
    store = ThreadedStore(directory)
    local = folder / "cloud.db"
    journal = await open_journal(
        store,
        "directory",
        local,
        clock=lambda: 1,
        entropy=os.urandom,
        on_ended=lambda: None,
        policy=policy,
    )
    database = Database()
    database.open(local, journal)
    try:
        await journal.adopt(local)
        yield database
        await journal.close()
    finally:
        database.close()
        store.close()


def insert(size_bytes: int) -> Callable[[apsw.Connection], object]:
    return lambda db: db.execute("INSERT INTO meta VALUES ('a', ?)", (bytes(size_bytes),))


def count(db: apsw.Connection) -> int:
    return len(db.execute("SELECT key FROM meta").fetchall())


async def test_a_request_is_answered_while_a_snapshot_is_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cloud(tmp_path, Policy(snapshot_entries=1)) as database:
        encoding = Held(monkeypatch, Snapshot, "encode")
        write = asyncio.create_task(database.write(insert(10)))
        assert await asyncio.to_thread(encoding.began.wait, HELD_S)
        assert await database.read(count) == 1
        assert not write.done()
        encoding.may_go.set()
        await write
    assert encoding.was_let_go
    assert encoding.thread != threading.get_ident()


async def test_a_large_entry_is_encoded_in_another_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cloud(tmp_path, Policy()) as database:
        encoding = Held(monkeypatch, Entry, "encode")
        write = asyncio.create_task(database.write(insert(LONG_BYTES)))
        assert await asyncio.to_thread(encoding.began.wait, HELD_S)
        encoding.may_go.set()  # by the event loop, which goes on
        await write
    assert encoding.was_let_go
    assert encoding.thread != threading.get_ident()
