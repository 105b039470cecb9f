"""`satchel save`: save files, standard input or images as Pieces."""

from pathlib import Path
from typing import Any

import click

from satchel.cli.app import App
from satchel.cli.arguments import language_option, tag_option
from satchel.cli.options import command, pass_app
from satchel.cli.piece_files import STDIN, read_content, read_files
from satchel.cli.views import file_fields, label_of, piece_fields
from satchel.errors import UsageError
from satchel.index import Index
from satchel.store import Draft, Piece, Source, Store, digest_of
from satchel.suggest import DEFAULT, fill


@command(
    "save",
    examples=[
        ("satchel save parse.py --tag http", "save a file"),
        ("git diff | satchel save - --title 'the fix'", "save a command's output"),
        ("satchel save screenshot.png", "save an image"),
        ("satchel save parse.py --file test_parse.py", "save two files as one Piece"),
    ],
)
@click.argument("paths", metavar="[PATH|-]...", nargs=-1, type=click.Path(allow_dash=True))
@click.option("--title", metavar="TEXT", help="The title (default: the file's name or the first line).")
@click.option("--description", metavar="TEXT", help="A description.")
@language_option("The language (default: detected from the file's name).")
@tag_option("Add this tag; can be repeated.")
@click.option("--link", "links", metavar="URL", multiple=True, help="Add a related link; can be repeated.")
@click.option(
    "--file",
    "files",
    metavar="PATH",
    multiple=True,
    type=click.Path(),
    help="Add a further file to the Piece; can be repeated.",
)
@click.option("--again", is_flag=True, help="Save even if a Piece with the same content exists.")
@pass_app
def save(
    app: App,
    /,
    *,
    paths: tuple[str, ...],
    files: tuple[str, ...],
    again: bool,
    **fields: Any,  # noqa: ANN401  click's values
) -> None:
    """Save Pieces from files, standard input or images.

    Each PATH becomes a Piece; --file adds further files to it. Content that is already in the store is
    not saved again; the answer names the existing Piece. In a pipe or with --quiet, only ids are printed.
    """
    if fields["title"] and len(paths) > 1:
        raise UsageError(
            "--title applies to one Piece, but several PATHs are given", hint="save them one by one"
        )
    if files and len(paths) > 1:
        raise UsageError(
            "--file applies to one Piece, but several PATHs are given", hint="save them one by one"
        )
    results = []
    with app.open_store() as store:
        index = None if again else app.open_index(store)
        if index is not None:
            with app.indexing() as advance:
                index.update(advance)
        for path in paths or (_default_path(app),):
            draft = fill(_draft(app, path, files, **fields), DEFAULT)
            results.append(_save(store, index, draft))
        if index is not None:
            index.close()
    _answer(app, results)


def _default_path(app: App) -> str:
    if app.streams.stdin_is_terminal:
        raise UsageError(
            "nothing to save: name a file, or - for standard input", hint="see satchel save --help"
        )
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
) -> Draft:
    content = read_content(path, app.streams.stdin)
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


def _save(store: Store, index: Index | None, draft: Draft) -> tuple[Piece, bool]:
    """Save a draft unless its content exists; return the Piece with that content and whether it is new."""
    digest = digest_of(draft.content, draft.files)
    existing = index.find_content(digest) if index is not None else None
    if existing is not None:
        return store.piece(existing), False
    return store.add(draft), True


def _answer(app: App, results: list[tuple[Piece, bool]]) -> None:
    documents = [
        {**piece_fields(piece), "files": [file_fields(file) for file in piece.files], "is_new": is_new}
        for piece, is_new in results
    ]
    lines = [_line(piece, is_new=is_new) for piece, is_new in results]
    if not (app.out.is_terminal or app.out.as_json):
        for line, (_, is_new) in zip(lines, results, strict=True):
            if not is_new:
                app.out.note(line)
    app.out.answer(
        documents[0] if len(documents) == 1 else {"pieces": documents},
        "\n".join(lines),
        brief="\n".join(piece.id for piece, _ in results),
    )


def _line(piece: Piece, *, is_new: bool) -> str:
    if not is_new:
        return f"already here: {label_of(piece)}; nothing was saved"
    language = f", {piece.language}" if piece.language else ""
    files = f", {len(piece.files) + 1} files" if piece.files else ""
    return f"saved {label_of(piece)}{language}{files}"
