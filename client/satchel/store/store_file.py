"""The database file of a store: create it, or check its kind, version and schema and open it."""

from pathlib import Path
from typing import Final

import apsw

from satchel.errors import IntegrityError, SatchelError, UsageError
from satchel.local_files import make_home
from satchel.pieces.model import Entropy
from satchel.store.database import (
    PAGE_BYTES,
    Row,
    configure,
    connect,
    create_file,
    damaged,
    forbid_writing,
    has_log,
    is_read_only,
    rows,
    translated,
    turn_on_log,
    writing,
)
from satchel.store.schema import APPLICATION_ID, SCHEMA_VERSION, expected_schema, migrations_from

STORE_FILE: Final = "store.db"


def create_database(home: Path, entropy: Entropy) -> apsw.Connection:
    """Create the directory (0700) and a new database (0600) in it. UsageError if the store exists.

    An empty file, left by an earlier attempt that crashed, is reused.
    """
    path = home / STORE_FILE
    try:
        make_home(home)
        create_file(path)
    except FileExistsError:
        if not home.is_dir():
            raise UsageError(f"'{home}' is not a directory", hint="name a directory with --home") from None
    except OSError as error:
        raise SatchelError(f"cannot create a store in '{home}'", hint=str(error.strerror)) from error
    connection = connect(path)
    try:
        with translated(path):
            _write_first_schema(connection, home, entropy)
    except BaseException:
        connection.close()
        raise
    return connection


def open_database(home: Path, *, read_only: bool, name: str = STORE_FILE) -> apsw.Connection:
    """Open a store's database, or a previous one kept under another name, migrating an older schema.

    NotFoundError if there is no store; IntegrityError if it is damaged, empty or not a store. SatchelError, with
    the store unchanged, for a newer schema or an older one in a read-only store.
    """
    path = home / name
    had_log = has_log(path)
    connection = connect(path)
    try:
        with translated(path):
            configure(connection)
            _require_application_id(connection, path)
            _migrate(connection, path)
            _require_schema(connection, path)
            if read_only:
                forbid_writing(connection)
    except BaseException:
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, had_log)
        connection.close()
        raise
    return connection


def schema_of(connection: apsw.Connection) -> frozenset[Row]:
    """Return every object of the database, to compare with `expected_schema`."""
    return frozenset(rows(connection, "SELECT type, name, tbl_name, sql FROM sqlite_schema"))


def _write_first_schema(connection: apsw.Connection, home: Path, entropy: Entropy) -> None:
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    turn_on_log(connection)
    configure(connection)
    with writing(connection):
        if connection.pragma("application_id") or schema_of(connection):
            raise UsageError(f"there is already a store in '{home}'", hint="use it, or name another --home")
        connection.pragma("application_id", APPLICATION_ID)
        _run_migrations(connection, 0)
        connection.execute("INSERT INTO meta(key, value) VALUES('store_id', ?)", (entropy(16).hex(),))


def _require_application_id(connection: apsw.Connection, path: Path) -> None:
    application_id = connection.pragma("application_id")
    if not application_id and not schema_of(connection):
        raise IntegrityError(
            f"'{path}' is empty", hint="create a store: satchel init; or restore a backup: satchel restore"
        )
    if application_id != APPLICATION_ID:
        raise damaged(path)


def _require_schema(connection: apsw.Connection, path: Path) -> None:
    if schema_of(connection) != expected_schema(SCHEMA_VERSION):
        raise damaged(path)


def _migrate(connection: apsw.Connection, path: Path) -> None:
    version = connection.pragma("user_version")
    if version > SCHEMA_VERSION:
        raise SatchelError(
            f"'{path}' was written by a newer satchel (schema {version}; this version reads {SCHEMA_VERSION})",
            hint="update satchel",
        )
    if version == SCHEMA_VERSION:
        return
    if is_read_only(connection):
        raise SatchelError(
            f"'{path}' has the older schema {version} and is read-only",
            hint="make it writable and open it once",
        )
    with writing(connection):
        _run_migrations(connection, connection.pragma("user_version"))


def _run_migrations(connection: apsw.Connection, version: int) -> None:
    """Run the migrations from `version`, inside the caller's write transaction."""
    for migration in migrations_from(version):
        migration.run(connection)
        connection.pragma("user_version", migration.to)
