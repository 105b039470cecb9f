"""`satchel save`: keep a file, standard input or an image as a Piece, perhaps with further files."""

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from satchel.cli.app import App
from satchel.cli.arguments import language_option, tag_option
from satchel.cli.options import command, pass_app
from satchel.errors import NotFoundError, SatchelError, UsageError

if TYPE_CHECKING:
    from satchel.index import Index
    from satchel.store import Draft, Piece, Store, WholeFile

STDIN = "-"


@command(
    "save",
    examples=[
        ("satchel save parse.py --tag http", "keep a file"),
        ("git diff | satchel save - --title 'the fix'", "keep what a command prints"),
        ("satchel save screenshot.png", "keep an image"),
        ("satchel save parse.py --file test_parse.py", "keep two files as one Piece"),
    ],
)
@click.argument("paths", metavar="[PATH|-]...", nargs=-1, type=click.Path(allow_dash=True))
@click.option("--title", metavar="TEXT", help="Its title; otherwise the file's name or the first line.")
@click.option("--description", metavar="TEXT", help="What it is for.")
@language_option("Its language; otherwise known from the file's name.")
@tag_option("Give it this tag; several are fine.")
@click.option("--link", "links", metavar="URL", multiple=True, help="A link that belongs to it.")
@click.option(
    "--file",
    "files",
    metavar="PATH",
    multiple=True,
    type=click.Path(),
    help="A further file of the same Piece; several are fine.",
)
@click.option("--again", is_flag=True, help="Save it although the same content is there already.")
@pass_app
def save(
    app: App,
    /,
    *,
    paths: tuple[str, ...],
    files: tuple[str, ...],
    again: bool,
    **given: Any,  # noqa: ANN401  click's values
) -> None:
    """Save Pieces from files, standard input or images.

    Each PATH becomes a Piece of its own; --file puts what belongs together into one. A content that is
    there already is not saved twice; the answer names the Piece that holds it. Prints the new id in a pipe,
    or with --quiet.
    """
    from satchel.suggest import DEFAULT, fill  # noqa: PLC0415  costs SQLite

    if given["title"] and len(paths) > 1:
        raise UsageError("one --title cannot be the title of several files", hint="save them one by one")
    if files and len(paths) > 1:
        raise UsageError(
            "--file adds to one Piece, and several PATHs are several", hint="save them one by one"
        )
    results = []
    with app.open_store() as store:
        index = None if again else app.open_index(store)
        if index is not None:
            with app.indexing() as advance:
                index.update(advance)
        for path in paths or (_default_path(app),):
            draft = fill(_draft(app, path, files, **given), DEFAULT)
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
    files: tuple[str, ...],
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
        files=read_files(files, beside=source.file_name),
    )


def read_content(app: App, path: str) -> bytes:
    """Read what shall become a Piece's content from a file, a pipe or standard input (`-`)."""
    what = "standard input" if path == STDIN else repr(path)
    content = _bounded(path, what, app.streams.stdin if path == STDIN else None)
    if not content.strip():
        raise UsageError(f"{what} is empty")
    return content


def read_files(paths: tuple[str, ...], *, beside: str) -> "tuple[WholeFile, ...]":
    """Read further files of a Piece whose content is called `beside`; they may be empty, as `__init__.py` is."""
    from satchel.pieces.normal import files  # noqa: PLC0415
    from satchel.store import WholeFile  # noqa: PLC0415  costs SQLite

    found = files(tuple(WholeFile(Path(path).name, _bounded(path, repr(path), None)) for path in paths))
    if unicodedata.normalize("NFC", beside) in {file.name for file in found}:
        raise UsageError(
            f"two files are called {beside!r}",
            hint="each file of a Piece has a name of its own; satchel edit ID PATH replaces the content",
        )
    return found


def _bounded(path: str, what: str, stdin: "BinaryIO | None") -> bytes:
    """Read a whole file, or standard input, that is not too large and text or an image."""
    from satchel.pieces.normal import MAX_CONTENT_BYTES  # noqa: PLC0415  costs SQLite
    from satchel.store import is_image, is_text, sniff  # noqa: PLC0415  costs SQLite

    try:
        if stdin is not None:
            content = stdin.read(MAX_CONTENT_BYTES + 1)
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
    if not (is_text(kind := sniff(content)) or is_image(kind)):
        raise UsageError(
            f"{what} is neither text nor an image", hint="a Piece is something to read or to look at"
        )
    return content


def _save(store: "Store", index: "Index | None", draft: "Draft") -> tuple["Piece", bool]:
    """Save a draft unless its content is there; returns the Piece that holds it, and whether it is new."""
    from satchel.store import digest_of  # noqa: PLC0415  costs SQLite

    digest = digest_of(draft.content, draft.files)
    known = index.find_content(digest) if index is not None else None
    if known is not None:
        return store.piece(known), False
    return store.add(draft), True


def _answer(app: App, results: list[tuple["Piece", bool]]) -> None:
    from satchel.cli.views import file_fields, named, piece_fields  # noqa: PLC0415  costs SQLite

    documents = [
        {**piece_fields(piece), "files": [file_fields(file) for file in piece.files], "is_new": is_new}
        for piece, is_new in results
    ]
    lines = []
    for piece, is_new in results:
        language = f", {piece.language}" if piece.language else ""
        more = f", {len(piece.files) + 1} files" if piece.files else ""
        lines.append(
            f"saved {named(piece)}{language}{more}"
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
