"""The other store of a merge or a comparison: opened read-only, checked, and never trusted.

It may be of any version of the schema. An error while reading it is an IntegrityError that names it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import apsw

from satchel.errors import IntegrityError, SatchelError
from satchel.store.database import configure, connect, forbid_writing, translated
from satchel.store.schema import APPLICATION_ID, SCHEMA_VERSION, SCHEMAS, expected_schema
from satchel.store.store_file import schema_of

Item = TypeVar("Item")

_HINT: Final = "nothing was changed; use another backup: satchel backups"

# Errors that do not mean that the file is damaged.
_TRANSIENT: Final = (
    apsw.BusyError,
    apsw.LockedError,
    apsw.FullError,
    apsw.NoMemError,
    apsw.InterruptError,
    apsw.IOError,
    apsw.CantOpenError,
)


@dataclass(frozen=True, slots=True)
class OtherStore:
    """An open database of another store, and the version of its schema."""

    connection: apsw.Connection
    version: int

    @classmethod
    def of(cls, connection: apsw.Connection) -> "OtherStore":
        """Check that an open database is a store. IntegrityError if not; SatchelError if it is newer."""
        with reading_other():
            version = int(connection.pragma("user_version"))
            is_store = connection.pragma("application_id") == APPLICATION_ID
            if is_store and version > SCHEMA_VERSION:
                raise SatchelError(
                    f"the other store was written by a newer satchel (schema {version}; this version reads"
                    f" {SCHEMA_VERSION})",
                    hint="update satchel",
                )
            if not is_store or version not in SCHEMAS or schema_of(connection) != expected_schema(version):
                raise invalid("is not a store")
        return cls(connection, version)

    @property
    def has_files(self) -> bool:
        """Whether Pieces can have several files, as they can since version 2."""
        return self.version > 1

    @property
    def has_suggested(self) -> bool:
        """Whether revisions tell what models suggested, as they do since version 4."""
        return self.version > 3

    @property
    def has_authors(self) -> bool:
        """Whether revisions tell which agent made them, and withdraw Pieces, as they do since version 5."""
        return self.version > 4

    def guarded(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield items that are read from this store, with its errors."""
        with reading_other():
            yield from items


@contextmanager
def other_store(other: Path | apsw.Connection) -> Iterator[OtherStore]:
    """Open the database file of another store, or use an open connection to one."""
    if isinstance(other, apsw.Connection):
        yield OtherStore.of(other)
        return
    connection = connect(other)
    try:
        with translated(other):
            configure(connection)
            forbid_writing(connection)
        yield OtherStore.of(connection)
    finally:
        connection.close()


@contextmanager
def reading_other() -> Iterator[None]:
    """Raise SQLite's errors about the other store as IntegrityError."""
    try:
        yield
    except _TRANSIENT:
        raise
    except (apsw.Error, UnicodeDecodeError, OverflowError) as exc:
        raise invalid("is damaged") from exc


def invalid(what: str) -> IntegrityError:
    """Return the error for another store that is damaged, or that satchel did not write."""
    return IntegrityError(f"the other store {what}", hint=_HINT)
