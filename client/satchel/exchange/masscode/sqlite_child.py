"""The process that opens massCode 4's SQLite file, which is untrusted: `python -m … PATH` writes messages.

A hostile file can make SQLite spend hours or gigabytes in one step that no handler interrupts. So it is read in
a process of its own, with limits on memory and time, and the parent (`sqlite`) kills it at any moment. Only
plain columns of ordinary tables are read: generated columns, views and virtual tables would run expressions.

A message is four bytes with its length, and a `Message` as MessagePack.
"""

import contextlib
import signal
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import apsw
import msgspec

from satchel.exchange.items import Problem
from satchel.exchange.limits import MAX_JSON_PARTS, MIB
from satchel.exchange.masscode.library import Entry, Folder, Fragment, folder_names
from satchel.exchange.reading import NOT_UTF8, RejectedError, moment_of_ms
from satchel.pieces.fields import MAX_CONTENT_BYTES, MAX_DESCRIPTION_CHARS, MAX_FILES, MAX_TAGS

LENGTH: Final = struct.Struct(">I")
TABLES: Final = ("folders", "snippets", "snippet_contents", "tags", "snippet_tags")
MEMORY_BYTES: Final = 1024 * MIB  # of the process: a few contents of 64 MiB, each in several copies
HEAP_BYTES: Final = 512 * MIB  # of SQLite, also where the system does not limit processes
CPU_S: Final = 120
MAX_FOLDERS: Final = 100_000
_MAX_LABEL: Final = 4_000  # bytes of a name, label, language or tag; a Piece's fields are shorter
_MAX_DESCRIPTION: Final = 4 * MAX_DESCRIPTION_CHARS

# Texts are read as bytes, because SQLite does not guarantee that they are UTF-8, and one byte beyond their limit.
_LABEL: Final = f"substr(CAST({{}} AS BLOB), 1, {_MAX_LABEL + 1})"
_NUMBER: Final = "CASE WHEN typeof({0}) IN ('integer', 'real') THEN {0} END"
_SNIPPETS: Final = (
    f"SELECT {_NUMBER.format('id')}, {_LABEL.format('name')},"  # noqa: S608  constants of this module
    f" substr(CAST(description AS BLOB), 1, {_MAX_DESCRIPTION + 1}), {_NUMBER.format('folderId')},"
    f" {_NUMBER.format('isDeleted')}, {_NUMBER.format('isFavorites')}, {_NUMBER.format('createdAt')}"
    f" FROM snippets ORDER BY id LIMIT {MAX_JSON_PARTS}"
)
_FRAGMENTS: Final = (
    f"SELECT {_LABEL.format('label')}, {_LABEL.format('language')},"  # noqa: S608  constants of this module
    f" substr(CAST(value AS BLOB), 1, {MAX_CONTENT_BYTES + 1})"
    f" FROM snippet_contents WHERE snippetId = ? ORDER BY id LIMIT {MAX_FILES + 2}"
)
_TAGS: Final = (
    f"SELECT {_LABEL.format('t.name')} FROM snippet_tags s"  # noqa: S608  constants of this module
    " JOIN tags t ON t.id = s.tagId"
    f" WHERE s.snippetId = ? ORDER BY t.id LIMIT {MAX_TAGS + 1}"
)
_FOLDERS: Final = (
    f"SELECT {_NUMBER.format('id')}, {_LABEL.format('name')},"  # noqa: S608  constants of this module
    f" {_NUMBER.format('parentId')}"
    f" FROM folders LIMIT {MAX_FOLDERS}"
)

SQLiteValue = None | int | float | str | bytes


class Message(msgspec.Struct):
    """One of: a snippet, a problem, the reason why nothing can be read, or (with nothing set) the end."""

    entry: Entry | None = None
    problem: Problem | None = None
    refused: str = ""
    is_foreign: bool = False


