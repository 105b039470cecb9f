"""`satchel tag`: the tags of a Piece."""

import click

from satchel.cli.app import App
from satchel.cli.arguments import complete_tags, piece_argument, tag_option
from satchel.cli.options import command, pass_app


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
