"""Waking an instance: build the local micro-database from its log and keep it open until shutdown.

The log is stored beside the objects: under the same prefix of a bucket, or in `database/` inside the directory. The
local copy belongs to this process and is deleted with it.
"""

import asyncio
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from satchel_service.database import DatabaseError
from satchel_service.database.folder import LocalFolder
from satchel_service.environment import Environment
from satchel_service.lifecycle.departure import Departure
from satchel_service.log.directory_store import LogDirectory
from satchel_service.log.errors import ClosedLogError, LogError
from satchel_service.log.policy import DEFAULT
from satchel_service.log.reader import LogContents, Opening
from satchel_service.log.startup import check_open, open_journal
from satchel_service.log.threaded_store import LogStorage, ThreadedStore
from satchel_service.settings import Settings
from satchel_service.storage import Storage
from satchel_service.storage.opening import is_directory, local_folder

FILE_NAME: Final = "cloud.db"
LOG_FOLDER: Final = "database"


@asynccontextmanager
async def open_database(
    environment: Environment, on_fatal: Callable[[], None]
) -> AsyncIterator[Departure | None]:
    """Open the database of the environment from its log, and close both on exit.

    Yield None; or, if the cloud has left this storage, where it is, without opening a database. `on_fatal` is called
    when another instance has taken over or the log has failed for good. Raise StorageError, LogError or DatabaseError if
    the service must not start.
    """
    settings, database = environment.settings, environment.database
    environment.storage.prepare()
    folder = _local_folder(settings)
    store = ThreadedStore(log_storage(settings, environment.storage))
    path = folder.path / FILE_NAME
    try:
        journal = await open_journal(
            store,
            store_id(settings),
            path,
            clock=environment.clock,
            entropy=environment.entropy,
            on_fatal=on_fatal,
        )
        database.open(path, journal)
        try:
            await journal.log_migration(path)
            yield None
        finally:
            await journal.close()
    except ClosedLogError as exc:
        if exc.is_awaiting:
            raise
        yield Departure(store, exc, on_fatal)
    finally:
        database.close()
        store.close()
        folder.remove()


def find_closed(settings: Settings, storage: Storage) -> ClosedLogError | None:
    """Return why this storage serves no cloud: it has moved away, or is being moved here. Raise StorageError.

    A log that does not exist yet or cannot be read gives no reason.
    """

    async def read() -> LogContents:
        store = ThreadedStore(log_storage(settings, storage))
        try:
            return await Opening(store, DEFAULT).run()
        finally:
            store.close()

    if is_directory(settings.storage) and not log_folder(settings).is_dir():
        return None
    try:
        check_open(asyncio.run(read()).history)
    except ClosedLogError as exc:
        return exc
    except (LogError, OSError):
        return None
    return None


def log_storage(settings: Settings, storage: Storage) -> LogStorage:
    """Return the storage of the log: the bucket itself, or a directory beside the objects. Raise StorageError."""
    if not is_directory(settings.storage):
        return storage
    directory = LogDirectory(log_folder(settings), os.urandom)
    directory.prepare(time.time())
    return directory


def log_folder(settings: Settings) -> Path:
    """Return the directory of the log, for a storage in a directory."""
    return local_folder(settings.storage) / LOG_FOLDER


def store_id(settings: Settings) -> str:
    """Return an id of the storage's address, in hex digits."""
    addresses = f"{settings.storage}\n{settings.s3_endpoint}\n{settings.gcs_endpoint}"
    return hashlib.sha256(addresses.encode()).hexdigest()[:32]


def _local_folder(settings: Settings) -> LocalFolder:
    base = Path(settings.database_dir or tempfile.gettempdir())
    try:
        return LocalFolder(base)
    except OSError as exc:
        raise DatabaseError(f"cannot use {str(base)!r}: {exc.strerror}") from exc
