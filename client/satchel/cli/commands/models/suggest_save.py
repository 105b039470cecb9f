"""`satchel suggest save`: rank what is worth saving in files, folders and standard input."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import LIMIT
from satchel.cli.commands.models.discover import MAX_FILES, files_of
from satchel.cli.options import command, pass_app
from satchel.cli.piece_files import STDIN, read_content
from satchel.cli.terminal.text import Column
from satchel.errors import UsageError
from satchel.models.interface import Subject
from satchel.models.parsing import language_of
from satchel.pieces.media import decode_text, sniff
from satchel.suggest.worth_keeping import Worth, worth_keeping

DEFAULT_LIMIT: Final = 20
MAX_RANKED: Final = 4_000
COLUMNS: Final = (
    Column("", right=True, dim=True),
    Column("TITLE", shrinks=True),
    Column("LANGUAGE", spare=True),
    Column("FILE", shrinks=True),
    Column("LINES", right=True),
    Column("WORTH", right=True),
    Column("REASON", shrinks=True, dim=True),
)


@command(
    "save",
    examples=[
        ("satchel suggest save notes.md", "what is worth keeping of a file"),
        ("satchel suggest save src --limit 5", "the best parts of a folder"),
        ("pbpaste | satchel suggest save -", "whether what you copied is worth keeping"),
    ],
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option(
    "--limit",
    type=LIMIT,
    metavar="N",
    help=f"The maximum number of texts; {DEFAULT_LIMIT} by default, all with --json.",
)
@pass_app
def suggest_save(app: App, /, *, paths: tuple[str, ...], limit: int | None) -> None:
    """Rank what is worth saving: whole texts, and the best parts of files and folders.

    PATH is a file, a folder, or - for standard input. WORTH estimates how likely an author would be to
    publish the text as an example. Nothing is saved: use satchel save for a text, or satchel discover --save
    for parts.
    """
    if paths.count(STDIN) > 1:
        raise UsageError("standard input can be read only once", hint="give - once")
    ranked = _ranked(app, paths)
    shown = ranked[: limit or (MAX_RANKED if app.out.as_json else DEFAULT_LIMIT)]
    app.out.table(
        lambda: {"texts": [_document(number, *one) for number, one in enumerate(shown, 1)]},
        COLUMNS,
        (
            [
                str(number),
                one.title,
                one.language,
                path,
                f"{one.first_line}-{one.last_line}",
                f"{one.worth:.2f}",
                one.reason,
            ]
            for number, (path, one) in enumerate(shown, 1)
        ),
    )
    if len(ranked) > len(shown):
        app.out.note(f"{len(ranked) - len(shown):,} more: use --limit")


def _ranked(app: App, paths: Iterable[str]) -> list[tuple[str, Worth]]:
    """Return the texts of all paths with their path, the most worth first."""
    found: list[tuple[str, Worth]] = []
    for shown, name, text in islice(_texts(app, paths), MAX_FILES):
        found += [
            (shown, one) for one in worth_keeping(text, language_of(Subject(text, file_name=name)), name)
        ]
        if len(found) > 2 * MAX_RANKED:
            found = _best(found)
    return _best(found)


def _best(found: list[tuple[str, Worth]]) -> list[tuple[str, Worth]]:
    return sorted(found, key=lambda one: -one[1].worth)[:MAX_RANKED]


def _texts(app: App, paths: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the path, the file's name and the text of what can be read as text."""
    for path in paths:
        if path == STDIN:
            content = read_content(STDIN, app.streams.stdin)
            yield STDIN, "", decode_text(content, sniff(content)) or ""
            continue
        for draft, shown in files_of([path]):
            text = decode_text(draft.content, draft.media_type or "")
            if text is not None:
                yield shown, draft.source.file_name if draft.source else "", text


def _document(number: int, path: str, one: Worth) -> dict[str, object]:
    return {
        "number": number,
        "title": one.title,
        "language": one.language or None,
        "path": None if path == STDIN else path,
        "first_line": one.first_line,
        "last_line": one.last_line,
        "worth": round(one.worth, 3),
        "reason": one.reason,
        "content": one.text,
    }
