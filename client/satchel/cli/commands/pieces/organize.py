"""`satchel tag`: the tags of a Piece.

`satchel rm`: remove Pieces for good.
"""

import click

from satchel.cli.app import App
from satchel.cli.arguments import complete_tags, piece_argument, pieces_argument, tag_option
from satchel.cli.options import command, pass_app
from satchel.errors import SatchelError, UsageError


@command(
    "tag",
    examples=[
        ("satchel tag 01KB3 http draft", "add two tags"),
        ("satchel tag 01KB3 --remove draft", "take one away"),
        ("satchel tag 01KB3", "show its tags"),
    ],
)
@piece_argument
@click.argument("add", metavar="[TAG]...", nargs=-1, shell_complete=complete_tags)
@tag_option("Take this tag away.", name="--remove")
@pass_app
def tag(app: App, /, *, piece: str, add: tuple[str, ...], tags: tuple[str, ...]) -> None:
    """Add tags to a Piece, or take them away.

    Tags are kept in lower case, with hyphens for spaces.
    """
    from satchel.cli.views import named, piece_fields  # noqa: PLC0415  costs SQLite
    from satchel.store import Changes  # noqa: PLC0415  costs SQLite

    with app.open_store(read_only=not (add or tags)) as store:
        piece_id = store.resolve(piece)
        if add or tags:
            found = store.edit(piece_id, Changes(add_tags=add, remove_tags=tags))
        else:
            found = store.piece(piece_id)
    shown = " ".join(found.tags)
    app.out.answer(piece_fields(found), f"{named(found)}: {shown or 'no tags'}", brief=shown)


@command(
    "rm",
    examples=[
        ("satchel rm 01KB3", "remove a Piece, after a question"),
        ("satchel rm 01KB3 01KB5 --yes", "remove two without asking"),
    ],
)
@pieces_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def rm(app: App, /, *, pieces: tuple[str, ...], yes: bool) -> None:
    """Remove Pieces with their whole history.

    Backups made before still hold them, until they expire.
    """
    from satchel.cli.views import named  # noqa: PLC0415  costs SQLite

    with app.open_store() as store:
        found = [store.piece(piece_id) for piece_id in dict.fromkeys(map(store.resolve, pieces))]
        names = ", ".join(named(piece) for piece in found)
        if not yes:
            _ask(app, names)
        for piece in found:
            store.remove(piece.id)
    app.out.answer({"removed": [piece.id for piece in found]}, f"removed {names}")


def _ask(app: App, names: str) -> None:
    if not app.out.can_ask:
        raise UsageError("there is no terminal to ask on", hint="say --yes to remove without a question")
    if not app.out.confirm(f"remove {names} with its history?"):
        raise SatchelError("nothing was removed")
