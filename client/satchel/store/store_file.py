"""The file of a store: creating it, and opening it after checks of its kind, version and schema."""

import os
from pathlib import Path
from typing import Final

import apsw

from satchel.errors import IntegrityError, SatchelError, UsageError
from satchel.pieces.model import Entropy
from satchel.store.database import (
    PAGE_BYTES,
    Row,
    configure,
    connect,
    damaged,
    forbid_writing,
    has_log,
    is_read_only,
    rows,
    translated,
    writing,
)
from satchel.store.schema import APPLICATION_ID, SCHEMA_VERSION, expected_schema, migrations_from

STORE_FILE: Final = "store.db"


def create_database(home: Path, entropy: Entropy) -> apsw.Connection:
    """Create the directory (0700) and a new database (0600) in it. UsageError if there is a store already.

    An empty file, left by a crash during an earlier attempt, is used.
    """
    path = home / STORE_FILE
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if not home.is_dir():
            raise UsageError(f"'{home}' is not a directory", hint="name a directory with --home") from None
    except OSError as error:
        raise SatchelError(f"no store can be made in '{home}'", hint=str(error.strerror)) from error
    connection = connect(path)
    try:
        with translated(path):
            _write_first_schema(connection, home, entropy)
    except BaseException:
        connection.close()
        raise
    return connection


def open_database(home: Path, *, read_only: bool) -> apsw.Connection:
    """Open a store's database, and migrate an older schema.

    No store: NotFoundError. Damaged, empty, or not a store: IntegrityError. A newer schema, or an older one
    that cannot be written: SatchelError, and nothing is changed.
    """
    path = home / STORE_FILE
    is_log_kept = has_log(path)
    connection = connect(path)
    try:
        with translated(path):
            configure(connection)
            _require_ours(connection, path)
            _migrate(connection, path)
            _require_schema(connection, path)
            if read_only:
                forbid_writing(connection)
    except BaseException:
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, is_log_kept)
        connection.close()
        raise
    return connection


def schema_of(connection: apsw.Connection) -> frozenset[Row]:
    """Return every object of the database, in the form of `expected_schema`."""
    return frozenset(rows(connection, "SELECT type, name, tbl_name, sql FROM sqlite_schema"))


def _write_first_schema(connection: apsw.Connection, home: Path, entropy: Entropy) -> None:
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}; PRAGMA journal_mode = WAL").fetchall()
    configure(connection)
    with writing(connection):
        if connection.pragma("application_id") or schema_of(connection):
            raise UsageError(f"there is a store in '{home}' already", hint="use it, or name another --home")
        connection.pragma("application_id", APPLICATION_ID)
        _run_migrations(connection, 0)
        connection.execute("INSERT INTO meta(key, value) VALUES('store_id', ?)", (entropy(16).hex(),))


def _require_ours(connection: apsw.Connection, path: Path) -> None:
    application_id = connection.pragma("application_id")
    if not application_id and not schema_of(connection):
        raise IntegrityError(
            f"'{path}' is empty", hint="satchel init makes a store there, satchel restore brings one back"
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
            f"'{path}' was made by a newer satchel (schema {version}; this one knows {SCHEMA_VERSION})",
            hint="update satchel",
        )
    if version == SCHEMA_VERSION:
        return
    if is_read_only(connection):
        raise SatchelError(
            f"'{path}' is of the older schema {version} and cannot be written",
            hint="open it once where it can be written",
        )
    with writing(connection):
        _run_migrations(connection, connection.pragma("user_version"))


def _run_migrations(connection: apsw.Connection, version: int) -> None:
    """Run migrations inside a write transaction: all or none."""
    for migration in migrations_from(version):
        for statement in migration.statements:
            connection.execute(statement)
        connection.pragma("user_version", migration.to)
