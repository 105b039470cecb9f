"""massCode 5's vault: a folder of Markdown files with front matter, one per snippet or note.

    code/.masscode/state.json      the names of the tags
    code/.masscode/inbox/*.md      snippets outside folders; trash/ holds deleted ones
    code/FOLDER/*.md               snippets; each fragment is a heading and a fenced block
    notes/…                        the same for notes, whose body is the Markdown itself

The layout follows massCode's sources, `src/main/storage/providers/markdown`. A single space (`code` or `notes`)
can be imported too. The other spaces hold no snippets and are skipped.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from satchel.exchange.items import Item, Problem, Skipped
from satchel.exchange.json_text import as_utf8, decode_part, documents, elements, members
from satchel.exchange.limits import MAX_FOLDER_DEPTH
from satchel.exchange.masscode.front_matter import Value, split
from satchel.exchange.masscode.library import Entry, Fragment, pieces_of
from satchel.exchange.reading import RejectedError, TooLargeError, moment_of_ms, moment_of_text, read_regular
from satchel.pieces.fields import MAX_CONTENT_BYTES, MAX_FILES
from satchel.text_files import encoding_of

STATE_FILE: Final = Path(".masscode") / "state.json"
CODE: Final = "code"
NOTES: Final = "notes"
OTHER_SPACES: Final = ("math", "http", "drawings")
MAX_STATE_BYTES: Final = 64 * 2**20
MAX_OPENINGS: Final = 10_000  # lines of one snippet that look like the start of a fragment
_META: Final = ".masscode"
_TRASH: Final = (_META, "trash")
_FENCE: Final = re.compile(r"(`{3,})([^`]*)")
_HEADING: Final = re.compile(r"## Fragment:(.*)")


class VaultTag(msgspec.Struct):
    """A tag in `state.json`."""

    id: int
    name: str | None = None


def is_vault(folder: Path) -> bool:
    """Tell whether a folder is a vault, or one of the spaces in a vault."""
    return any((folder / space / STATE_FILE).is_file() for space in ("", CODE, NOTES))


def read_masscode_vault(source: Path) -> Iterator[Item]:
    """Read every snippet and note of a vault, or of the space that `source` is."""
    root = source.resolve()
    if (root / STATE_FILE).is_file():
        yield from _read_space(root, holds_notes=root.name == NOTES)
        return
    for space in (CODE, NOTES):
        if (root / space / STATE_FILE).is_file():
            yield from _read_space(root / space, holds_notes=space == NOTES)
    for space in OTHER_SPACES:
        if (root / space).is_dir():
            yield Skipped(space, f"massCode's {space} space")


def _read_space(space: Path, *, holds_notes: bool) -> Iterator[Item]:
    tags = _tags(space)
    for path in _markdown_files(space, 0):
        where = path.relative_to(space).as_posix()
        try:
            yield from pieces_of(_entry(path, path.relative_to(space), tags, holds_notes=holds_notes))
        except TooLargeError as exc:
            yield Skipped(where, str(exc).removeprefix("it is "))
        except RejectedError as exc:
            yield Problem(where, str(exc))


def _markdown_files(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the Markdown files below a folder. Do not follow symbolic links."""
    if depth > MAX_FOLDER_DEPTH:
        return
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            continue
        if path.is_dir():
            yield from _markdown_files(path, depth + 1)
        elif path.suffix == ".md":
            yield path


def _tags(space: Path) -> dict[int, str]:
    """Return the names of tags by id. A damaged state has none: it is an index, which massCode rebuilds."""
    found: dict[int, str] = {}
    try:
        data = as_utf8(read_regular(space / STATE_FILE, MAX_STATE_BYTES))
        for document in documents(data):
            fields = members(document) if document.is_object else {}
            for part in elements(fields["tags"]) if "tags" in fields and fields["tags"].is_list else ():
                tag = decode_part(part, VaultTag)
                found[tag.id] = tag.name or ""
    except RejectedError:
        pass
    return found


