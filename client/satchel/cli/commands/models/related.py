"""`satchel related`: the documentation of what a Piece uses, and Pieces that use the same."""

from typing import Final

from satchel.cli.app import App
from satchel.cli.arguments import piece_argument
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import Column
from satchel.cli.views import piece_fields, title_of
from satchel.index.relatives import relatives_of

COLUMNS: Final = (
    Column("KIND", dim=True),
    Column("RELATED", shrinks=True),
    Column("REASON", shrinks=True, dim=True),
)


@command(
    "related", examples=[("satchel related @1", "documentation and Pieces for the first of the last list")]
)
@piece_argument
@pass_app
def related(app: App, /, *, piece: str) -> None:
    """Show the documentation of what a Piece imports and calls, and Pieces that use the same.

    The addresses come from tables on this device; satchel does not fetch them.
    """
    with app.open_store() as store, app.open_index(store) as index:
        found = relatives_of(store, index, app.find_piece(store, piece))
    app.out.table(
        lambda: {
            "links": [
                {"address": one.address, "reason": one.reason, "confidence": round(one.confidence, 3)}
                for one in found.links
            ],
            "pieces": [{**piece_fields(one), "reason": reason} for one, reason in found.pieces],
        },
        COLUMNS,
        [
            *(["documentation", one.address, one.reason] for one in found.links),
            *(["Piece", f"{one.id[-6:]} {title_of(one)}", reason] for one, reason in found.pieces),
        ],
    )
