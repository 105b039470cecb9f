"""The log on a directory and on real bucket servers, through the service's own storage classes."""

import itertools
import os
import time
from pathlib import Path
from typing import Final

import apsw
import pytest
from tests.support.buckets import gcs, moto_server, radosgw
from tests.support.rclone import rclone_server
from tests.support.s3_servers import S3Server

from satchel_service.database import Database, DatabaseError
from satchel_service.log.directory_store import LogDirectory
from satchel_service.log.errors import UnsafeStoreError
from satchel_service.log.journal import LogJournal
from satchel_service.log.policy import Policy
from satchel_service.log.startup import open_journal
from satchel_service.log.store import probe_store
from satchel_service.log.threaded_store import LogStorage, ThreadedStore
from satchel_service.storage.s3 import S3Storage

__all__ = ["gcs", "moto_server", "radosgw"]

POLICY: Final = Policy(snapshot_entries=4, retention_ms=0)
numbers = itertools.count()


@pytest.fixture(
    params=["directory", "moto_server", "gcs", pytest.param("radosgw", marks=pytest.mark.tool("docker"))]
)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> LogStorage:
    if request.param == "directory":
        directory = LogDirectory(tmp_path / "store", os.urandom)
        directory.prepare(time.time())
        return directory
    made: LogStorage = request.getfixturevalue(request.param).storage()
    return made


class UnconditionalStorage:
    """A bucket whose server never receives the condition of a create."""

    def __init__(self, storage: S3Storage) -> None:
        self._storage = storage
        self.create = storage.replace
        self.replace = storage.replace
        self.read = storage.read
        self.delete = storage.delete
        self.list = storage.list


async def start(storage: LogStorage, folder: Path) -> tuple[Database, LogJournal]:
    local = folder / f"instance-{next(numbers)}"
    local.mkdir()
    journal = await open_journal(
        ThreadedStore(storage),
        "test",
        local / "cloud.db",
        clock=lambda: time.time_ns() // 1_000_000,
        entropy=os.urandom,
        on_fatal=lambda: None,
        policy=POLICY,
    )
    database = Database()
    database.open(local / "cloud.db", journal)
    await journal.log_migration(local / "cloud.db")
    return database, journal


async def write(database: Database, value: str) -> None:
    await database.write(lambda db: db.execute("INSERT INTO meta VALUES (?, 1)", (value,)).fetchall())


def values(db: apsw.Connection) -> set[str]:
    return {str(key) for (key,) in db.execute("SELECT key FROM meta")}


async def test_of_two_instances_one_is_fenced_and_nothing_is_lost(
    storage: LogStorage, tmp_path: Path
) -> None:
    first, first_journal = await start(storage, tmp_path)
    for number in range(12):
        await write(first, f"first {number}")
    second, second_journal = await start(storage, tmp_path)
    await write(second, "second")
    with pytest.raises(DatabaseError, match="another instance"):
        await write(first, "lost")
    third, third_journal = await start(storage, tmp_path)
    assert await third.read(values) == {f"first {number}" for number in range(12)} | {"second"}
    for database, journal in ((first, first_journal), (second, second_journal), (third, third_journal)):
        await journal.close()
        database.close()


async def test_a_bucket_that_never_receives_the_condition_is_refused(moto_server: S3Server) -> None:
    storage = moto_server.storage()
    with pytest.raises(UnsafeStoreError, match="does not refuse"):
        await probe_store(ThreadedStore(UnconditionalStorage(storage)), "unconditional", "nonce")
    storage.close()


async def test_rclone_serve_s3_is_refused(tmp_path: Path) -> None:
    with rclone_server(tmp_path) as server:
        storage = server.storage()
        with pytest.raises(UnsafeStoreError, match="does not refuse"):
            await probe_store(ThreadedStore(storage), "rclone", "nonce")
        storage.close()
