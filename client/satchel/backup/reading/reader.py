"""Reading the Pieces of a backup: list, search and compare them without restoring it.

    with reading(context) as session, session.open(selection) as backup:
        for piece in backup.pieces(): ...

The database is hostile until checked. Opening checks its kind, version, schema and store; each query stops at more
Pieces than the manifest states.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import apsw

from satchel.archive.manifest import Manifest
from satchel.backup import Context
from satchel.backup.comparing import Head, heads
from satchel.backup.local.places import Places
from satchel.backup.reading.lazy_database import (
    NO_LOCAL_PAGES,
    FetchedFrames,
    LazyDatabase,
    LocalPages,
    opened_lazily,
    translating,
)
from satchel.backup.reading.local_pages import open_local_pages
from satchel.backup.restore.assembly import open_chain
from satchel.backup.restore.inspection import HEADER_BYTES, check_kind
from satchel.backup.restore.restore import Selection
from satchel.errors import IntegrityError, SatchelError
from satchel.local_files import make_directory
from satchel.pieces.media import decode_text
from satchel.pieces.model import Piece
from satchel.store.database import Row, first_row, rows
from satchel.store.files import texts_of
from satchel.store.rows import HEAD, IN_VIEW, PIECE_COLUMNS, piece_of

SEARCHED_BYTES: Final = 2**20
"""How much of a Piece's texts is searched, as in the index."""

_FROM: Final = f"FROM pieces AS p JOIN revisions AS r ON r.seq = {HEAD}"
_PIECES: Final = f"SELECT {PIECE_COLUMNS} {_FROM} WHERE {IN_VIEW} ORDER BY p.id DESC"
_TEXTS: Final = (
    f"SELECT {PIECE_COLUMNS}, r.seq, r.description, r.links,"
    " CASE WHEN substr(r.media_type, 1, 5) = 'text/' THEN substr(c.data, 1, ?) END"
    f" {_FROM} JOIN contents AS c ON c.id = r.content WHERE {IN_VIEW} ORDER BY p.id DESC"
)
_TEXT_COLUMNS: Final = 4

_AUTHOR: Final = ("agent", "client", "withdrawn")


def _revisions_with(*columns: str) -> str:
    """Return SQL that stands in for the table with further columns, unless an older version's has done so."""
    added = ", ".join(f"NULL AS {column}" for column in columns)
    return f"CREATE TEMP VIEW IF NOT EXISTS revisions AS SELECT *, {added} FROM main.revisions"  # noqa: S608  own names


_STAND_INS: Final[dict[int, str]] = {
    2: (
        "CREATE TEMP TABLE files(revision INTEGER, position INTEGER, name TEXT, language TEXT, media_type TEXT,"
        " size_bytes INTEGER, content INTEGER)"
    ),
    3: _revisions_with("ulid", "suggested", *_AUTHOR),
    4: _revisions_with("suggested", *_AUTHOR),
    5: _revisions_with(*_AUTHOR),
}
"""What a version added to the tables that are read here."""


