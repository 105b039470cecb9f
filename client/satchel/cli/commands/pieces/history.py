"""`satchel history`: every revision of a Piece, and the way back to one."""

import click

from satchel.cli.app import App
from satchel.cli.arguments import piece_argument
from satchel.cli.options import command, pass_app


@command(
    "history",
    examples=[
        ("satchel history 01KB3", "every revision of a Piece"),
        ("satchel show 01KB3 --revision 2", "what it was at one of them"),
        ("satchel history 01KB3 --restore 2", "make that the current one again"),
    ],
)
@piece_argument
@click.option("--restore", type=click.IntRange(min=1), metavar="N", help="Go back to this revision.")
@pass_app
def history(app: App, /, *, piece: str, restore: int | None) -> None:
    """List a Piece's revisions, or go back to one.

    Every edit is kept. Going back adds the old state as a new revision, so nothing is lost by it.
    """
    if restore is not None:
        _restore(app, piece, restore)
        return
    from satchel.cli.views import REVISION_COLUMNS, revision_fields, revision_row  # noqa: PLC0415  costs SQLite

    with app.open_store(read_only=True) as store:
        piece_id = store.resolve(piece)
        revisions = store.revisions(piece_id)
    app.out.table(
        lambda: {"id": piece_id, "revisions": [revision_fields(each) for each in revisions]},
        REVISION_COLUMNS,
        (revision_row(each, for_terminal=app.out.is_terminal) for each in revisions),
    )


def _restore(app: App, piece: str, number: int) -> None:
    from satchel.cli.views import all_fields, named  # noqa: PLC0415  costs SQLite

    with app.open_store() as store:
        piece_id = store.resolve(piece)
        before = store.piece(piece_id)
        restored = store.restore_revision(piece_id, number)
    what = (
        "is at that revision already"
        if restored.revision == before.revision
        else f"is as in revision {number} again"
    )
    app.out.answer(all_fields(restored), f"{named(restored)} {what}")
