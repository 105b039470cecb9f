"""The stores that the log is measured on, and the log opened on one of them in this process."""

import asyncio
import itertools
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import apsw
from tests.support.s3_servers import S3Server, docker_answers, moto, shared_radosgw

from satchel_service.database import Database
from satchel_service.lifecycle.waking import log_storage, store_id
from satchel_service.log.journal import LogJournal
from satchel_service.log.startup import open_journal
from satchel_service.log.threaded_store import ThreadedStore
from satchel_service.settings import Settings
from satchel_service.storage.opening import open_storage

_NUMBERS: Final = itertools.count()
_SHARE: Final = """
INSERT INTO shares(id, upload, blob, size_bytes, version, created, updated, views, opened, proof_sha256, note)
VALUES (?, ?, ?, 1500, 1, 1, 1, 5, 0, ?, ?)
"""


class Place(NamedTuple):
    """A kind of store, and the settings of a cloud in it."""

    name: str
    environ: Mapping[str, str]

    def fresh(self) -> "Place":
        """Return an empty place in the same store."""
        location = f"{self.environ['SATCHEL_STORAGE']}/{secrets.token_hex(8)}"
        return Place(self.name, {**self.environ, "SATCHEL_STORAGE": location})


@contextmanager
def all_places(folder: Path) -> Iterator[list[Place]]:
    """Start every available kind of store; radosgw needs a container engine."""
    with ExitStack() as stack:
        places = [
            Place("directory", {"SATCHEL_STORAGE": f"file:{folder / 'clouds'}"}),
            on_bucket("moto", stack.enter_context(moto(folder))),
        ]
        if docker_answers():
            places.append(on_bucket("radosgw", stack.enter_context(shared_radosgw(folder))))
        yield places


def on_bucket(name: str, server: S3Server) -> Place:
    """Return a place in the server's bucket."""
    return Place(name, {**server.environ("bench"), "SATCHEL_S3_PUBLIC_ENDPOINT": "none"})


class Opened(NamedTuple):
    """An open log and its store."""

    store: ThreadedStore
    journal: LogJournal
    database: Database
    folder: Path

    async def close(self) -> None:
        """Close everything and delete the local copy."""
        await self.journal.close()
        self.database.close()
        self.store.close()
        shutil.rmtree(self.folder)


async def open_log(place: Place, folder: Path) -> Opened:
    """Open the log of a place as the service does. No service may have it open."""
    settings = Settings.read(place.environ)
    storage = open_storage(settings, os.urandom)
    storage.prepare()
    store = ThreadedStore(log_storage(settings, storage))
    local = Path(tempfile.mkdtemp(dir=folder))
    journal = await open_journal(
        store,
        store_id(settings),
        local / "cloud.db",
        clock=lambda: time.time_ns() // 1_000_000,
        entropy=os.urandom,
        on_fatal=lambda: None,
    )
    database = Database()
    await asyncio.to_thread(database.open, local / "cloud.db", journal)
    await journal.log_migration(local / "cloud.db")
    return Opened(store, journal, database, local)


def change_a_row(db: apsw.Connection) -> None:
    """Run a transaction as small as that of a view."""
    db.execute("INSERT OR REPLACE INTO meta VALUES ('bench', ?)", (next(_NUMBERS),))


def insert_shares(db: apsw.Connection, count: int) -> None:
    """Insert shares as the service does, many in one transaction."""
    for _ in range(count):
        upload = secrets.token_hex(16)
        values = (
            secrets.token_hex(16),
            upload,
            f"shares/{upload}",
            secrets.token_bytes(32),
            secrets.token_bytes(120),
        )
        db.execute(_SHARE, values)
