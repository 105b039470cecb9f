"""The two storages of a move, opened from the settings of their clouds."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from satchel_service.lifecycle.waking import log_folder, log_storage, store_id
from satchel_service.log.handover import SourceId, is_public_url
from satchel_service.log.threaded_store import ThreadedStore
from satchel_service.moving.errors import MoveRefusedError
from satchel_service.settings import Settings
from satchel_service.storage import Storage
from satchel_service.storage.opening import is_directory, local_folder, open_storage


class Place(NamedTuple):
    """A storage and the log in it. `url` is the cloud's address, empty if it cannot stand in a log."""

    settings: Settings
    storage: Storage
    log: ThreadedStore
    url: str

    @property
    def store_id(self) -> str:
        """The id of the storage's address."""
        return store_id(self.settings)

    @property
    def source(self) -> SourceId:
        """The same as the bytes that a reservation holds."""
        return SourceId(bytes.fromhex(self.store_id))


@contextmanager
def open_places(old: Settings, new: Settings, url: str) -> Iterator[tuple[Place, Place]]:
    """Open both storages. Raise MoveRefusedError if they overlap, StorageError or SettingsError if one cannot be used."""
    check_apart(old, new)
    if is_directory(old.storage) and not log_folder(old).is_dir():
        raise MoveRefusedError("the old storage holds no cloud", hint="check SATCHEL_STORAGE")
    first = _open(old, old.public_url)
    try:
        second = _open(new, url)
        try:
            yield first, second
        finally:
            second.log.close()
    finally:
        first.log.close()


def check_apart(old: Settings, new: Settings) -> None:
    """Raise MoveRefusedError if both settings name the same storage, or a directory inside the other."""
    is_same = store_id(old) == store_id(new)
    if is_directory(old.storage) and is_directory(new.storage):
        left, right = local_folder(old.storage).resolve(), local_folder(new.storage).resolve()
        is_same = is_same or left.is_relative_to(right) or right.is_relative_to(left)
    if is_same:
        raise MoveRefusedError("the old and the new storage are the same, or one lies inside the other")


def _open(settings: Settings, url: str) -> Place:
    storage = open_storage(settings, os.urandom)
    storage.prepare()
    log = ThreadedStore(log_storage(settings, storage))
    return Place(settings, storage, log, url if is_public_url(url) else "")
