"""The tables of store.db, one canonical text per version, and the migrations between versions.

docs/spec/store.md explains the layout. The texts are exact: a store, or a database from an archive, is rejected
unless it has exactly the objects of its version. To change the schema, append a version to `SCHEMAS` and a
`Migration` to `MIGRATIONS`; a test checks that both produce the same schema.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import apsw

from satchel.store.revision_ids import give_ids_to_edits

# "stch", at offset 68 of the file: https://www.sqlite.org/fileformat2.html#application_id
APPLICATION_ID: Final = 0x73746368
SCHEMA_VERSION: Final = 5

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

# Columns that a later version added, in the words that `ALTER TABLE` leaves in sqlite_schema.
_REVISIONS_3: Final = _REVISIONS.replace("\n) STRICT", "\n, ulid TEXT) STRICT")
_REVISIONS_4: Final = _REVISIONS.replace("\n) STRICT", "\n, ulid TEXT, suggested TEXT) STRICT")
_REVISIONS_5: Final = _REVISIONS.replace(
    "\n) STRICT",
    "\n, ulid TEXT, suggested TEXT, agent TEXT, client TEXT, withdrawn INTEGER) STRICT",
)
_REMOVALS_3: Final = _REMOVALS.replace("\n) STRICT", "\n, piece_ulid TEXT, ulid TEXT) STRICT")

_PIECE_IDS: Final = "CREATE UNIQUE INDEX piece_ids ON pieces(ulid)"
_TIMES: Final = "CREATE INDEX times ON revisions(at)"
_WITHDRAWALS: Final = "CREATE INDEX withdrawals ON revisions(piece) WHERE withdrawn = 1"

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
    3: (
        ("table", "meta", "meta", _META),
        ("table", "contents", "contents", _CONTENTS),
        ("table", "pieces", "pieces", _PIECES),
        ("table", "revisions", "revisions", _REVISIONS_3),
        ("index", "edits", "revisions", _EDITS),
        ("table", "removals", "removals", _REMOVALS_3),
        ("table", "files", "files", _FILES),
        ("index", "piece_ids", "pieces", _PIECE_IDS),
        ("index", "times", "revisions", _TIMES),
    ),
    4: (
        ("table", "meta", "meta", _META),
        ("table", "contents", "contents", _CONTENTS),
        ("table", "pieces", "pieces", _PIECES),
        ("table", "revisions", "revisions", _REVISIONS_4),
        ("index", "edits", "revisions", _EDITS),
        ("table", "removals", "removals", _REMOVALS_3),
        ("table", "files", "files", _FILES),
        ("index", "piece_ids", "pieces", _PIECE_IDS),
        ("index", "times", "revisions", _TIMES),
    ),
    5: (
        ("table", "meta", "meta", _META),
        ("table", "contents", "contents", _CONTENTS),
        ("table", "pieces", "pieces", _PIECES),
        ("table", "revisions", "revisions", _REVISIONS_5),
        ("index", "edits", "revisions", _EDITS),
        ("table", "removals", "removals", _REMOVALS_3),
        ("table", "files", "files", _FILES),
        ("index", "piece_ids", "pieces", _PIECE_IDS),
        ("index", "times", "revisions", _TIMES),
        ("index", "withdrawals", "revisions", _WITHDRAWALS),
    ),
}


@dataclass(frozen=True, slots=True)
class Migration:
    """The statements, then the step in Python, that turn a store of version `to - 1` into one of version `to`."""

    to: int
    statements: tuple[str, ...]
    fill: Callable[[apsw.Connection], None] | None = None

    def run(self, connection: apsw.Connection) -> None:
        """Migrate a store, inside the caller's write transaction."""
        for statement in self.statements:
            connection.execute(statement)
        if self.fill is not None:
            self.fill(connection)


MIGRATIONS: Final[tuple[Migration, ...]] = (
    Migration(to=1, statements=tuple(sql for _, _, _, sql in _FIRST)),
    Migration(to=2, statements=(_FILES,)),
    Migration(
        to=3,
        statements=(
            "ALTER TABLE revisions ADD COLUMN ulid TEXT",
            "ALTER TABLE removals ADD COLUMN piece_ulid TEXT",
            "ALTER TABLE removals ADD COLUMN ulid TEXT",
            _PIECE_IDS,
            _TIMES,
        ),
        fill=give_ids_to_edits,
    ),
    Migration(to=4, statements=("ALTER TABLE revisions ADD COLUMN suggested TEXT",)),
    Migration(
        to=5,
        statements=(
            "ALTER TABLE revisions ADD COLUMN agent TEXT",
            "ALTER TABLE revisions ADD COLUMN client TEXT",
            "ALTER TABLE revisions ADD COLUMN withdrawn INTEGER",
            _WITHDRAWALS,
        ),
    ),
)


def expected_schema(version: int) -> frozenset[SchemaRow]:
    """Return the rows of sqlite_schema in a store of this version. KeyError for an unknown version."""
    return frozenset(SCHEMAS[version])


def migrations_from(version: int) -> tuple[Migration, ...]:
    """Return the migrations that a store of this version needs, in order."""
    return tuple(migration for migration in MIGRATIONS if migration.to > version)
