"""massCode 4's SQLite file, read as untrusted input.

Reading never creates files next to it: without a write-ahead log it is opened as immutable; with one, a
private copy of both is read. Only real tables are read, and their schema is not trusted.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

import apsw

from satchel.errors import UsageError
from satchel.exchange.items import Item, Problem
from satchel.exchange.masscode.library import Entry, Folder, Fragment, folder_names, pieces_of
from satchel.exchange.reading import RejectedError, moment_of_ms
from satchel.pieces.fields import MAX_CONTENT_BYTES

SQLiteValue = None | int | float | str | bytes

TABLES: Final = ("folders", "snippets", "snippet_contents", "tags", "snippet_tags")

# Texts are read as bytes, because SQLite does not guarantee that they are UTF-8.
_SNIPPETS: Final = (
    "SELECT id, CAST(name AS BLOB), CAST(description AS BLOB), folderId, isDeleted, isFavorites, createdAt"
    " FROM snippets ORDER BY id"
)
_FRAGMENTS: Final = (
    "SELECT CAST(label AS BLOB), CAST(language AS BLOB), CAST(value AS BLOB)"
    " FROM snippet_contents WHERE snippetId = ? ORDER BY id"
)
_TAGS: Final = (
    "SELECT CAST(t.name AS BLOB) FROM snippet_tags s JOIN tags t ON t.id = s.tagId"
    " WHERE s.snippetId = ? ORDER BY t.id"
)
_FOLDERS: Final = "SELECT id, CAST(name AS BLOB), parentId FROM folders"
# SQLite's virtual machine runs about 10^8 steps a second; no real file needs this many.
_MAX_STEPS: Final = 2_000_000_000


def read_masscode_sqlite(source: Path) -> Iterator[Item]:
    """Read every snippet. If the file is damaged, read those before the damage."""
    try:
        with _opened(source) as database:
            if not _has_tables(database):
                raise UsageError(
                    f"{str(source)!r} has no massCode tables", hint="name its format with --from"
                )
            yield from _read(database)
    except (apsw.Error, OSError) as exc:
        raise UsageError(f"cannot open {str(source)!r} as a massCode database", hint="check --from") from exc


def _read(database: apsw.Connection) -> Iterator[Item]:
    try:
        folders = dict(_folders(database))
        for row in database.execute(_SNIPPETS):
            yield from _snippet(database, row, folders)
    except apsw.Error:
        yield Problem(
            "massCode's database", "it is damaged; the snippets at and after the damage were skipped"
        )


def _snippet(
    database: apsw.Connection, row: tuple[SQLiteValue, ...], folders: dict[str, Folder]
) -> Iterator[Item]:
    try:
        entry = _entry(database, row, folders)
    except RejectedError as exc:
        yield Problem(f"snippet {row[0]!r}", str(exc))
    else:
        yield from pieces_of(entry)


def _folders(database: apsw.Connection) -> Iterator[tuple[str, Folder]]:
    for key, name, parent in database.execute(_FOLDERS):
        with suppress(RejectedError):
            yield str(key), Folder(str(key), _text(name), str(parent) if parent is not None else None)


def _entry(database: apsw.Connection, row: tuple[SQLiteValue, ...], folders: dict[str, Folder]) -> Entry:
    key, name, description, folder, deleted, favorite, created = row
    fragments = [
        Fragment(label=_text(label), language=_text(language), value=_text(value))
        for label, language, value in database.execute(_FRAGMENTS, (key,))
    ]
    tags = [_text(tag) for (tag,) in database.execute(_TAGS, (key,))]
    names = folder_names(str(folder) if folder is not None else None, folders)
    return Entry(
        name=_text(name),
        description=_text(description),
        fragments=fragments,
        tags=(*tags, *names, *(["favorite"] if favorite else [])),
        in_trash=bool(deleted),
        created=moment_of_ms(created if isinstance(created, (int, float)) else None),
    )


def _text(value: object) -> str:
    try:
        return value.decode() if isinstance(value, bytes) else ""
    except UnicodeDecodeError as exc:
        raise RejectedError("its text is not UTF-8") from exc


def _has_tables(database: apsw.Connection) -> bool:
    rows = database.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'"
    )
    return {name for (name,) in rows}.issuperset(TABLES)


@contextmanager
def _opened(source: Path) -> Iterator[apsw.Connection]:
    """Open a database for reading, without creating files next to it."""
    log = source.with_name(f"{source.name}-wal")
    if not log.exists() or log.stat().st_size == 0:
        with closing(_connect(source, "immutable=1")) as database:
            yield database
        return
    with tempfile.TemporaryDirectory(prefix="satchel-import-") as folder:
        copy = Path(folder) / "massCode.db"
        shutil.copyfile(source, copy)
        shutil.copyfile(log, copy.with_name(f"{copy.name}-wal"))
        with closing(_connect(copy, "mode=rw")) as database:
            yield database


def _connect(path: Path, how: str) -> apsw.Connection:
    flags = apsw.SQLITE_OPEN_READWRITE if how == "mode=rw" else apsw.SQLITE_OPEN_READONLY
    database = apsw.Connection(f"{path.absolute().as_uri()}?{how}", flags=flags | apsw.SQLITE_OPEN_URI)
    database.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    database.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    database.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
    database.config(apsw.SQLITE_DBCONFIG_ENABLE_VIEW, 0)
    database.limit(apsw.SQLITE_LIMIT_LENGTH, MAX_CONTENT_BYTES + 1024)
    database.pragma("cell_size_check", 1)
    steps = iter(range(_MAX_STEPS // 1_000_000))
    database.set_progress_handler(lambda: next(steps, None) is None, 1_000_000)
    return database
