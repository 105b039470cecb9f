"""Erasing a cloud. Devices are deleted last, so a device can repeat an erasure that was interrupted."""

from collections.abc import Callable
from typing import Final, NamedTuple

import apsw

from satchel_service.audit import Event, by_device, record
from satchel_service.audit.pruning import delete_up_to
from satchel_service.audit.trail import read_head
from satchel_service.callers import as_device
from satchel_service.database import row
from satchel_service.database.schema import NONCE_KEY
from satchel_service.environment import Environment, in_thread
from satchel_service.lifecycle.waking import log_folder, log_storage
from satchel_service.log.directory_store import LogDirectory
from satchel_service.log.format import ENTRY_PREFIX, SNAPSHOT_PREFIX
from satchel_service.log.store import PROBE_PREFIX
from satchel_service.problems import ProblemError
from satchel_service.storage import Storage, blobs
from satchel_service.storage.opening import is_directory
from satchel_wire.problems import ProblemCode

LOG_PREFIXES: Final = (ENTRY_PREFIX, SNAPSHOT_PREFIX, PROBE_PREFIX)
END_OF_TIME_MS: Final = 2**62
STAGING_AGE_S: Final = 60  # longer than the put of an entry can take: see `log.journal.STORE_TIMEOUT_S`
TABLES: Final = (
    "backups",
    "needs",
    "archives",
    "retention",
    "shares",
    "reports",
    "requests",
    "answers",
    "uploads",
    "pairing_codes",
    "nonces",
)
LAST_TABLES: Final = ("owner", "issuer_keys", "devices", "revoked_tokens", "audit_counts")
"""Emptied at the very end, since a repeated erasure still needs them."""

AUTHORIZED: Final = "erasure-authorized"
AUTHORIZED_MS: Final = 15 * 60 * 1000  # how long an interrupted erasure can be repeated without a new code
COUNT_ERASURE: Final = """
INSERT INTO meta VALUES ('erasures', 1) ON CONFLICT(key) DO UPDATE SET value = value + 1
"""


async def authorize(environment: Environment, by: str, use_code: Callable[[apsw.Connection], object]) -> None:
    """Allow a device to erase the cloud. `use_code` uses up a code of the operator, or requires a fresh sign-in.

    An erasure that was interrupted can be repeated without a new code.
    """

    def check(db: apsw.Connection) -> None:
        now = environment.clock()
        found = row(db, "SELECT value FROM meta WHERE key = ?", (AUTHORIZED,))
        if found is None or not 0 <= now - found[0] < AUTHORIZED_MS:
            use_code(db)
            db.execute("INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)", (AUTHORIZED, now))

    await environment.database.write(as_device(by, check))


class Remaining(NamedTuple):
    """What a listing shows after an erasure."""

    objects: int
    """Objects of the owner and unfinished uploads."""
    log_objects: int
    """Entries and snapshots of the log of the empty database, and the mark of a storage that passed the probe.

    The running service needs them: without its last entries, a second instance could begin a log of its own, and both
    would accept writes (docs/spec/log.md).
    """


async def erase(environment: Environment, by: str) -> Remaining:
    """Delete every row and object of the cloud, including any that other devices add meanwhile.

    Of the audit log, only an entry that records the erasure by the device `by` stays, with the place of the log in its
    chain. Return what a listing shows afterwards. If the log still holds deleted rows, raise an `unavailable` problem;
    the devices stay, so the owner can retry.
    """
    database = environment.database
    database.erase_history()
    await database.write(lambda db: delete_rows(db, TABLES))
    await in_thread(delete_objects, environment.storage)
    if not database.is_history_erased:
        raise ProblemError(ProblemCode.UNAVAILABLE, "the log still holds deleted data; try again")
    database.erase_history()
    await database.write(lambda db: delete_last_rows(db, by, environment.clock()))
    await in_thread(delete_objects, environment.storage)
    await in_thread(delete_staged_entries, environment)
    await database.truncate_wal()
    return await in_thread(count_remaining, environment)


def count_remaining(environment: Environment) -> Remaining:
    """List the whole storage and count what it holds."""
    storage = environment.storage
    keys = [info.key for info in storage.list("")]
    log_keys = [key for key in keys if key.startswith(LOG_PREFIXES)]
    unfinished = sum(1 for _ in storage.uploads())
    if is_directory(environment.settings.storage):
        log = log_storage(environment.settings, storage)
        log_keys += [info.key for prefix in LOG_PREFIXES for info in log.list(prefix)]
    others = sum(1 for key in keys if not key.startswith(LOG_PREFIXES))
    return Remaining(others + unfinished, len(log_keys))


def delete_rows(db: apsw.Connection, tables: tuple[str, ...]) -> None:
    """Empty tables and count the erasure, so that the transaction changes something even if they were empty."""
    for table in tables:
        db.execute(f"DELETE FROM {table}")  # noqa: S608  constants of this module
    db.execute(COUNT_ERASURE)


def delete_last_rows(db: apsw.Connection, by: str, now: int) -> None:
    """Empty every table of the owner's, devices included, and record the erasure."""
    delete_rows(db, (*TABLES, *LAST_TABLES))
    db.execute("DELETE FROM meta WHERE key IN (?, ?)", (AUTHORIZED, NONCE_KEY))
    delete_up_to(db, read_head(db).number)
    record(db, Event.CLOUD_ERASED, by_device(by), now=now)


def delete_objects(storage: Storage) -> None:
    """Delete every object and upload, and the temporary files of crashed writes."""
    for upload in list(storage.uploads()):
        storage.abort_upload(upload.key, upload.token)
    for info in blobs(storage):
        storage.delete(info.key)
    storage.sweep(END_OF_TIME_MS)


def delete_staged_entries(environment: Environment) -> None:
    """Delete the staged entries of crashed writes from a log in a directory. A bucket has none."""
    if is_directory(environment.settings.storage):
        LogDirectory(log_folder(environment.settings), environment.entropy).sweep_staging(
            environment.clock() / 1000 - STAGING_AGE_S
        )