def main(arguments: list[str], out: BinaryIO) -> None:
    """Write messages about the file that the arguments name: its path, and `copy` if it may be written."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C also ends a step that never returns to Python
    _limit()
    for message in messages(Path(arguments[0]), is_copy=arguments[1:] == ["copy"]):
        data = msgspec.msgpack.encode(message)
        out.write(LENGTH.pack(len(data)) + data)
        out.flush()


def _limit() -> None:
    apsw.hard_heap_limit(HEAP_BYTES)
    try:
        import resource  # noqa: PLC0415  exists on POSIX only
    except ImportError:
        return
    for kind, limit in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, CPU_S)):
        with contextlib.suppress(ValueError, OSError):  # a lower limit is set already
            resource.setrlimit(kind, (limit, limit))


def messages(path: Path, *, is_copy: bool) -> Iterator[Message]:
    """Yield what can be read of a file, and the end."""
    try:
        with contextlib.closing(_connect(path, "mode=rw" if is_copy else "immutable=1")) as database:
            _require_tables(database)
            yield from _snippets(database)
    except RejectedError as exc:
        yield Message(refused=str(exc), is_foreign=True)
    except (apsw.Error, MemoryError, OSError, UnicodeDecodeError):
        yield Message(refused="it cannot be opened as a database")
    yield Message()


def _connect(path: Path, how: str) -> apsw.Connection:
    flags = apsw.SQLITE_OPEN_READWRITE if how == "mode=rw" else apsw.SQLITE_OPEN_READONLY
    database = apsw.Connection(f"{path.absolute().as_uri()}?{how}", flags=flags | apsw.SQLITE_OPEN_URI)
    database.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    database.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    database.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
    database.config(apsw.SQLITE_DBCONFIG_ENABLE_VIEW, 0)
    database.limit(apsw.SQLITE_LIMIT_LENGTH, 2 * MAX_CONTENT_BYTES)  # larger: damage, not one bad snippet
    database.pragma("cell_size_check", 1)
    return database


def _require_tables(database: apsw.Connection) -> None:
    """Raise RejectedError unless massCode's tables exist as ordinary tables of plain columns."""
    rows = database.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'"  # noqa: S608
        f" AND name IN ({', '.join('?' * len(TABLES))})",
        TABLES,
    )
    if {name for (name,) in rows} != set(TABLES):
        raise RejectedError("it has no massCode tables")
    for table in TABLES:
        for (hidden,) in database.execute("SELECT hidden FROM pragma_table_xinfo(?)", (table,)):
            if hidden:
                raise RejectedError(f"its table {table!r} has generated columns, which massCode never makes")


def _snippets(database: apsw.Connection) -> Iterator[Message]:
    try:
        folders = dict(_folders(database))
        for row in database.execute(_SNIPPETS):
            try:
                yield Message(entry=_entry(database, row, folders))
            except RejectedError as exc:
                yield Message(problem=Problem(f"snippet {row[0]!r}", str(exc)))
    except (apsw.Error, MemoryError):
        yield Message(
            problem=Problem(
                "massCode's database", "it is damaged; the snippets at and after the damage were skipped"
            )
        )


def _folders(database: apsw.Connection) -> Iterator[tuple[str, Folder]]:
    for key, name, parent in database.execute(_FOLDERS):
        with contextlib.suppress(RejectedError):
            yield str(key), Folder(str(key), _text(name, "name"), None if parent is None else str(parent))


def _entry(database: apsw.Connection, row: tuple[SQLiteValue, ...], folders: dict[str, Folder]) -> Entry:
    key, name, description, folder, deleted, favorite, created = row
    if key is None:
        raise RejectedError("its id is not a number")
    tags = [_text(tag, "tag") for (tag,) in database.execute(_TAGS, (key,))]
    names = folder_names(None if folder is None else str(folder), folders)
    return Entry(
        name=_text(name, "name"),
        description=_text(description, "description", _MAX_DESCRIPTION),
        fragments=_fragments(database, key),
        tags=(*tags, *names, *(["favorite"] if favorite else [])),
        in_trash=bool(deleted),
        created=moment_of_ms(created),
    )


def _fragments(database: apsw.Connection, key: SQLiteValue) -> list[Fragment]:
    """Return the contents of a snippet. RejectedError if they exceed what a Piece holds."""
    found: list[Fragment] = []
    size_bytes = 0
    for label, language, value in database.execute(_FRAGMENTS, (key,)):
        size_bytes += len(value) if isinstance(value, bytes) else 0
        if size_bytes > MAX_CONTENT_BYTES:
            raise RejectedError(f"it is larger than {MAX_CONTENT_BYTES // MIB} MiB")
        text = _text(value, "content", MAX_CONTENT_BYTES)
        found.append(Fragment(label=_text(label, "label"), language=_text(language, "language"), value=text))
    return found


def _text(value: object, what: str, limit: int = _MAX_LABEL) -> str:
    if not isinstance(value, bytes):
        return ""
    if len(value) > limit:
        raise RejectedError(f"its {what} is longer than {limit:,} bytes")
    try:
        return value.decode()
    except UnicodeDecodeError as exc:
        raise RejectedError(NOT_UTF8) from exc


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdout.buffer)
