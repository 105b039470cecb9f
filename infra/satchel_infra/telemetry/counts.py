"""The counts of an endpoint, in one SQLite file: `counts.db` of its directory.

It holds tallies by month, and for the current month keyed hashes of the ids and documents that were counted, so that a
device counts once and a document that arrives twice counts once. The key is random and new in every month; key and
hashes are deleted when the month is over.
"""

import hmac
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import apsw

from satchel_infra.errors import ConfigurationError, UnavailableError
from satchel_infra.telemetry.tallies import Tally, tallies_of
from satchel_wire.telemetry import CrashReport, TelemetryDocument

FILE_NAME: Final = "counts.db"
APPLICATION_ID: Final = 0x7374746D  # "sttm"
FORMAT: Final = 1
KEY_BYTES: Final = 32
DIGEST_BYTES: Final = 16
MOST_SEEN: Final = 5_000_000
"""The most hashes of a month, about 200 MB. Documents beyond are counted without looking for a second delivery."""
MOST_VALUES: Final = 500
"""The most values of one field in a month. Others are counted together, so that nobody fills the file with names."""
OTHER: Final = "other"
BUSY_TIMEOUT_MS: Final = 10_000

_SCHEMA: Final = f"""
    CREATE TABLE tallies(
        month TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, documents INTEGER NOT NULL, amount INTEGER NOT NULL,
        PRIMARY KEY(month, field, value)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE months(
        month TEXT PRIMARY KEY, devices INTEGER NOT NULL, documents INTEGER NOT NULL, reports INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE seen(digest BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
    CREATE TABLE present(month TEXT NOT NULL, key BLOB NOT NULL, seen INTEGER NOT NULL) STRICT;
    PRAGMA user_version = {FORMAT};
    PRAGMA application_id = {APPLICATION_ID};
"""


@dataclass(frozen=True, slots=True)
class Month:
    """The counts of a month. `tallies` maps a field to its values, each with its documents and its amount."""

    name: str
    devices: int
    documents: int
    reports: int
    tallies: dict[str, dict[str, tuple[int, int]]]


