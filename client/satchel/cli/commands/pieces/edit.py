"""`satchel edit`: change a Piece in an editor, from a file, or field by field; its further files, too."""

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.arguments import language_option, piece_argument, tag_option
from satchel.cli.commands.pieces.save import read_content, read_files
from satchel.cli.options import command, pass_app
from satchel.errors import SatchelError, UsageError

if TYPE_CHECKING:
    from satchel.store import Changes, Piece, Store, WholeFile


@command(
    "edit",
    examples=[
        ("satchel edit 01KB3", "open it in your editor"),
        ("satchel edit 01KB3 --title 'Parse headers'", "change its title"),
        ("satchel edit 01KB3 parse.py", "give it a file's content"),
        ("satchel edit 01KB3 --add-file test_parse.py", "add a file, or replace that of the name"),
        ("satchel edit 01KB3 --only test_parse.py", "open that file in your editor"),
    ],
)
@piece_argument
@click.argument("path", metavar="[PATH|-]", required=False, type=click.Path(allow_dash=True))
@click.option("--title", metavar="TEXT", help="A new title.")
@click.option("--description", metavar="TEXT", help="A new description.")
@language_option("A new language; an empty one takes it away.")
@tag_option("Exactly these tags; see satchel tag to add one.")
@click.option("--link", "links", metavar="URL", multiple=True, help="Exactly these links.")
@click.option(
    "--add-file",
    "added",
    metavar="PATH",
    multiple=True,
    type=click.Path(),
    help="Add a file, or replace the one of its name; several are fine.",
)
@click.option("--remove-file", "removed", metavar="NAME", multiple=True, help="Take this file away.")
@click.option("--only", metavar="NAME", help="Give content and language to this file of it.")
@pass_app
def edit(
    app: App,
    /,
    *,
    piece: str,
    path: str | None,
    title: str | None,
    description: str | None,
    language: str | None,
    tags: tuple[str, ...],
    links: tuple[str, ...],
    added: tuple[str, ...],
    removed: tuple[str, ...],
    only: str | None,
) -> None:
    """Change a Piece.

    Without options, its content opens in your editor (VISUAL or EDITOR). The state before is kept:
    see satchel history.
    """
    from satchel.store import Changes  # noqa: PLC0415  costs SQLite

    content = None if path is None else read_content(app, path)
    fields = Changes(
        title=title, description=description, tags=tags or None, links=links or None, remove_files=removed
    )
    with app.open_store() as store:
        before = store.piece(store.resolve(piece))
        file = None if only is None else _further_file(store, before, only)
        fields = replace(fields, add_files=read_files(added, beside=before.file_name))
        if fields == Changes() and content is None and language is None:
            after = _edit_in_editor(app, store, before, file)
        else:
            changes = _with_content(fields, content, language, file)
            after = store.edit(before.id, changes, based_on=before.revision if file else None)
    _answer(app, before, after)


def _further_file(store: "Store", piece: "Piece", name: str) -> "WholeFile | None":
    """Return the file of this name; None if that is what the main content is called. NotFoundError if it is neither."""
    from satchel.cli.piece_files import file_named  # noqa: PLC0415  costs SQLite

    found = file_named(store, piece, b"", name)
    return found if any(file.name == found.name for file in piece.files) else None


def _with_content(
    fields: "Changes", content: bytes | None, language: str | None, file: "WholeFile | None"
) -> "Changes":
    """Return the changes with a new content and language of the Piece, or of one of its files."""
    if file is None:
        return replace(fields, content=content, language=language)
    if content is None and language is None:
        return fields
    changed = replace(
        file,
        content=file.content if content is None else content,
        language=file.language if language is None else language,
        media_type=file.media_type if content is None else None,
    )
    return replace(fields, add_files=(*fields.add_files, changed))


def _edit_in_editor(app: App, store: "Store", piece: "Piece", file: "WholeFile | None") -> "Piece":
    """Open a content in an editor and save it; if another process was faster, the text is kept in a file."""
    from satchel.cli.editor import edit as edit_file  # noqa: PLC0415  starts processes
    from satchel.cli.editor import private_file  # noqa: PLC0415
    from satchel.exchange.names import safe_name  # noqa: PLC0415
    from satchel.store import Changes, is_text  # noqa: PLC0415  costs SQLite

    if not app.out.can_ask:
        raise UsageError(
            "there is no terminal to edit on", hint="give the new content as a file, or - for standard input"
        )
    if not is_text(piece.media_type if file is None else file.media_type or ""):
        which = "FILE" if file is None else "--only NAME FILE"
        raise UsageError(
            "an image cannot be edited as text", hint=f"give another: satchel edit {piece.short_id} {which}"
        )
    name, content = (piece.title, store.content(piece.id)) if file is None else (file.name, file.content)
    with private_file(app.home, safe_name(name), content) as path:
        changed = edit_file(path, app.environment.editor)
        if not changed.strip():
            raise SatchelError(
                "the edited text is empty; nothing was changed", hint="satchel rm removes a Piece"
            )
        try:
            return store.edit(
                piece.id, _with_content(Changes(), changed, None, file), based_on=piece.revision
            )
        except SatchelError as exc:
            kept = path.with_suffix(path.suffix + ".kept")
            path.replace(kept)
            raise SatchelError(exc.message, hint=f"your text is kept in {str(kept)!r}") from exc


def _answer(app: App, before: "Piece", after: "Piece") -> None:
    from satchel.cli.views import all_fields, named  # noqa: PLC0415  costs SQLite

    is_changed = after.revision != before.revision
    text = (
        f"changed {named(after)}, now at revision {after.revision}"
        if is_changed
        else f"{named(after)} is as it was"
    )
    app.out.answer({**all_fields(after), "is_changed": is_changed}, text, brief=after.id)
