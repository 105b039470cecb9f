"""Inspecting a restored memory before it is used, as `inspection` inspects a store."""

from functools import cache
from pathlib import Path
from typing import Final

import apsw

from satchel.archive.manifest import MemoryFacts
from satchel.backup.restore.inspection import HEADER_BYTES, check_header, open_inspected, refused
from satchel.errors import SatchelError
from satchel.memory.database import MemoryStore
from satchel.store.schema import SchemaRow
from satchel.store.store_file import schema_of

_MOST_TEXT_BYTES: Final = 64_000  # 16,000 characters
_WRONG_TEXT: Final = "SELECT 1 FROM texts WHERE octet_length(text) > ? LIMIT 1"


def inspect_memory(path: Path, facts: MemoryFacts) -> None:
    """Check a database against what its manifest says of the memory. IntegrityError unless it is an intact one.

    SatchelError if a newer satchel wrote it.
    """
    kind = MemoryStore.kind
    if facts.schema > kind.format:
        raise SatchelError("the memory in the backup was made by a newer satchel", hint="update satchel")
    try:
        with path.open("rb") as file:
            check_header(file.read(HEADER_BYTES))
        connection = open_inspected(path)
        try:
            _check_schema(connection, facts)
            if connection.execute("PRAGMA quick_check(1)").get != "ok":
                raise refused("is damaged inside")
            if connection.execute("PRAGMA foreign_key_check").fetchall():
                raise refused("has rows that refer to missing rows")
            if connection.execute("SELECT count(*) FROM events").get != facts.events:
                raise refused("is not the memory that its manifest names")
            if connection.execute(_WRONG_TEXT, (_MOST_TEXT_BYTES,)).fetchall():
                raise refused("has texts that are over a limit")
        finally:
            connection.close()
    except apsw.Error as exc:
        raise refused("is damaged") from exc


def _check_schema(connection: apsw.Connection, facts: MemoryFacts) -> None:
    is_whole = connection.pragma("page_count") == facts.database.blocks
    if connection.pragma("application_id") != MemoryStore.kind.application_id or not is_whole:
        raise refused("is not a memory of satchel's")
    if connection.pragma("user_version") != facts.schema:
        raise refused("has a version that differs from its manifest")
    if schema_of(connection) != _expected_schema():
        raise refused("has tables, triggers or views that satchel did not write")


@cache
def _expected_schema() -> frozenset[SchemaRow]:
    """Return the rows of sqlite_schema in a memory, taken from one that is made for this."""
    connection = apsw.Connection(":memory:")
    try:
        for statement in MemoryStore.kind.tables():
            connection.execute(statement).fetchall()
        return schema_of(connection)
    finally:
        connection.close()
