"""`satchel discover`: propose Pieces from the files of a folder, and save the chosen ones."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import LIMIT, tag_option
from satchel.cli.options import command, pass_app
from satchel.cli.saving import save_once
from satchel.cli.terminal.text import Column, format_count
from satchel.errors import NotFoundError, UsageError
from satchel.exchange.folder.tree import read_file, read_folder
from satchel.models.discovery import Region, distinct, regions_in
from satchel.models.interface import Subject
from satchel.models.parsing import language_of
from satchel.pieces.media import decode_text
from satchel.pieces.model import Draft, Source

DEFAULT_LIMIT: Final = 20
MAX_FILES: Final = 20_000
MAX_KEPT: Final = 4_000  # regions in memory while a tree is read
ALL: Final = "all"
COLUMNS: Final = (
    Column("", right=True, dim=True),
    Column("TITLE", shrinks=True),
    Column("LANGUAGE", spare=True),
    Column("FILE", shrinks=True),
    Column("LINES", right=True),
    Column("REASON", shrinks=True, dim=True),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A region with the file that it is in: its path for the owner, and its absolute path.

    `alternative_to` is the place in the list, from 1, of the first better region that shares lines with it; 0 if
    none does.
    """

    region: Region
    shown_path: str
    path: str
    alternative_to: int = 0

    @property
    def lines(self) -> str:
        """The first and last line."""
        return f"{self.region.first_line}-{self.region.last_line}"

    def draft(self, tags: tuple[str, ...]) -> Draft:
        """Return the region as a draft whose source names the file and the lines."""
        return Draft(
            content=self.region.text.encode(),
            title=self.region.title,
            language=self.region.language or None,
            tags=tags,
            source=Source("file", f"{self.path}:{self.lines}", Path(self.path).name),
        )


