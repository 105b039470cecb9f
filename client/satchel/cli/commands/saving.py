"""`satchel save`: keep a file, standard input or an image as a Piece."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from satchel.cli.app import App
from satchel.cli.arguments import language_option, tag_option
from satchel.cli.options import command, pass_app
from satchel.errors import NotFoundError, SatchelError, UsageError

if TYPE_CHECKING:
    from satchel.index import Index
    from satchel.store import Draft, Piece, Store

STDIN = "-"


@command(
    "save",
    examples=[
        ("satchel save parse.py --tag http", "keep a file"),
        ("git diff | satchel save - --title 'the fix'", "keep what a command prints"),
        ("satchel save screenshot.png", "keep an image"),
    ],
)
@click.argument("paths", metavar="[PATH|-]...", nargs=-1, type=click.Path(allow_dash=True))
@click.option("--title", metavar="TEXT", help="Its title; otherwise the file's name or the first line.")
@click.option("--description", metavar="TEXT", help="What it is for.")
@language_option("Its language; otherwise known from the file's name.")
@tag_option("Give it this tag; several are fine.")
@click.option("--link", "links", metavar="URL", multiple=True, help="A link that belongs to it.")
@click.option("--again", is_flag=True, help="Save it although the same content is there already.")
@pass_app
def save(app: App, /, *, paths: tuple[str, ...], again: bool, **given: Any) -> None:  # noqa: ANN401  click's values
    """Save Pieces from files, standard input or images.

    A content that is there already is not saved twice; the answer names the Piece that holds it. Prints
    the new id in a pipe, or with --quiet.
    """
    from satchel.suggest import DEFAULT, fill  # noqa: PLC0415  costs SQLite

    if given["title"] and len(paths) > 1:
        raise UsageError("one --title cannot be the title of several files", hint="save them one by one")
    results = []
    with app.open_store() as store:
        index = None if again else app.open_index(store)
        for path in paths or (_default_path(app),):
            draft = fill(_draft(app, path, **given), DEFAULT)
            results.append(_save(store, index, draft))
        if index is not None:
            index.close()
    _answer(app, results)


def _default_path(app: App) -> str:
    if app.streams.stdin_is_terminal:
        raise UsageError("what shall be saved is missing", hint="name a file, or - for standard input")
    return STDIN


def _draft(
    app: App,
    path: str,
    *,
    title: str | None,
    description: str | None,
    language: str | None,
    tags: tuple[str, ...],
    links: tuple[str, ...],
) -> "Draft":
    from satchel.store import Draft, Source  # noqa: PLC0415  costs SQLite

    content = read_content(app, path)
    source = Source("stdin") if path == STDIN else Source("file", str(Path(path).absolute()), Path(path).name)
    return Draft(
        content=content,
        title=title or "",
        description=description or "",
        language=language,
        tags=tags,
        links=links,
        source=source,
    )


def read_content(app: App, path: str) -> bytes:
    """Read what shall become a Piece's content from a file, a pipe or standard input (`-`)."""
    from satchel.store import is_image, is_text, sniff  # noqa: PLC0415  costs SQLite
    from satchel.store.normal import MAX_CONTENT_BYTES  # noqa: PLC0415  costs SQLite

    what = "standard input" if path == STDIN else repr(path)
    try:
        if path == STDIN:
            content = app.streams.stdin.read(MAX_CONTENT_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                content = file.read(MAX_CONTENT_BYTES + 1)
    except IsADirectoryError as exc:
        raise UsageError(f"{what} is a folder", hint=f"satchel import {path} takes in its files") from exc
    except FileNotFoundError as exc:
        raise NotFoundError(f"there is no file {what}") from exc
    except OSError as exc:
        raise SatchelError(f"{what} cannot be read: {(exc.strerror or 'unknown').lower()}") from exc
    if len(content) > MAX_CONTENT_BYTES:
        raise UsageError(
            f"{what} is larger than {MAX_CONTENT_BYTES >> 20} MiB", hint="a Piece is something small"
        )
    if not content.strip():
        raise UsageError(f"{what} is empty")
    if not (is_text(kind := sniff(content)) or is_image(kind)):
        raise UsageError(
            f"{what} is neither text nor an image", hint="a Piece is something to read or to look at"
        )
    return content


def _save(store: "Store", index: "Index | None", draft: "Draft") -> tuple["Piece", bool]:
    """Save a draft unless its content is there; returns the Piece that holds it, and whether it is new."""
    digest = hashlib.sha256(draft.content).digest()
    known = index.find_content(digest) if index is not None else None
    if known is not None:
        return store.piece(known), False
    return store.add(draft), True


def _answer(app: App, results: list[tuple["Piece", bool]]) -> None:
    from satchel.cli.views import named, piece_fields  # noqa: PLC0415  costs SQLite

    documents = [{**piece_fields(piece), "is_new": is_new} for piece, is_new in results]
    lines = []
    for piece, is_new in results:
        language = f", {piece.language}" if piece.language else ""
        lines.append(
            f"saved {named(piece)}{language}"
            if is_new
            else f"already here: {named(piece)}; nothing was saved"
        )
    if not (app.out.is_terminal or app.out.as_json):
        for line in (line for line, (_, is_new) in zip(lines, results, strict=True) if not is_new):
            app.out.note(line)
    app.out.answer(
        documents[0] if len(documents) == 1 else {"pieces": documents},
        "\n".join(lines),
        brief="\n".join(piece.id for piece, _ in results),
    )
