"""massCode: version 3's `db.json`, and version 4's SQLite file (read by `masscode_sqlite`).

Each snippet is a Piece, its fragments are the files; folders and tags become tags, what is in the trash stays there.
The forms are those of massCode's own sources: `src/main/db/index.ts` (tables) and `migrate.ts` (from JSON).
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from satchel.exchange.items import About, Ignored, Item, Part, Problem, piece_of
from satchel.exchange.names import language_named, safe_name, usual_extension
from satchel.exchange.reading import UnfitError, decode, each, moment_of_ms, read_json


class Folder(msgspec.Struct):
    """A folder of `db.json`; massCode's own folders (inbox, trash) are `isSystem`."""

    id: str
    name: str = ""
    parentId: str | None = None  # noqa: N815  the document's name
    isSystem: bool = False  # noqa: N815  the document's name


class Tag(msgspec.Struct):
    """A tag of `db.json`."""

    id: str
    name: str = ""


class Fragment(msgspec.Struct):
    """One of a snippet's contents, of `db.json` and of the tables alike."""

    label: str | None = None
    language: str | None = None
    value: str | None = None


class Snippet(msgspec.Struct):
    """A snippet of `db.json`."""

    name: str = ""
    description: str | None = None
    content: list[Fragment] = []
    folderId: str | None = None  # noqa: N815  the document's name
    tagsIds: list[str] = []  # noqa: N815  the document's name
    isDeleted: bool = False  # noqa: N815  the document's name
    isFavorites: bool = False  # noqa: N815  the document's name
    createdAt: float | None = None  # noqa: N815  the document's name


class Database(msgspec.Struct):
    """The whole of `db.json`."""

    snippets: list[msgspec.Raw]
    folders: list[msgspec.Raw] = []
    tags: list[msgspec.Raw] = []


@dataclass(frozen=True, slots=True)
class Entry:
    """A snippet as both versions give it."""

    name: str
    description: str
    fragments: list[Fragment]
    tags: tuple[str, ...]
    in_trash: bool
    created: dt.datetime | None


def read_masscode_json(source: Path) -> Iterator[Item]:
    """Read every snippet of version 3's `db.json`."""
    database = read_json(source, Database)
    folders = {folder.id: folder for folder in each(database.folders, Folder) if isinstance(folder, Folder)}
    tags = {tag.id: tag.name for tag in each(database.tags, Tag) if isinstance(tag, Tag)}
    for number, document in enumerate(database.snippets, 1):
        try:
            snippet = decode(document, Snippet)
        except UnfitError as exc:
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
    """Return the names of a folder and those around it, innermost first; a loop of folders ends."""
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
    """Yield a snippet as a Piece; the names of several files come from their fragments' labels."""
    where = f"snippet {entry.name!r}"
    if entry.in_trash:
        yield Ignored(where, "in the trash")
        return
    about = About(
        where=where,
        kind="masscode",
        title=entry.name,
        description=entry.description,
        tags=entry.tags,
        created=entry.created,
    )
    yield from piece_of(about, [_part(entry, number) for number in range(1, len(entry.fragments) + 1)])


def _part(entry: Entry, number: int) -> Part:
    fragment = entry.fragments[number - 1]
    label, language = fragment.label or f"Fragment {number}", language_named(fragment.language)
    is_alone = len(entry.fragments) == 1
    return Part(
        where=f"snippet {entry.name!r}" + ("" if is_alone else f": {label}"),
        name="" if is_alone else safe_name(label, usual_extension(language)),
        content=(fragment.value or "").encode("utf-8", "replace"),
        language=language,
    )
