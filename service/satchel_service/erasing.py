"""Deleting everything. Devices go last: a device whose erasure was cut off can ask for it again."""

from typing import Final

import apsw

from satchel_service.environment import Environment
from satchel_service.storage import Storage, blobs
from satchel_service.threads import in_thread

OWNED: Final = ("backups", "needs", "archives", "shares", "uploads", "pairing_codes")


async def erase(environment: Environment) -> None:
    """Delete every row and object of the owner's, with what other devices added meanwhile."""
    await environment.database.write(lambda db: forget(db, OWNED))
    await in_thread(delete_everything, environment.storage)
    environment.database.forget_history()
    await environment.database.write(lambda db: forget(db, (*OWNED, "devices")))
    await in_thread(delete_everything, environment.storage)


def forget(db: apsw.Connection, tables: tuple[str, ...]) -> None:
    """Empty tables."""
    for table in tables:
        db.execute(f"DELETE FROM {table}")  # noqa: S608  constants of this module


def delete_everything(storage: Storage) -> None:
    """Delete every object and upload."""
    for upload in list(storage.uploads()):
        storage.abort_upload(upload.key, upload.token)
    for info in blobs(storage):
        storage.delete(info.key)
