"""What the logs and objects of directories say, read past the code under test where that is possible."""

import asyncio
import os
from pathlib import Path

from satchel_service.log.directory_store import LogDirectory
from satchel_service.log.format import Entry, decode_entry
from satchel_service.log.policy import DEFAULT
from satchel_service.log.reader import LogContents, Opening
from satchel_service.log.threaded_store import ThreadedStore
from satchel_service.settings import Settings
from satchel_service.storage.opening import local_folder


def folder_of(settings: Settings) -> Path:
    """Return the directory of a cloud."""
    return local_folder(settings.storage)


def read_log(settings: Settings) -> LogContents:
    """Return the log of a cloud as an opening reads it."""
    directory = LogDirectory(folder_of(settings) / "database", os.urandom)
    directory.prepare(0)
    store = ThreadedStore(directory)
    try:
        return asyncio.run(Opening(store, DEFAULT).run())
    finally:
        store.close()


def entries_of(settings: Settings) -> list[Entry]:
    """Return every entry of a log."""
    folder = folder_of(settings) / "database" / "log"
    return [decode_entry(path.read_bytes()) for path in sorted(folder.iterdir())]


def is_open(settings: Settings) -> bool:
    """Whether a service would serve this storage's cloud."""
    if not (folder_of(settings) / "database" / "log").exists():
        return False
    history = read_log(settings).history
    return history.sequence > 0 and history.closed is None


def objects_of(settings: Settings) -> dict[str, bytes]:
    """Return every object of a cloud by its key."""
    blobs = folder_of(settings) / "blobs"
    return {
        path.relative_to(blobs).as_posix(): path.read_bytes() for path in blobs.rglob("*") if path.is_file()
    }
