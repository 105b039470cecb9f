"""`satchel-service recover`: the micro-database as it was at a moment, in a file for whoever runs the cloud."""

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
    """Nothing was recovered; the message says why in one line."""


class Recovered(NamedTuple):
    """Where the database was written and the time of the last entry that it has."""

    path: Path
    at: datetime


def parse_time(text: str) -> datetime:
    """Return the time of an RFC 3339 text such as `2026-11-22T06:15:00Z`; in UTC where no offset is given."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError as exc:
        raise RecoveryError(f"{text!r} is no time; write it like 2026-11-22T06:15:00Z") from exc
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def recover_into(settings: Settings, at: datetime, folder: Path) -> Recovered:
    """Write the database of that moment into a directory; the log stays as it is, and the service may run.

    RecoveryError, also when a database is there already.
    """
    path = folder / FILE_NAME
    if path.exists():
        raise RecoveryError(f"{str(path)!r} exists already; choose another directory")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = asyncio.run(_recover(settings, to_ms(at), path))
    except OutOfReachError as exc:
        raise RecoveryError(f"{exc}: {at.isoformat()}") from exc
    except (LogError, StorageError) as exc:
        raise RecoveryError(str(exc)) from exc
    except OSError as exc:
        raise RecoveryError(f"cannot write {str(path)!r}: {exc.strerror}") from exc
    return Recovered(path, to_time(found))


async def _recover(settings: Settings, at_ms: int, path: Path) -> int:
    store = ThreadedStore(log_storage(settings, open_storage(settings, os.urandom)))
    try:
        return (await recover(store, at_ms, path)).time_ms
    finally:
        store.close()
