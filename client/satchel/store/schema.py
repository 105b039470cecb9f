"""The tables of store.db, one canonical text per version, and the migrations between versions.

docs/spec/store.md explains the layout. The texts are exact: a store, or a database from an archive, is rejected
unless it has exactly the objects of its version. To change the schema, append a version to `SCHEMAS` and a
`Migration` to `MIGRATIONS`; a test checks that both produce the same schema.
"""

from dataclasses import dataclass
from typing import Final

# "stch", at offset 68 of the file: https://www.sqlite.org/fileformat2.html#application_id
APPLICATION_ID: Final = 0x73746368
SCHEMA_VERSION: Final = 2

# One row of sqlite_schema: type, name, tbl_name, sql.
SchemaRow = tuple[str, str, str, str]

_META: Final = """CREATE TABLE meta(
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID"""

_CONTENTS: Final = """CREATE TABLE contents(
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL,
  data BLOB NOT NULL
) STRICT"""

_PIECES: Final = """CREATE TABLE pieces(
  id INTEGER PRIMARY KEY,
  ulid TEXT NOT NULL,
  created INTEGER NOT NULL,
  first INTEGER NOT NULL,
  source_kind TEXT,
  source_location TEXT,
  file_name TEXT
) STRICT"""

_REVISIONS: Final = """CREATE TABLE revisions(
  seq INTEGER PRIMARY KEY,
  piece INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  language TEXT,
  media_type TEXT NOT NULL,
  tags TEXT NOT NULL,
  links TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  content INTEGER NOT NULL
) STRICT"""

_EDITS: Final = "CREATE INDEX edits ON revisions(piece, number) WHERE number > 1"

_REMOVALS: Final = """CREATE TABLE removals(
  seq INTEGER PRIMARY KEY,
  piece INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT"""

_FILES: Final = """CREATE TABLE files(
  revision INTEGER NOT NULL,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  language TEXT,
  media_type TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  content INTEGER NOT NULL,
  PRIMARY KEY(revision, position)
) STRICT, WITHOUT ROWID"""

_FIRST: Final[tuple[SchemaRow, ...]] = (
    ("table", "meta", "meta", _META),
    ("table", "contents", "contents", _CONTENTS),
    ("table", "pieces", "pieces", _PIECES),
    ("table", "revisions", "revisions", _REVISIONS),
    ("index", "edits", "revisions", _EDITS),
    ("table", "removals", "removals", _REMOVALS),
)

SCHEMAS: Final[dict[int, tuple[SchemaRow, ...]]] = {
    1: _FIRST,
    2: (*_FIRST, ("table", "files", "files", _FILES)),
}


@dataclass(frozen=True, slots=True)
class Migration:
    """The statements that turn a store of version `to - 1` into one of version `to`."""

    to: int
    statements: tuple[str, ...]


MIGRATIONS: Final[tuple[Migration, ...]] = (
    Migration(to=1, statements=tuple(sql for _, _, _, sql in _FIRST)),
    Migration(to=2, statements=(_FILES,)),
)


def expected_schema(version: int) -> frozenset[SchemaRow]:
    """Return the rows of sqlite_schema in a store of this version. KeyError for an unknown version."""
    return frozenset(SCHEMAS[version])


def migrations_from(version: int) -> tuple[Migration, ...]:
    """Return the migrations that a store of this version needs, in order."""
    return tuple(migration for migration in MIGRATIONS if migration.to > version)
