"""`satchel save`: save files, standard input or images as Pieces."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from satchel.cli.app import App
from satchel.cli.arguments import (
    WordType,
    collection_option,
    description_option,
    language_option,
    link_option,
    tag_option,
    title_option,
)
from satchel.cli.blending import open_blending
from satchel.cli.edits import keeping_typed
from satchel.cli.image_reading import HOW, ImageReader
from satchel.cli.options import command, pass_app
from satchel.cli.piece_files import STDIN, UnreadableFileError, read_content, read_files
from satchel.cli.secret_findings import mention_secrets
from satchel.cli.suggesting import WHICH, Suggester, suggested_lines
from satchel.cli.views import file_fields, label_of, piece_fields, suggested_fields
from satchel.errors import NotFoundError, SatchelError, UsageError
from satchel.index import Index
from satchel.pieces.collections import filter_tags
from satchel.store import Draft, Piece, Source, Store, digest_of, system_entropy, utc_now


@dataclass(slots=True)
class Outcome:
    """What became of the paths: Pieces, each with whether it is new, and failures by path. `labels` are by id."""

    saved: list[tuple[Piece, bool]] = field(default_factory=list)
    failed: list[tuple[str, SatchelError]] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)


@command(
    "save",
    examples=[
        ("satchel save parse.py --tag http", "save a file"),
        ("git diff | satchel save - --title 'the fix'", "save a command's output"),
        ("satchel save screenshot.png", "save the code in an image, and the image with it"),
        ("satchel save parse.py --file test_parse.py", "save two files as one Piece"),
        ("satchel save parse.py --ask", "decide about each suggestion"),
    ],
)
@click.argument("paths", metavar="[PATH|-]...", nargs=-1, type=click.Path(allow_dash=True))
@title_option("The title (default: suggested by the models).")
@description_option("A description.")
@language_option("The language (default: suggested by the models).")
@tag_option("Add this tag; can be repeated.")
@link_option("Add a related link; can be repeated.")
@collection_option("Add it to this collection.")
@click.option("--pin", is_flag=True, help="Make it a favourite.")
@click.option(
    "--file",
    "files",
    metavar="PATH",
    multiple=True,
    type=click.Path(),
    help="Add a further file to the Piece; can be repeated.",
)
@click.option(
    "--images",
    type=click.Choice(HOW),
    default="read",
    show_default=True,
    metavar="HOW",
    help="Read the code in images, or keep images as they are.",
)
@click.option("--image-only", is_flag=True, help="The same as --images keep.")
@click.option(
    "--suggest",
    type=WordType(WHICH),
    default="all",
    show_default=True,
    metavar="WHICH",
    help="Fill empty fields by all models, only the quick ones, or none.",
)
@click.option("--no-suggest", is_flag=True, help="Use only the quick ones: the file's name and first line.")
@click.option("--ask", is_flag=True, help="Ask about each suggestion.")
@click.option("--again", is_flag=True, help="Save even if a Piece with the same content exists.")
@pass_app
def save(
    app: App,
    /,
    *,
    paths: tuple[str, ...],
    files: tuple[str, ...],
    images: str,
    image_only: bool,
    suggest: str,
    no_suggest: bool,
    ask: bool,
    again: bool,
    collection: str | None,
    pin: bool,
    **fields: Any,  # noqa: ANN401  click's values
) -> None:
    """Save Pieces from files, standard input or images.

    Each PATH becomes a Piece; --file adds further files to it. Content that is already in the store is not
    saved again; the answer names the existing Piece. If some of several PATHs cannot be saved, the others are
    saved, and the exit code is that of the first failure. In a pipe or with --quiet, only ids are printed.

    Models on this device fill in the fields that you leave empty; satchel suggest --refuse undoes a
    suggestion. Models that you blended then ask your endpoint, for a few seconds at most: see satchel
    processing. From a screenshot of code, the code becomes the content, and the image a further file.
    """
    fields["tags"] = (*fields["tags"], *filter_tags(collection, is_pinned=pin))
    for option, is_given in (("--title", fields["title"]), ("--file", files)):
        if is_given and len(paths) > 1:
            raise UsageError(
                f"{option} applies to one Piece, but several PATHs are given", hint="save them one by one"
            )
    reader = ImageReader(app, "keep" if image_only else images)
    which = "quick" if no_suggest and suggest == "all" else suggest
    suggester = Suggester(app, which, is_asking=ask)
    outcome = Outcome()
    with app.open_store() as store:
        suggester.prefer_tags_of(store)
        index = None if again else app.open_index(store)
        if index is not None:
            with app.indexing() as advance:
                index.update(advance)
        for path in paths or (_default_path(app),):
            try:
                draft = reader.with_text(_draft(app, path, files, **fields))
                typed = draft.content if path == STDIN and app.streams.stdin_is_terminal else None
                with keeping_typed(app.home, typed, now=utc_now(), entropy=system_entropy):
                    outcome.saved.append(_save(store, index, draft, suggester))
            except SatchelError as exc:
                outcome.failed.append((path, exc))
                if not isinstance(exc, (UsageError, NotFoundError, UnreadableFileError)):
                    break  # the store failed, not this file
        if index is not None:
            index.close()
        blending = open_blending(app) if which == "all" and not ask else None
        if blending is not None:
            outcome.saved = [
                (blending.refined(store, piece) if is_new else piece, is_new)
                for piece, is_new in outcome.saved
            ]
        outcome.labels = {piece.id: label_of(store, piece) for piece, _ in outcome.saved}
    _report(app, outcome, is_single=len(paths) <= 1)
    mention_secrets(app, [piece for piece, is_new in outcome.saved if is_new])


def _report(app: App, outcome: Outcome, *, is_single: bool) -> None:
    """Print the saved Pieces, then every failure. The first failure gives the exit code."""
    failures = [failure for _, failure in outcome.failed]
    if failures and is_single:
        raise failures[0]
    _answer(app, outcome)
    for failure in failures:
        app.out.error(failure)
    if failures:
        click.get_current_context().exit(failures[0].exit_code)


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
    source = Source("stdin") if path == STDIN else Source("file", str(Path(path).absolute()), Path(path).name)
    further = read_files(files, beside=source.file_name)  # before somebody types the content
    return Draft(
        content=read_content(path, app.streams.stdin),
        title=title or "",
        description=description or "",
        language=language,
        tags=tags,
        links=links,
        source=source,
        files=further,
    )


def _save(store: Store, index: Index | None, draft: Draft, suggester: Suggester) -> tuple[Piece, bool]:
    """Fill and save a draft unless its content exists; return the Piece with that content and whether it is new."""
    digest = digest_of(draft.content, draft.files)
    existing = index.find_content(digest) if index is not None else None
    if existing is not None:
        return store.piece(existing), False
    return store.add(suggester.filled(draft)), True


def _answer(app: App, outcome: Outcome) -> None:
    documents: list[dict[str, object]] = [
        {
            **piece_fields(piece),
            "files": [file_fields(file) for file in piece.files],
            "suggested": suggested_fields(piece),
            "is_new": is_new,
        }
        for piece, is_new in outcome.saved
    ]
    lines = [_line(piece, outcome.labels[piece.id], is_new=is_new) for piece, is_new in outcome.saved]
    if not (app.out.is_terminal or app.out.as_json):
        for line, (_, is_new) in zip(lines, outcome.saved, strict=True):
            if not is_new:
                app.out.note(line)
    several: dict[str, object] = {"pieces": documents}
    if outcome.failed:
        several["failed"] = [{"path": path, "reason": exc.message} for path, exc in outcome.failed]
    app.out.answer(
        documents[0] if len(documents) == 1 and not outcome.failed else several,
        "\n".join(lines),
        brief="\n".join(piece.id for piece, _ in outcome.saved),
    )


def _line(piece: Piece, label: str, *, is_new: bool) -> str:
    if not is_new:
        return f"already here: {label}; nothing was saved"
    language = f", {piece.language}" if piece.language else ""
    files = f", {len(piece.files) + 1} files" if piece.files else ""
    return "\n".join([f"saved {label}{language}{files}", *suggested_lines(piece)])