def _entry(path: Path, relative: Path, tags: Mapping[int, str], *, holds_notes: bool) -> Entry:
    data = read_regular(path, MAX_CONTENT_BYTES)
    codec = encoding_of(data)
    if codec is None:
        raise RejectedError("it is not text in UTF-8")
    fields, body = split(data.decode(codec))
    folders = () if relative.parts[0] == _META else reversed(relative.parent.parts)
    return Entry(
        name=_string(fields.get("name")) or path.stem,
        description=_string(fields.get("description")),
        fragments=_note(body) if holds_notes else fragments_of(body, _declared(fields.get("contents"))),
        tags=(
            *_tag_names(fields.get("tags"), tags),
            *folders,
            *(["favorite"] if fields.get("isFavorites") else []),
        ),
        in_trash=bool(fields.get("isDeleted")) or relative.parts[:2] == _TRASH,
        created=moment_of_ms(fields.get("createdAt")) or moment_of_text(fields.get("createdAt")),
    )


def _note(body: str) -> list[Fragment]:
    return [Fragment(label=None, language="markdown", value=body)]


def _string(value: Value) -> str:
    return value if isinstance(value, str) else "" if value is None or isinstance(value, list) else str(value)


def _tag_names(value: Value, tags: Mapping[int, str]) -> list[str]:
    ids = value if isinstance(value, list) else []
    return [tags[each] for each in ids if isinstance(each, int) and each in tags]


def _declared(value: Value) -> list[str]:
    """Return the labels of the fragments that the front matter lists."""
    contents = value if isinstance(value, list) else []
    labels = [str(each.get("label") or "") for each in contents if isinstance(each, dict)]
    return labels if len(labels) <= MAX_FILES + 1 else []


def fragments_of(body: str, declared: list[str]) -> list[Fragment]:
    """Return the fragments in a body: a heading, then a block between fences of the same length.

    Early versions of massCode 5 used three backticks also around text that contains three. Where that is the
    case, the labels in the front matter say where fragments start, and the last fence before the next one ends a
    fragment. A body without fragments is one.
    """
    lines = body.replace("\r\n", "\n").split("\n")
    found, has_rest = _fenced(lines)
    if declared and (len(found) != len(declared) or has_rest):
        found = _labelled(lines, declared) or found
    if not found and body.strip():
        return [Fragment(label="Fragment 1", language="plain_text", value=body)]
    return found


def _fenced(lines: list[str]) -> tuple[list[Fragment], bool]:
    """Return the fragments by their fences, and whether there is text outside them."""
    found: list[Fragment] = []
    at, has_rest = 0, False
    while at < len(lines):
        opening = _opening(lines, at)
        at += 1
        if opening is None:
            has_rest = has_rest or bool(lines[at - 1].strip())
            continue
        label, fence, language = opening
        start = at = at + 1
        while at < len(lines) and lines[at].strip() != fence:
            at += 1
        found.append(Fragment(label=label, language=language, value="\n".join(lines[start:at])))
        at = min(at + 1, len(lines))
    return found, has_rest


def _opening(lines: list[str], at: int) -> tuple[str, str, str] | None:
    """Return the label, fence and language of a fragment whose heading is this line, or None."""
    heading = _HEADING.fullmatch(lines[at])
    fence = _FENCE.fullmatch(lines[at + 1].rstrip()) if heading and at + 1 < len(lines) else None
    return (heading[1].strip() or "Fragment", fence[1], fence[2].strip()) if heading and fence else None


def _labelled(lines: list[str], declared: list[str]) -> list[Fragment]:
    """Return the fragments that start at the declared labels, or nothing if one of them is missing."""
    openings = [(at, found) for at in range(len(lines)) if (found := _opening(lines, at)) is not None]
    if len(openings) > MAX_OPENINGS:
        return []
    chosen: list[tuple[int, tuple[str, str, str]]] = []
    limit = len(lines)
    for number, label in reversed(list(enumerate(declared))):
        fitting = [
            each for each in openings if each[0] < limit and each[1][0] == (label.strip() or "Fragment")
        ]
        if not fitting:
            return []
        chosen.insert(0, fitting[0] if number == 0 else fitting[-1])
        limit = chosen[0][0]
    stops = [at for at, _ in chosen[1:]] + [len(lines)]
    return [_between(lines, *opening, stop) for opening, stop in zip(chosen, stops, strict=True)]


def _between(lines: list[str], at: int, opening: tuple[str, str, str], stop: int) -> Fragment:
    label, fence, language = opening
    ends = [number for number in range(at + 2, stop) if lines[number].strip() == fence]
    end = ends[-1] if ends else stop
    return Fragment(label=label, language=language, value="\n".join(lines[at + 2 : end]))
