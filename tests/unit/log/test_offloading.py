"""Work that grows with the database runs in another thread, so that requests are answered meanwhile."""

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
from satchel_service.log.writer import LARGE_BYTES

HOLD_S: Final = 10.0  # a blocked event loop could not release the call before this


class HeldMethod:
    """Blocks each call of a method until it is released."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
        self.began = threading.Event()
        self.released = threading.Event()
        self.was_released = False
        self.thread = 0
        method: Callable[..., bytes] = getattr(owner, name)

        def held(each: object) -> bytes:
            self.thread = threading.get_ident()
            self.began.set()
            self.was_released = self.released.wait(HOLD_S)
            return method(each)

        monkeypatch.setattr(owner, name, held)


@asynccontextmanager
async def cloud(folder: Path, policy: Policy) -> AsyncIterator[Database]:
    """Run the service's own database, journal and threads on a directory."""
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
        on_fatal=lambda: None,
        policy=policy,
    )
    database = Database()
    database.open(local, journal)
    try:
        await journal.log_migration(local)
        yield database
        await journal.close()
    finally:
        database.close()
        store.close()


def insert(size_bytes: int) -> Callable[[apsw.Connection], object]:
    return lambda db: db.execute("INSERT INTO meta VALUES ('a', ?)", (bytes(size_bytes),))


def count(db: apsw.Connection) -> int:
    return len(db.execute("SELECT key FROM meta").fetchall())


async def test_requests_are_answered_while_a_snapshot_is_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cloud(tmp_path, Policy(snapshot_entries=1)) as database:
        encoding = HeldMethod(monkeypatch, Snapshot, "encode")
        write = asyncio.create_task(database.write(insert(10)))
        assert await asyncio.to_thread(encoding.began.wait, HOLD_S)
        assert await database.read(count) == 1
        assert not write.done()
        encoding.released.set()
        await write
    assert encoding.was_released
    assert encoding.thread != threading.get_ident()


async def test_a_large_entry_is_encoded_in_another_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cloud(tmp_path, Policy()) as database:
        encoding = HeldMethod(monkeypatch, Entry, "encode")
        write = asyncio.create_task(database.write(insert(LARGE_BYTES)))
        assert await asyncio.to_thread(encoding.began.wait, HOLD_S)
        encoding.released.set()  # the event loop still runs
        await write
    assert encoding.was_released
    assert encoding.thread != threading.get_ident()
