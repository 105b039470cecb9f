"""A database of a home apart from the store: the ledger, the memory. Nothing can rebuild it.

    class Ledger(SeparateDatabase):
        kind = Kind("ledger", "ledger.db", application_id=0x73746367, format=1, …)

    with Ledger.create(home) as ledger: ...

The file has one writer at a time, whichever process it is; the others wait.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

import apsw

from satchel.errors import IntegrityError, NotFoundError
from satchel.local_files import make_home, translate_os_errors
from satchel.store.database import (
    BUSY_TIMEOUT_MS,
    connect,
    create_file,
    open_file,
    reading,
    scalar,
    translated,
    turn_on_log,
    writing,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What such a database is: its name in errors, its file, its tables, and what to do without it or if it is damaged.

    `tables` returns the statements that create them. `pragmas` are set on every connection.
    """

    name: str
    file_name: str
    application_id: int
    format: int
    tables: Callable[[], Iterable[str]]
    why_absent: str
    if_absent: str
    if_damaged: str
    pragmas: str = ""


class SeparateDatabase:
    """An open database of a home. Use it in one thread at a time, and close it."""

    kind: ClassVar[Kind]

    def __init__(self, path: Path, connection: apsw.Connection) -> None:
        self.path = path
        self.connection = connection

    @classmethod
    def open(cls, home: Path) -> Self:
        """Open the database of a home. Raise NotFoundError if there is none.

        Raise IntegrityError if it is damaged or of a newer format.
        """
        path = home / cls.kind.file_name
        if not path.is_file():
            raise NotFoundError(
                f"there is no {cls.kind.name} in '{home}': {cls.kind.why_absent}", hint=cls.kind.if_absent
            )
        return cls._set_up(path, connect(path))

    @classmethod
    def open_file(cls, path: Path) -> Self:
        """Open such a database in another file: one that is being restored, or that a restore replaced."""
        return cls._set_up(path, connect(path))

    @classmethod
    def create(cls, home: Path) -> Self:
        """Open the database of a home, or begin it. The directory is created if there is none.

        Raise SatchelError if nothing can be written there.
        """
        path = home / cls.kind.file_name
        with translate_os_errors(home):
            if not home.is_dir():
                make_home(home)
            with suppress(FileExistsError):
                create_file(path)
        with cls._translated(path):
            connection = open_file(path, apsw.SQLITE_OPEN_READWRITE)
        return cls._set_up(path, connection)

    @classmethod
    def _set_up(cls, path: Path, connection: apsw.Connection) -> Self:
        try:
            with cls._translated(path):
                cls._configure(connection)
                application = scalar(connection, "PRAGMA application_id")
                found = scalar(connection, "PRAGMA user_version")
            cls._require(path, application, found)
        except BaseException:
            connection.close()
            raise
        return cls(path, connection)

    @classmethod
    def _require(cls, path: Path, application: int, found: int) -> None:
        if application != cls.kind.application_id:
            raise IntegrityError(f"'{path}' is damaged, or no {cls.kind.name}", hint=cls.kind.if_damaged)
        if found != cls.kind.format:
            raise IntegrityError(
                f"'{path}' has the format {found}, which this version of satchel does not know",
                hint="update satchel",
            )

    @classmethod
    def _configure(cls, connection: apsw.Connection) -> None:
        connection.set_busy_timeout(BUSY_TIMEOUT_MS)
        pragmas = f"PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON; {cls.kind.pragmas}"
        connection.execute(pragmas).fetchall()
        if not scalar(connection, "PRAGMA application_id") and not connection.readonly("main"):
            cls._begin(connection)

    @classmethod
    def _begin(cls, connection: apsw.Connection) -> None:
        """Create the tables of an empty file, once, whichever process comes first."""
        turn_on_log(connection)
        with writing(connection):
            if scalar(connection, "PRAGMA application_id") or scalar(
                connection, "SELECT count(*) FROM sqlite_schema"
            ):
                return
            for table in cls.kind.tables():
                connection.execute(table)
            connection.execute(f"PRAGMA user_version = {cls.kind.format}")
            connection.execute(f"PRAGMA application_id = {cls.kind.application_id}")

    @classmethod
    @contextmanager
    def _translated(cls, path: Path) -> Iterator[None]:
        """Raise SQLite's errors as satchel's. A damaged one is put aside, not replaced."""
        try:
            with translated(path):
                yield
        except IntegrityError as exc:
            exc.hint = cls.kind.if_damaged
            raise

    @contextmanager
    def translating(self) -> Iterator[None]:
        """Raise SQLite's errors as satchel's."""
        with self._translated(self.path):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Run one write transaction, all or nothing, and raise SQLite's errors as satchel's."""
        with self.translating(), writing(self.connection):
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Run several reads on one snapshot, and raise SQLite's errors as satchel's."""
        with self.translating(), reading(self.connection):
            yield

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def __enter__(self) -> Self:
        """Return the database."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()
