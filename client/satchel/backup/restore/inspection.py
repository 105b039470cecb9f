"""Inspecting a restored database before it is used: is it a store that satchel wrote?

It is opened read-only, without any journal. Nothing in its schema is trusted, every cell is checked as it is read, and
the schema must be exactly that of its version, without further triggers, views, tables or indexes.
"""

from pathlib import Path
from typing import Final

import apsw

from satchel.archive.limits import BLOCK_BYTES
from satchel.archive.manifest import Manifest
from satchel.errors import IntegrityError, SatchelError
from satchel.pieces.fields import MAX_AGENT_CHARS, MAX_CLIENT_CHARS
from satchel.store.database import open_file
from satchel.store.rows import MAX_SUGGESTED_JSON_CHARS
from satchel.store.schema import APPLICATION_ID, SCHEMA_VERSION, SCHEMAS, expected_schema
from satchel.store.store_file import schema_of

HEADER_BYTES: Final = 100
"""The length of the header that `check_kind` takes."""

_HEADER: Final = b"SQLite format 3\0" + BLOCK_BYTES.to_bytes(2, "big")
_WAL_VERSIONS: Final = (b"\x01\x01", b"\x02\x02")
_CACHE_PAGES: Final = 64  # each page is read about once: a larger cache takes longer (measured)
_SUGGESTED_SINCE: Final = 4  # the version of the schema that has the column
# The length is in the row's header, so long values are not read. Each value is checked whenever it is read.
_OVER_LIMIT: Final = "SELECT 1 FROM revisions WHERE octet_length(suggested) > ? LIMIT 1"
_AUTHORS_SINCE: Final = 5
_WRONG_AUTHOR: Final = "SELECT 1 FROM revisions WHERE octet_length(agent) > ? OR octet_length(client) > ? OR withdrawn <> 1 LIMIT 1"
_MAX_UTF8_BYTES: Final = 4  # of one character
_HINT: Final = "restore from another backup: satchel backups"


def inspect_database(path: Path, manifest: Manifest) -> None:
    """Check a database against its manifest. IntegrityError unless it is an intact store.

    SatchelError if a newer satchel wrote it.
    """
    _check_version(manifest)
    try:
        with path.open("rb") as file:
            check_header(file.read(HEADER_BYTES))
        connection = open_inspected(path)
        try:
            _check_schema(connection, manifest)
            _check_integrity(connection)
            _check_facts(connection, manifest)
            _check_suggestions(connection, manifest.schema)
            _check_authors(connection, manifest.schema)
        finally:
            connection.close()
    except apsw.Error as exc:
        raise refused("is damaged") from exc


def open_inspected(path: Path) -> apsw.Connection:
    """Open a restored database read-only, with every protection. The caller closes it."""
    connection = open_file(path, apsw.SQLITE_OPEN_READONLY, is_immutable=True)
    protect(connection, cache_pages=_CACHE_PAGES)
    return connection


def protect(connection: apsw.Connection, *, cache_pages: int) -> None:
    """Set every protection against a hostile database."""
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_VIEW, 0)
    connection.execute(
        f"PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
        f"PRAGMA cache_size = {cache_pages}"
    ).fetchall()


def check_kind(connection: apsw.Connection, header: bytes, manifest: Manifest) -> None:
    """Check what can be checked without reading the whole database: that it is a store of the stated version and id.

    IntegrityError if it is not, SatchelError if a newer satchel wrote it. Reads a few pages.
    """
    _check_version(manifest)
    check_header(header)
    _check_schema(connection, manifest)
    if connection.execute("SELECT value FROM meta WHERE key = 'store_id'").get != manifest.store:
        raise refused("is not the store that its manifest names")


def _check_version(manifest: Manifest) -> None:
    if manifest.schema > SCHEMA_VERSION:
        raise SatchelError(
            f"the backup was made by a newer satchel ({manifest.satchel[:40]!r})", hint="update satchel"
        )


def check_header(header: bytes) -> None:
    """Raise IntegrityError unless a file begins as a database of satchel's."""
    if not header.startswith(_HEADER) or header[18:20] not in _WAL_VERSIONS:
        raise refused("is not one of satchel's")


def _check_schema(connection: apsw.Connection, manifest: Manifest) -> None:
    is_whole = connection.pragma("page_count") == manifest.database.blocks
    if connection.pragma("application_id") != APPLICATION_ID or not is_whole:
        raise refused("is not one of satchel's")
    version = connection.pragma("user_version")
    if version != manifest.schema or version not in SCHEMAS:
        raise refused("has a schema version that differs from its manifest")
    if schema_of(connection) != expected_schema(version):
        raise refused("has tables, triggers or views that satchel did not write")


def _check_integrity(connection: apsw.Connection) -> None:
    if connection.execute("PRAGMA quick_check(1)").get != "ok":
        raise refused("is damaged inside")
    if connection.execute("PRAGMA foreign_key_check").fetchall():
        raise refused("has rows that refer to missing rows")


def _check_facts(connection: apsw.Connection, manifest: Manifest) -> None:
    store_id = connection.execute("SELECT value FROM meta WHERE key = 'store_id'").get
    pieces = connection.execute("SELECT count(*) FROM pieces").get
    if (store_id, pieces) != (manifest.store, manifest.pieces):
        raise refused("is not the store that its manifest names")


def _check_suggestions(connection: apsw.Connection, version: int) -> None:
    if version < _SUGGESTED_SINCE:
        return
    if connection.execute(_OVER_LIMIT, (_MAX_UTF8_BYTES * MAX_SUGGESTED_JSON_CHARS,)).fetchall():
        raise refused("has suggestions that are over a limit")


def _check_authors(connection: apsw.Connection, version: int) -> None:
    if version < _AUTHORS_SINCE:
        return
    limits = (_MAX_UTF8_BYTES * MAX_AGENT_CHARS, _MAX_UTF8_BYTES * MAX_CLIENT_CHARS)
    if connection.execute(_WRONG_AUTHOR, limits).fetchall():
        raise refused("has authors of revisions that break a rule")


def refused(what: str) -> IntegrityError:
    """Return the error for a database in an archive."""
    return IntegrityError(f"the database in the archive {what}", hint=_HINT)