class Counts:
    """The open counts. Safe to use from several threads, and in several processes at once."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Open the counts in a directory, or create them. Raise ConfigurationError if that is impossible."""
        path = directory / FILE_NAME
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
            connection = apsw.Connection(str(path))
            connection.set_busy_timeout(BUSY_TIMEOUT_MS)
            connection.execute("PRAGMA secure_delete = ON").fetchall()
            _begin(connection)
        except (OSError, apsw.Error) as exc:
            reason = exc.strerror if isinstance(exc, OSError) else str(exc)
            raise ConfigurationError(
                f"the counts in {str(path)!r} cannot be used: {reason}",
                hint="check the directory and its owner",
            ) from exc
        found = connection.pragma("application_id"), connection.pragma("user_version")
        if found != (APPLICATION_ID, FORMAT):
            connection.close()
            raise ConfigurationError(
                f"{str(path)!r} holds no counts that this version knows",
                hint="update satchel-infra, or name another directory",
            )
        return cls(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def count(self, document: TelemetryDocument | CrashReport, body: bytes, now: datetime) -> bool:
        """Count a document; return False if this one was counted before. Raise UnavailableError if it cannot be kept."""
        with self._writing():
            month, key = self._turn(now)
            is_report = isinstance(document, CrashReport)
            is_new_device = False
            if isinstance(document, TelemetryDocument):
                if not self._is_first(key, b"document", body):
                    return False
                is_new_device = self._is_first(key, b"device", document.id.encode())
            self._execute(
                "INSERT INTO months VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET devices = devices + excluded.devices,"
                " documents = documents + excluded.documents, reports = reports + excluded.reports",
                (month, int(is_new_device), int(not is_report), int(is_report)),
            )
            for tally in tallies_of(document):
                self._add(month, tally)
            return True

    def forget_past(self, now: datetime) -> None:
        """Delete the key and the hashes of a month that is over. Raise UnavailableError if that is impossible."""
        with self._writing():
            self._turn(now)

    def check(self) -> None:
        """Raise UnavailableError unless the file can be read."""
        with self._translated():
            self._execute("SELECT count(*) FROM months")

    def months(self) -> list[str]:
        """Return the months that have counts, the earliest first."""
        with self._translated():
            return [str(month) for (month,) in self._execute("SELECT month FROM months ORDER BY month")]

    def month(self, name: str) -> Month | None:
        """Return the counts of a month, `2026-11`; None if there are none."""
        with self._translated():
            found = self._execute("SELECT devices, documents, reports FROM months WHERE month = ?", (name,))
            if not found:
                return None
            tallies: dict[str, dict[str, tuple[int, int]]] = {}
            for field, value, documents, amount in self._execute(
                "SELECT field, value, documents, amount FROM tallies WHERE month = ? ORDER BY field, documents DESC, value",
                (name,),
            ):
                tallies.setdefault(str(field), {})[str(value)] = (int(documents), int(amount))
            [(devices, documents, reports)] = found
            return Month(name, int(devices), int(documents), int(reports), tallies)

    def _turn(self, now: datetime) -> tuple[str, bytes]:
        """Return this month and its key. The first call in a month deletes the hashes of the month before."""
        month = f"{now:%Y-%m}"
        found = self._execute("SELECT month, key FROM present")
        if found and found[0][0] == month:
            return month, bytes(found[0][1])
        key = os.urandom(KEY_BYTES)
        self._execute("DELETE FROM seen")
        self._execute("DELETE FROM present")
        self._execute("INSERT INTO present VALUES (?, ?, 0)", (month, key))
        return month, key

    def _is_first(self, key: bytes, what: bytes, data: bytes) -> bool:
        """Store the keyed hash of some data; return whether it is new."""
        digest = hmac.digest(key, what + b"\n" + sha256(data).digest(), "sha256")[:DIGEST_BYTES]
        if self._execute("SELECT 1 FROM seen WHERE digest = ?", (digest,)):
            return False
        if self._execute("SELECT seen FROM present")[0][0] < MOST_SEEN:
            self._execute("INSERT INTO seen VALUES (?)", (digest,))
            self._execute("UPDATE present SET seen = seen + 1")
        return True

    def _add(self, month: str, tally: Tally) -> None:
        """Add to a tally, or to `other` if the field has too many values."""
        value = tally.value
        known = self._execute(
            "SELECT 1 FROM tallies WHERE month = ? AND field = ? AND value = ?", (month, tally.field, value)
        )
        if not known:
            [(values,)] = self._execute(
                "SELECT count(*) FROM tallies WHERE month = ? AND field = ?", (month, tally.field)
            )
            value = value if values < MOST_VALUES else OTHER
        self._execute(
            "INSERT INTO tallies VALUES (?, ?, ?, 1, ?) ON CONFLICT DO UPDATE SET documents = documents + 1,"
            " amount = amount + excluded.amount",
            (month, tally.field, value, tally.amount),
        )

    def _execute(self, statement: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Run a transaction; an error undoes it."""
        with self._translated():
            self._execute("BEGIN IMMEDIATE")
            try:
                yield
                self._execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._execute("ROLLBACK")
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except apsw.Error as exc:
                raise UnavailableError(
                    f"the counts cannot be used: {type(exc).__name__}", hint="check the disk of the endpoint"
                ) from exc


def _begin(connection: apsw.Connection) -> None:
    """Create the tables of an empty file, once, whichever process comes first."""
    connection.execute("BEGIN IMMEDIATE")
    if (
        not connection.pragma("application_id")
        and not connection.execute("SELECT 1 FROM sqlite_schema").fetchall()
    ):
        connection.execute(_SCHEMA).fetchall()
    connection.execute("COMMIT")