class OpenBackup:
    """A backup that is being read."""

    def __init__(self, manifest: Manifest, connection: apsw.Connection, database: LazyDatabase) -> None:
        self.manifest = manifest
        self._connection = connection
        self._database = database
        self._is_completed = False

    def pieces(self) -> Iterator[Piece]:
        """Yield every Piece, newest first."""
        for row in self._counted(_PIECES):
            yield piece_of(row)

    def search(self, words: str) -> Iterator[Piece]:
        """Yield the Pieces in whose fields and texts every word occurs, in any case, newest first."""
        wanted = words.casefold().split()
        for row in self._counted(_TEXTS, SEARCHED_BYTES):
            piece = piece_of(row[:-_TEXT_COLUMNS])
            text = self._text(piece, *row[-_TEXT_COLUMNS:]).casefold()
            if all(word in text for word in wanted):
                yield piece

    @contextmanager
    def plain(self) -> Iterator[apsw.Connection]:
        """Give out the connection as the backup's version has it, for a reader that knows every version."""
        with translating(self._database):
            yield self._connection

    def heads(self) -> Iterator[Head]:
        """Yield the current revision of every Piece, in the order of ids."""
        with translating(self._database):
            yield from heads(self._connection, self.manifest.pieces)

    def rows(self, sql: str, *values: int) -> list[Row]:
        """Return every row of a query."""
        with self._completed() as connection:
            return rows(connection, sql, *values)

    def first_row(self, sql: str, *values: int) -> Row | None:
        """Return the first row of a query; None if it has none."""
        with self._completed() as connection:
            return first_row(connection, sql, *values)

    def _text(self, piece: Piece, seq: int, description: str, links: str, start: bytes | None) -> str:
        texts = [(piece.media_type, start or b"")]
        if piece.files:
            with self._completed() as connection:
                texts += texts_of(connection, seq, SEARCHED_BYTES - len(start or b""))
        fields = [piece.title, *piece.tags, description, links, *(file.name for file in piece.files)]
        return "\n".join([*fields, *(decode_text(each, kind) or "" for kind, each in texts)])

    @contextmanager
    def _completed(self) -> Iterator[apsw.Connection]:
        """Give out the connection with what the backup's version lacks, so that one query reads every version."""
        with translating(self._database):
            if not self._is_completed:
                _complete_schema(self._connection, self.manifest.schema)
                self._is_completed = True
            yield self._connection

    def _counted(self, sql: str, *values: int) -> Iterator[Row]:
        with self._completed() as connection:
            for count, row in enumerate(connection.execute(sql, values)):
                if count >= self.manifest.pieces:
                    raise IntegrityError(
                        "the database in the archive holds more Pieces than its manifest says",
                        hint="use another backup: satchel backups",
                    )
                yield row


class ReadingSession:
    """Opens backups, and keeps the frames that were fetched for all of them."""

    def __init__(self, context: Context, frames: FetchedFrames) -> None:
        self._context = context
        self._frames = frames

    @property
    def fetched_bytes(self) -> int:
        """The sealed bytes of all frames that were fetched."""
        return self._frames.fetched_bytes

    @contextmanager
    def open(self, selection: Selection, *, use_local: bool = True) -> Iterator[OpenBackup]:
        """Open a backup to read it. IntegrityError if it is not an intact backup of the owner.

        Unless `use_local`, every page is fetched, even if the local store holds it.
        """
        with ExitStack() as held:
            archive = selection.open(self._context)
            keys = self._context.keys
            chain = open_chain(archive, selection.open_other, keys, held, is_whole=False)
            local: LocalPages = NO_LOCAL_PAGES
            if use_local:
                pages = open_local_pages(self._context, archive.manifest.store, chain.digests)
                local = held.enter_context(pages)
            database = LazyDatabase(chain, self._frames, local)
            connection = held.enter_context(opened_lazily(database))
            with translating(database):
                check_kind(connection, database.read(0, HEADER_BYTES), archive.manifest)
            yield OpenBackup(archive.manifest, connection, database)


@contextmanager
def reading(context: Context) -> Iterator[ReadingSession]:
    """Start a session of reading backups."""
    with FetchedFrames(_scratch_folder(context.home)) as frames:
        yield ReadingSession(context, frames)


def _scratch_folder(home: Path) -> Path:
    """Return a folder for the file without a name: in the home, or else where the system has its own."""
    folder = Places(home).work.parent
    try:
        make_directory(folder)
    except SatchelError:
        return Path(tempfile.gettempdir())
    return folder if os.access(folder, os.W_OK) else Path(tempfile.gettempdir())


def _complete_schema(connection: apsw.Connection, version: int) -> None:
    """Stand in, in memory, for what older versions lack, so that the same queries read every version."""
    for later, sql in _STAND_INS.items():
        if version < later:
            connection.execute(sql).fetchall()
