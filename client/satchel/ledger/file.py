"""ledger.db: opening it, adding records, reading, verifying, and erasing texts.

The file has one writer at a time, whichever process it is. What `add` returned survives a power failure if it is a
record of something that is about to happen; the end of an exchange may be lost with the last moments.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import apsw

from satchel.errors import IntegrityError, NotFoundError
from satchel.ledger.records import (
    SALT_BYTES,
    START,
    Access,
    Entry,
    Forgotten,
    Read,
    Record,
    Sent,
    Wrote,
    commit,
    decode,
    encode,
    entries_of,
    link,
)
from satchel.local_files import make_home, translate_os_errors
from satchel.store.database import (
    BUSY_TIMEOUT_MS,
    connect,
    create_file,
    first_row,
    open_file,
    reading,
    rows,
    scalar,
    translated,
    turn_on_log,
    writing,
)

LEDGER_FILE: Final = "ledger.db"
# "stcg", at offset 68 of the file.
APPLICATION_ID: Final = 0x73746367
FORMAT: Final = 1
_TABLES: Final = (
    "CREATE TABLE records(number INTEGER PRIMARY KEY, record BLOB NOT NULL, digest BLOB NOT NULL) STRICT",
    "CREATE TABLE texts(number INTEGER PRIMARY KEY, salt BLOB NOT NULL, text BLOB NOT NULL) STRICT",
)
_AHEAD: Final = (Sent, Read, Wrote)
"""Records of what is about to happen, which must not happen unless they last."""
_KEEP: Final = "move it to another place and keep it; satchel then begins a new one"


class Ledger:
    """The open ledger of a home. Use it in one thread at a time, and close it."""

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        self.path = path
        self.connection = connection

    @classmethod
    def open(cls, home: Path) -> Self:
        """Open the ledger for reading and forgetting. Raise NotFoundError if nothing has ever been recorded.

        Raise IntegrityError if it is damaged or of a newer format.
        """
        path = home / LEDGER_FILE
        if not path.is_file():
            raise NotFoundError(
                f"there is no ledger in '{home}': nothing has left this device from this home",
                hint="name another home with --home",
            )
        return cls._set_up(path, connect(path))

    @classmethod
    def create(cls, home: Path) -> Self:
        """Open the ledger of a home, or begin it. The directory is created if there is none.

        Raise SatchelError if nothing can be written there.
        """
        path = home / LEDGER_FILE
        with translate_os_errors(home):
            if not home.is_dir():
                make_home(home)
            with suppress(FileExistsError):
                create_file(path)
        with _translated(path):
            connection = open_file(path, apsw.SQLITE_OPEN_READWRITE)
        return cls._set_up(path, connection)

    @classmethod
    def _set_up(cls, path: Path, connection: apsw.Connection) -> Self:
        with _closed_on_error(connection):
            with _translated(path):
                connection.set_busy_timeout(BUSY_TIMEOUT_MS)
                connection.execute("PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON").fetchall()
                if not scalar(connection, "PRAGMA application_id") and not connection.readonly("main"):
                    _begin(connection)
                application = scalar(connection, "PRAGMA application_id")
                found = scalar(connection, "PRAGMA user_version")
            if application != APPLICATION_ID:
                raise IntegrityError(f"'{path}' is damaged, or no ledger", hint=_KEEP)
            if found != FORMAT:
                raise IntegrityError(
                    f"'{path}' has the format {found}, which this version of satchel does not know",
                    hint="update satchel",
                )
        return cls(path, connection)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def __enter__(self) -> Self:
        """Return the ledger."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def add(self, record: Record, *, text: bytes | None = None) -> int:
        """Append a record and return its number.

        A record of something about to leave, or about to be read or written by an agent, is durable on return; `text`
        is kept beside it, if it has one.
        """
        with _translated(self.path):
            self.connection.pragma("synchronous", "FULL" if isinstance(record, _AHEAD) else "NORMAL")
            with writing(self.connection):
                if isinstance(record, Sent) and text is not None:
                    salt = os.urandom(SALT_BYTES)
                    record = _with_text(record, salt, text)
                    number = self._append(record)
                    self.connection.execute("INSERT INTO texts VALUES (?, ?, ?)", (number, salt, text))
                    return number
                return self._append(record)

    def _append(self, record: Record) -> int:
        last = first_row(
            self.connection, "SELECT number, digest FROM records ORDER BY number DESC LIMIT 1"
        ) or (0, START)
        number, data = int(last[0]) + 1, encode(record)
        digest = link(bytes(last[1]), data)
        self.connection.execute("INSERT INTO records VALUES (?, ?, ?)", (number, data, digest))
        return number

    def entries(self) -> list[Entry]:
        """Return every entry, oldest first, without verifying the chain. Raise IntegrityError if one cannot be read."""
        with _translated(self.path), reading(self.connection):
            return entries_of(dict(self._records()), dict(self._texts()))

    def accesses(self) -> list[Access]:
        """Return what agents read and wrote, oldest first. Raise IntegrityError if a record cannot be read."""
        with _translated(self.path), reading(self.connection):
            return [Access(number, one) for number, one in self._records() if isinstance(one, (Read, Wrote))]

    def verify(self) -> tuple[int, bytes]:
        """Return how many records there are, and the digest of the last.

        Raise IntegrityError naming the first record that was changed, removed or added, or the first entry whose text
        was changed, or is missing although nobody forgot it.
        """
        with _translated(self.path), reading(self.connection):
            digest, count = START, 0
            for number, data, stored in rows(
                self.connection, "SELECT number, record, digest FROM records ORDER BY number"
            ):
                count += 1
                digest = link(digest, bytes(data))
                if number != count or digest != bytes(stored):
                    raise self._broken(count)
            self._verify_texts()
        return count, digest

    def _verify_texts(self) -> None:
        records = dict(self._records())
        forgotten = {one.entry for one in records.values() if isinstance(one, Forgotten)}
        kept = {
            number: (bytes(salt), bytes(text))
            for number, salt, text in rows(self.connection, "SELECT number, salt, text FROM texts")
        }
        for number, record in records.items():
            if isinstance(record, Sent) and record.text and number not in forgotten:
                if number not in kept or commit(*kept[number]) != record.text:
                    raise self._broken(number)
                del kept[number]
        if kept:
            raise self._broken(min(kept))

    def forget(self, numbers: Iterable[int], *, at: int, why: str) -> list[int]:
        """Erase the texts of entries and record that; return those that had one."""
        done = []
        with _translated(self.path):
            for number in numbers:
                with writing(self.connection):
                    if first_row(self.connection, "SELECT 1 FROM texts WHERE number = ?", number):
                        self.connection.execute("DELETE FROM texts WHERE number = ?", (number,))
                        self._append(Forgotten(entry=number, at=at, why=why))
                        done.append(number)
            if done:  # the log of SQLite still has the texts
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return done

    def forget_pieces(self, piece_ids: Iterable[str], *, at: int, why: str) -> list[int]:
        """Erase the texts of all entries that have one of these Pieces in them; return the entries."""
        wanted = frozenset(piece_ids)
        quoting = [
            entry.number
            for entry in self.entries()
            if entry.text is not None and not wanted.isdisjoint(entry.sent.pieces)
        ]
        return self.forget(quoting, at=at, why=why)

    def _records(self) -> Iterator[tuple[int, Record]]:
        for number, data in rows(self.connection, "SELECT number, record FROM records ORDER BY number"):
            try:
                yield number, decode(bytes(data))
            except (ValueError, RecursionError) as exc:
                raise self._broken(number) from exc

    def _texts(self) -> Iterator[tuple[int, bytes]]:
        for number, text in rows(self.connection, "SELECT number, text FROM texts"):
            yield number, bytes(text)

    def _broken(self, number: int) -> IntegrityError:
        return IntegrityError(
            f"'{self.path}' is not as satchel wrote it: record {number} was changed, inserted or removed",
            hint=_KEEP,
        )


def _with_text(record: Sent, salt: bytes, text: bytes) -> Sent:
    values = {name: getattr(record, name) for name in Sent.__struct_fields__}
    return Sent(**values | {"sha256": "", "text": commit(salt, text)})


def _begin(connection: apsw.Connection) -> None:
    """Create the tables of an empty file, once, whichever process comes first."""
    turn_on_log(connection)
    with writing(connection):
        if scalar(connection, "PRAGMA application_id") or scalar(
            connection, "SELECT count(*) FROM sqlite_schema"
        ):
            return
        for table in _TABLES:
            connection.execute(table)
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


@contextmanager
def _closed_on_error(connection: apsw.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Raise SQLite's errors about the file as satchel's. No backup holds a ledger, so a damaged one is put aside."""
    try:
        with translated(path):
            yield
    except IntegrityError as exc:
        exc.hint = _KEEP
        raise
