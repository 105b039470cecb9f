"""`satchel edit`: change a Piece in an editor, from a file, or field by field."""

from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.arguments import language_option, piece_argument, tag_option
from satchel.cli.commands.saving import read_content
from satchel.cli.options import command, pass_app
from satchel.errors import SatchelError, UsageError

if TYPE_CHECKING:
    from satchel.store import Piece, Store


@command(
    "edit",
    examples=[
        ("satchel edit 01KB3", "open it in your editor"),
        ("satchel edit 01KB3 --title 'Parse headers'", "change its title"),
        ("satchel edit 01KB3 parse.py", "give it a file's content"),
    ],
)
@piece_argument
@click.argument("path", metavar="[PATH|-]", required=False, type=click.Path(allow_dash=True))
@click.option("--title", metavar="TEXT", help="A new title.")
@click.option("--description", metavar="TEXT", help="A new description.")
@language_option("A new language; an empty one takes it away.")
@tag_option("Exactly these tags; see satchel tag to add one.")
@click.option("--link", "links", metavar="URL", multiple=True, help="Exactly these links.")
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
) -> None:
    """Change a Piece.

    Without options, its content opens in your editor (VISUAL or EDITOR). The state before is kept:
    see satchel history.
    """
    from satchel.store import Changes  # noqa: PLC0415  costs SQLite

    fields = Changes(
        content=None if path is None else read_content(app, path),
        title=title,
        description=description,
        language=language,
        tags=tags or None,
        links=links or None,
    )
    with app.open_store() as store:
        before = store.piece(store.resolve(piece))
        by_hand = fields == Changes()
        after = _edit_in_editor(app, store, before) if by_hand else store.edit(before.id, fields)
    _answer(app, before, after)


def _edit_in_editor(app: App, store: "Store", piece: "Piece") -> "Piece":
    """Open the content in an editor and save it; if another process was faster, the text is kept in a file."""
    from satchel.cli.editor import edit as edit_file  # noqa: PLC0415  starts processes
    from satchel.cli.editor import private_file  # noqa: PLC0415
    from satchel.exchange.names import safe_name  # noqa: PLC0415
    from satchel.store import Changes, is_text  # noqa: PLC0415  costs SQLite

    if not app.out.can_ask:
        raise UsageError(
            "there is no terminal to edit on", hint="give the new content as a file, or - for standard input"
        )
    if not is_text(piece.media_type):
        raise UsageError(
            "an image cannot be edited as text", hint=f"give another: satchel edit {piece.short_id} FILE"
        )
    content = store.content(piece.id)
    with private_file(app.home, safe_name(piece.title), content) as path:
        changed = edit_file(path, app.environment.editor)
        if not changed.strip():
            raise SatchelError(
                "the edited text is empty; nothing was changed", hint="satchel rm removes a Piece"
            )
        try:
            return store.edit(piece.id, Changes(content=changed), based_on=piece.revision)
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
