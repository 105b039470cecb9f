"""Deleting everything. Devices go last: a device whose erasure was cut off can ask for it again."""

from typing import Final

import apsw

from satchel_service.environment import Environment, in_thread
from satchel_service.lifecycle.waking import log_folder
from satchel_service.log.directory_store import LogDirectory
from satchel_service.problems import ProblemError
from satchel_service.storage import Storage, blobs
from satchel_service.storage.opening import is_directory
from satchel_wire.problems import ProblemCode

EVER_MS: Final = 2**62
PUT_S: Final = 60  # longer than an entry is on its way: see `log.journal.PATIENCE_S`
OWNED: Final = ("backups", "needs", "archives", "shares", "reports", "uploads", "pairing_codes")
COUNT_ERASURE: Final = """
INSERT INTO meta VALUES ('erasures', 1) ON CONFLICT(key) DO UPDATE SET value = value + 1
"""


async def erase(environment: Environment) -> None:
    """Delete every row and object of the owner's, with what other devices added meanwhile.

    The log may hold on to it: then `unavailable`, and every device is still there to ask again.
    """
    database = environment.database
    database.forget_history()
    await database.write(lambda db: forget(db, OWNED))
    await in_thread(delete_everything, environment.storage)
    if not database.is_history_forgotten:
        raise ProblemError(ProblemCode.UNAVAILABLE, "the log still holds what was deleted; ask again")
    database.forget_history()
    await database.write(lambda db: forget(db, (*OWNED, "devices")))
    await in_thread(delete_everything, environment.storage)
    await in_thread(delete_log_leftovers, environment)
    await database.drop_old_pages()


def forget(db: apsw.Connection, tables: tuple[str, ...]) -> None:
    """Empty tables, and count that, so that something changes also when there is nothing left to delete."""
    for table in tables:
        db.execute(f"DELETE FROM {table}")  # noqa: S608  constants of this module
    db.execute(COUNT_ERASURE)


def delete_everything(storage: Storage) -> None:
    """Delete every object and upload, and what crashes left half-written."""
    for upload in list(storage.uploads()):
        storage.abort_upload(upload.key, upload.token)
    for info in blobs(storage):
        storage.delete(info.key)
    storage.sweep(EVER_MS)


def delete_log_leftovers(environment: Environment) -> None:
    """Delete what a crash left of entries on their way into a log on a disk; a bucket has nothing half-written."""
    if is_directory(environment.settings.storage):
        LogDirectory(log_folder(environment.settings), environment.entropy).sweep(
            environment.clock() / 1000 - PUT_S
        )
