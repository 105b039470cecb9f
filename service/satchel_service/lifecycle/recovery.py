"""`satchel-service recover`: write the micro-database as of an earlier time to a file for the operator."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from satchel_service.lifecycle.waking import FILE_NAME, log_storage
from satchel_service.log.errors import LogError, OutOfReachError
from satchel_service.log.startup import recover
from satchel_service.log.threaded_store import ThreadedStore
from satchel_service.settings import Settings
from satchel_service.storage import StorageError
from satchel_service.storage.opening import open_storage
from satchel_service.times import to_ms, to_time


class RecoveryError(Exception):
    """Nothing was recovered. The message gives the reason in one line."""


class RecoveredFile(NamedTuple):
    """The path of the recovered database and the time of the last entry in it."""

    path: Path
    at: datetime


def parse_time(text: str) -> datetime:
    """Parse an RFC 3339 time such as `2026-11-22T06:15:00Z`, in UTC if it has no offset. Raise RecoveryError."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError as exc:
        raise RecoveryError(f"{text!r} is not a time; use the form 2026-11-22T06:15:00Z") from exc
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def recover_into(settings: Settings, at: datetime, folder: Path) -> RecoveredFile:
    """Write the database as of a time into a directory. The log is not changed and the service can keep running.

    Raise RecoveryError on failure, or if the directory already contains a database.
    """
    path = folder / FILE_NAME
    if path.exists():
        raise RecoveryError(f"{str(path)!r} already exists; choose another directory")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        time_ms = asyncio.run(_recover(settings, to_ms(at), path))
    except OutOfReachError as exc:
        raise RecoveryError(f"{exc}: {at.isoformat()}") from exc
    except (LogError, StorageError) as exc:
        raise RecoveryError(str(exc)) from exc
    except OSError as exc:
        raise RecoveryError(f"cannot write {str(path)!r}: {exc.strerror}") from exc
    return RecoveredFile(path, to_time(time_ms))


async def _recover(settings: Settings, at_ms: int, path: Path) -> int:
    store = ThreadedStore(log_storage(settings, open_storage(settings, os.urandom)))
    try:
        return (await recover(store, at_ms, path)).time_ms
    finally:
        store.close()
