"""Copies of Pieces that backups and restores leave on this device, beside the store: find them and erase them.

    for copy in copies_of(home, [piece_id]): print(copy.kind, copy.path)
    left = erase(home, [piece_id])          # copies that could not be changed, which the owner must hear of

A previous store keeps its other Pieces: the rows of the removed ones are deleted and overwritten. A sealed backup that
waits to be sent is discarded as a whole, and the next backup makes another one.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal

import apsw
import msgspec

from satchel.backup.local.places import Places, locked_home
from satchel.backup.local.previous_stores import previous_stores
from satchel.errors import SatchelError
from satchel.local_files import remove, translate_os_errors
from satchel.store.database import configure, connect, rows, scalar, translated, turn_on_log, writing

Kind = Literal["previous store", "waiting backup", "work file"]

_FILES_SINCE: Final = 2  # the version of the schema that has the table `files`
_OF_PIECE: Final = "(SELECT first FROM pieces WHERE id = ?1 UNION SELECT seq FROM revisions WHERE piece = ?1)"
_ERASE_FILES: Final = tuple(
    sql.format(revisions=_OF_PIECE)
    for sql in (
        "DELETE FROM contents WHERE id IN (SELECT content FROM files WHERE revision IN {revisions})",
        "DELETE FROM files WHERE revision IN {revisions}",
    )
)
_ERASE: Final = tuple(
    sql.format(revisions=_OF_PIECE)
    for sql in (
        "DELETE FROM contents WHERE id IN (SELECT content FROM revisions WHERE seq IN {revisions})",
        "DELETE FROM revisions WHERE seq IN {revisions}",
        "DELETE FROM pieces WHERE id = ?1",
    )
)


class Copy(msgspec.Struct, frozen=True):
    """A file that holds a Piece, or may hold it."""

    kind: Kind
    path: Path


def copies_of(home: Path, piece_ids: Iterable[str]) -> list[Copy]:
    """Return the copies on this device that may hold any of these Pieces."""
    places, wanted = Places(home), tuple(piece_ids)
    found = [Copy("previous store", path) for path in previous_stores(home) if _may_hold(path, wanted)]
    found += [Copy("waiting backup", path) for path in _files_in(places.outbox) if path.suffix == ".age"]
    found += [Copy("work file", path) for path in _files_in(places.work)]
    return found


def erase(home: Path, piece_ids: Iterable[str]) -> list[Copy]:
    """Erase Pieces from every copy on this device; return the copies that may still hold them.

    SatchelError, and nothing is changed, while a backup or restore runs.
    """
    wanted = tuple(piece_ids)
    if not copies_of(home, wanted):
        return []
    with locked_home(home) as places:  # empties the work directory
        for path in _files_in(places.outbox):
            remove(path)
        for path in previous_stores(home):
            _erase_from(path, wanted)
    return copies_of(home, wanted)


def _files_in(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        with translate_os_errors(folder):
            yield from sorted(folder.iterdir())


def _may_hold(path: Path, piece_ids: tuple[str, ...]) -> bool:
    """Whether a previous store holds a Piece, or cannot be read."""
    try:
        connection = connect(path)
        try:
            with translated(path):
                return any(_key(connection, piece_id) is not None for piece_id in piece_ids)
        finally:
            connection.close()
    except SatchelError:
        return True


def _key(connection: apsw.Connection, piece_id: str) -> int | None:
    found = scalar(connection, "SELECT id FROM pieces WHERE ulid = ?", piece_id)
    return None if found is None else int(found)


def _erase_from(path: Path, piece_ids: tuple[str, ...]) -> None:
    """Delete and overwrite Pieces in a previous store. One that is damaged is left as it is.

    A rollback journal would hold the old pages; a write-ahead log holds only the new ones.
    """
    try:
        connection = connect(path)
        try:
            with translated(path):
                turn_on_log(connection)
                configure(connection)
                _delete(connection, piece_ids)
                rows(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
                connection.pragma("journal_mode", "delete")
        finally:
            connection.close()
    except SatchelError:
        return


def _delete(connection: apsw.Connection, piece_ids: tuple[str, ...]) -> None:
    statements = _ERASE
    if connection.pragma("user_version") >= _FILES_SINCE:
        statements = _ERASE_FILES + _ERASE
    with writing(connection):
        for key in [_key(connection, piece_id) for piece_id in piece_ids]:
            for sql in statements if key is not None else ():
                connection.execute(sql, (key,)).fetchall()