@command(
    "discover",
    examples=[
        ("satchel discover src", "list what is worth keeping"),
        ("satchel discover src --save 1,3-5", "save some of the list"),
        ("satchel discover README.md --save all", "save every code block worth keeping"),
    ],
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@click.option("--save", "chosen", metavar="NUMBERS", help="Save these of the list: 1,3-5 or all.")
@tag_option("Add this tag to every saved Piece; can be repeated.")
@click.option(
    "--limit",
    type=LIMIT,
    metavar="N",
    help=f"The maximum number of proposals; {DEFAULT_LIMIT} by default, all with --json.",
)
@pass_app
def discover(
    app: App, /, *, paths: tuple[str, ...], chosen: str | None, tags: tuple[str, ...], limit: int | None
) -> None:
    """Propose Pieces from files: functions, blocks, paragraphs, code blocks, notebook cells and marked regions.

    The most useful parts come first. If a part shares lines with a better one, the list says so. Files
    ignored by .gitignore and folders of generated files are skipped. Nothing is saved without --save.
    """
    shown = limit or (MAX_KEPT if app.out.as_json else DEFAULT_LIMIT)
    found = _proposals(paths)
    proposals = found[:shown]
    numbers = None if chosen is None else _numbers(chosen, proposals)
    saved = {} if numbers is None else _save(app, proposals, numbers, tags)
    app.out.table(
        lambda: {"proposals": [_document(number, one, saved) for number, one in enumerate(proposals, 1)]},
        COLUMNS,
        ([str(number), *_row(one)] for number, one in enumerate(proposals, 1)),
    )
    if numbers is not None:
        app.out.note(f"saved {format_count(sum(is_new for _, is_new in saved.values()), 'Piece')}")
    elif len(found) > shown:
        app.out.note(f"{len(found) - shown:,} more: use --limit")


def _proposals(paths: Iterable[str]) -> list[Proposal]:
    """Return proposals from all paths, the best first."""
    found: list[Proposal] = []
    for draft, shown in islice(files_of(paths), MAX_FILES):
        found += _of_file(draft, shown)
        if len(found) > 2 * MAX_KEPT:
            found = _best(found)
    return _with_alternatives(_without_copies(_best(found)))


def _best(found: list[Proposal]) -> list[Proposal]:
    # Sorting keeps the order of equal scores, which is that of the file's own list.
    return sorted(found, key=lambda one: -one.region.score)[:MAX_KEPT]


def _without_copies(found: list[Proposal]) -> list[Proposal]:
    """Return proposals without those that nearly repeat a better one."""
    kept = {id(region) for region in distinct([one.region for one in found])}
    return [one for one in found if id(one.region) in kept]


def _with_alternatives(found: list[Proposal]) -> list[Proposal]:
    """Return the proposals, each with the better one that shares lines with it."""
    of_file: dict[str, list[tuple[int, Region]]] = {}
    marked: list[Proposal] = []
    for number, one in enumerate(found, 1):
        before = of_file.setdefault(one.path, [])
        other = next((place for place, region in before if region.overlaps(one.region)), 0)
        before.append((number, one.region))
        marked.append(replace(one, alternative_to=other))
    return marked


def files_of(paths: Iterable[str]) -> Iterator[tuple[Draft, str]]:
    """Yield the files of paths and folders, with the path to show. NotFoundError for a path that does not exist."""
    for path in map(Path, paths):
        if not path.exists():
            raise NotFoundError(f"there is no file {str(path)!r}", hint="check the path")
        for item in read_folder(path) if path.is_dir() else read_file(path):
            if isinstance(item, Draft):
                yield item, str(path / item.title) if path.is_dir() else str(path)


def _of_file(draft: Draft, shown: str) -> list[Proposal]:
    text = decode_text(draft.content, draft.media_type or "")
    if text is None or draft.source is None:
        return []
    name = draft.source.file_name
    language = language_of(Subject(text, file_name=name))
    return [Proposal(region, shown, draft.source.location) for region in regions_in(text, language, name)]


def _numbers(chosen: str, proposals: list[Proposal]) -> list[int]:
    """Return the chosen places in a list: all are those without a better alternative. UsageError for a place outside it."""
    if chosen == ALL:
        return [number for number, one in enumerate(proposals, 1) if not one.alternative_to]
    count = len(proposals)
    numbers: list[int] = []
    for part in chosen.split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.isdecimal() and (last.isdecimal() or not dash)) or len(part) > 12:
            raise UsageError(f"{chosen!r} names no places of the list", hint="write 1,3-5 or all")
        span = range(int(first), int(last or first) + 1)
        if not span or span[0] < 1 or span[-1] > count:
            raise UsageError(
                f"the list has no {part.strip()!r}", hint=f"it has {format_count(count, 'entry', 'entries')}"
            )
        numbers += span
    return list(dict.fromkeys(numbers))


def _save(
    app: App, proposals: list[Proposal], numbers: list[int], tags: tuple[str, ...]
) -> dict[int, tuple[str, bool]]:
    """Save the chosen proposals; return the id of each Piece and whether it is new."""
    saved: dict[int, tuple[str, bool]] = {}
    with app.open_store() as store:
        for number in numbers:
            piece, is_new = save_once(app, store, proposals[number - 1].draft(tags))
            saved[number] = (piece.id, is_new)
    return saved


def _row(one: Proposal) -> list[str]:
    other = f"shares lines with {one.alternative_to}: " if one.alternative_to else ""
    return [one.region.title, one.region.language, one.shown_path, one.lines, f"{other}{one.region.reason}"]


def _document(number: int, one: Proposal, saved: dict[int, tuple[str, bool]]) -> dict[str, object]:
    piece_id, is_new = saved.get(number, (None, False))
    return {
        "number": number,
        "title": one.region.title,
        "language": one.region.language or None,
        "path": one.path,
        "first_line": one.region.first_line,
        "last_line": one.region.last_line,
        "reason": one.region.reason,
        "score": round(one.region.score, 3),
        "alternative_to": one.alternative_to or None,
        "content": one.region.text,
        "id": piece_id,
        "is_new": is_new,
    }
