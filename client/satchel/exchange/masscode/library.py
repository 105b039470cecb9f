"""massCode's `db.json` (version 3), and the snippets of its SQLite file (version 4, read by `sqlite`).

A snippet becomes a Piece and its fragments the files; folders and tags become tags; snippets in the trash
are skipped. The formats follow massCode's sources: `src/main/db/index.ts` (tables) and `migrate.ts` (JSON).
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from satchel.errors import IntegrityError, UsageError
from satchel.exchange.items import Item, ItemFields, ItemFile, Problem, Skipped, drafts_of
from satchel.exchange.json_text import Part, decode_part, documents, elements, members, mended, value_of
from satchel.exchange.names import language_named, safe_name, usual_extension
from satchel.exchange.reading import ENDS_EARLY, RejectedError, moment_of_ms

R = TypeVar("R", bound=msgspec.Struct)


class Folder(msgspec.Struct):
    """A folder in `db.json`; `isSystem` marks massCode's own folders (inbox, trash)."""

    id: str
    name: str | None = None
    parentId: str | None = None  # noqa: N815  the document's name
    isSystem: bool | None = None  # noqa: N815  the document's name


class Tag(msgspec.Struct):
    """A tag in `db.json`."""

    id: str
    name: str | None = None


class Fragment(msgspec.Struct):
    """One of a snippet's contents, in `db.json` and in the tables."""

    label: str | None = None
    language: str | None = None
    value: str | None = None


class Snippet(msgspec.Struct):
    """A snippet in `db.json`."""

    name: str | None = None
    description: str | None = None
    content: list[Fragment] | None = None
    folderId: str | None = None  # noqa: N815  the document's name
    tagsIds: list[str] | None = None  # noqa: N815  the document's name
    isDeleted: bool | None = None  # noqa: N815  the document's name
    isFavorites: bool | None = None  # noqa: N815  the document's name
    createdAt: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815  the document's name


@dataclass(frozen=True, slots=True)
class Entry:
    """A snippet of either version."""

    name: str
    description: str
    fragments: list[Fragment]
    tags: tuple[str, ...]
    in_trash: bool
    created: dt.datetime | None


def read_masscode_json(source: Path, data: bytes) -> Iterator[Item]:
    """Read every snippet of version 3's `db.json`. If it is cut off, read the snippets before the cut."""
    found_any = is_cut = False
    for document in documents(data):
        is_cut = is_cut or not document.is_whole
        fields = members(document) if document.is_object else {}
        if "snippets" not in fields:
            continue
        found_any = True
        if not fields["snippets"].is_list and document.is_whole:
            raise IntegrityError(f"the snippets in {str(source)!r} are not a list", hint="export them again")
        yield from _snippets(fields)
        if not document.is_whole:
            yield Problem("the file", ENDS_EARLY)
    if not found_any and is_cut:
        raise IntegrityError(
            f"{str(source)!r} is cut off before the first snippet", hint="copy or export it again"
        )
    if not found_any:
        raise UsageError(
            f"{str(source)!r} is not massCode's db.json", hint="omit --from to detect the format"
        )


def _snippets(fields: Mapping[str, Part]) -> Iterator[Item]:
    parts = [part for part in _elements(fields, "snippets") if part.is_whole]
    folders = {folder.id: folder for folder in _records(fields, "folders", Folder)}
    tags = {tag.id: tag.name or "" for tag in _records(fields, "tags", Tag)}
    for number, part in enumerate(parts, 1):
        try:
            entry = _entry(decode_part(part, Snippet), folders, tags)
        except RejectedError as exc:
            yield Problem(f"snippet {number} of {len(parts)}", str(exc))
        else:
            yield from pieces_of(entry)


def _elements(fields: Mapping[str, Part], name: str) -> Iterator[Part]:
    part = fields.get(name)
    return elements(part) if part is not None and part.is_list else iter(())


def _records(fields: Mapping[str, Part], name: str, shape: type[R]) -> Iterator[R]:
    """Yield folders or tags. Half a character in a name is replaced, so that its snippets stay readable."""
    for part in _elements(fields, name):
        try:
            yield decode_part(mended(part), shape)
        except RejectedError:
            continue


def _entry(snippet: Snippet, folders: Mapping[str, Folder], tags: Mapping[str, str]) -> Entry:
    names = [tags[tag] for tag in snippet.tagsIds or () if tag in tags]
    favorite = ["favorite"] if snippet.isFavorites else []
    return Entry(
        name=snippet.name or "",
        description=snippet.description or "",
        fragments=snippet.content or [],
        tags=(*names, *folder_names(snippet.folderId, folders), *favorite),
        in_trash=bool(snippet.isDeleted),
        created=moment_of_ms(value_of(snippet.createdAt)),
    )


def folder_names(folder_id: str | None, folders: Mapping[str, Folder]) -> list[str]:
    """Return the names of a folder and its parents, innermost first. Stop at a loop."""
    names: list[str] = []
    seen: set[str] = set()
    while folder_id and folder_id in folders and folder_id not in seen:
        seen.add(folder_id)
        folder = folders[folder_id]
        if not folder.isSystem:
            names.append(folder.name or "")
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
