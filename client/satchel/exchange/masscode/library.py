"""massCode's `db.json` (version 3), and the snippets of its SQLite file (version 4, read by `sqlite`).

A snippet becomes a Piece and its fragments the files; folders and tags become tags; snippets in the trash
are skipped. The formats follow massCode's sources: `src/main/db/index.ts` (tables) and `migrate.ts` (JSON).
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from satchel.exchange.items import Item, ItemFields, ItemFile, Problem, Skipped, drafts_of
from satchel.exchange.names import language_named, safe_name, usual_extension
from satchel.exchange.reading import RejectedError, decode, decode_each, moment_of_ms, read_json


class Folder(msgspec.Struct):
    """A folder in `db.json`; `isSystem` marks massCode's own folders (inbox, trash)."""

    id: str
    name: str = ""
    parentId: str | None = None  # noqa: N815  the document's name
    isSystem: bool = False  # noqa: N815  the document's name


class Tag(msgspec.Struct):
    """A tag in `db.json`."""

    id: str
    name: str = ""


class Fragment(msgspec.Struct):
    """One of a snippet's contents, in `db.json` and in the tables."""

    label: str | None = None
    language: str | None = None
    value: str | None = None


class Snippet(msgspec.Struct):
    """A snippet in `db.json`."""

    name: str = ""
    description: str | None = None
    content: list[Fragment] = []
    folderId: str | None = None  # noqa: N815  the document's name
    tagsIds: list[str] = []  # noqa: N815  the document's name
    isDeleted: bool = False  # noqa: N815  the document's name
    isFavorites: bool = False  # noqa: N815  the document's name
    createdAt: float | None = None  # noqa: N815  the document's name


class Database(msgspec.Struct):
    """The document `db.json`."""

    snippets: list[msgspec.Raw]
    folders: list[msgspec.Raw] = []
    tags: list[msgspec.Raw] = []


@dataclass(frozen=True, slots=True)
class Entry:
    """A snippet of either version."""

    name: str
    description: str
    fragments: list[Fragment]
    tags: tuple[str, ...]
    in_trash: bool
    created: dt.datetime | None


def read_masscode_json(source: Path) -> Iterator[Item]:
    """Read every snippet of version 3's `db.json`."""
    database = read_json(source, Database)
    folders = {
        folder.id: folder for folder in decode_each(database.folders, Folder) if isinstance(folder, Folder)
    }
    tags = {tag.id: tag.name for tag in decode_each(database.tags, Tag) if isinstance(tag, Tag)}
    for number, document in enumerate(database.snippets, 1):
        try:
            snippet = decode(document, Snippet)
        except RejectedError as exc:
            yield Problem(f"snippet {number} of {len(database.snippets)}", str(exc))
        else:
            yield from pieces_of(_entry(snippet, folders, tags))


def _entry(snippet: Snippet, folders: Mapping[str, Folder], tags: Mapping[str, str]) -> Entry:
    names = [tags[tag] for tag in snippet.tagsIds if tag in tags]
    favorite = ["favorite"] if snippet.isFavorites else []
    return Entry(
        name=snippet.name,
        description=snippet.description or "",
        fragments=snippet.content,
        tags=(*names, *folder_names(snippet.folderId, folders), *favorite),
        in_trash=snippet.isDeleted,
        created=moment_of_ms(snippet.createdAt),
    )


def folder_names(folder_id: str | None, folders: Mapping[str, Folder]) -> list[str]:
    """Return the names of a folder and its parents, innermost first. Stop at a loop."""
    names: list[str] = []
    seen: set[str] = set()
    while folder_id and folder_id in folders and folder_id not in seen:
        seen.add(folder_id)
        folder = folders[folder_id]
        if not folder.isSystem:
            names.append(folder.name)
        folder_id = folder.parentId
    return names


def pieces_of(entry: Entry) -> Iterator[Item]:
    """Yield a snippet as a Piece. If it has several files, their names come from the fragments' labels."""
    where = f"snippet {entry.name!r}"
    if entry.in_trash:
        yield Skipped(where, "in the trash")
        return
    fields = ItemFields(
        where=where,
        kind="masscode",
        title=entry.name,
        description=entry.description,
        tags=entry.tags,
        created=entry.created,
    )
    yield from drafts_of(fields, [_file(entry, number) for number in range(1, len(entry.fragments) + 1)])


def _file(entry: Entry, number: int) -> ItemFile:
    fragment = entry.fragments[number - 1]
    label, language = fragment.label or f"Fragment {number}", language_named(fragment.language)
    is_single = len(entry.fragments) == 1
    return ItemFile(
        where=f"snippet {entry.name!r}" + ("" if is_single else f": {label}"),
        name="" if is_single else safe_name(label, usual_extension(language)),
        content=(fragment.value or "").encode("utf-8", "replace"),
        language=language,
    )
