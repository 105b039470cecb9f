"""`satchel similar`: find Pieces that resemble a Piece, a file or standard input."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import limit_option
from satchel.cli.options import command, pass_app
from satchel.cli.piece_files import STDIN, read_content
from satchel.cli.recent_list import write_recent
from satchel.cli.terminal.text import Column
from satchel.cli.views import piece_fields, title_of
from satchel.index.meaning import BUDGET_S, Meaning
from satchel.index.resembling import reason_of
from satchel.models.embedding import is_available
from satchel.pieces.media import decode_text, sniff

if TYPE_CHECKING:
    from satchel.store import Store

DEFAULT_LIMIT: Final = 10
_TEXT_BYTES: Final = 65_536
WITHOUT_MEANING: Final = "compared by structure alone; ports to other languages are found with: pipx install --force 'satchel[models]'"
COLUMNS: Final = (
    Column("", right=True, dim=True),
    Column("ID", dim=True),
    Column("TITLE", shrinks=True),
    Column("LANGUAGE", spare=True),
    Column("SIMILAR", right=True),
    Column("REASON", dim=True),
)


@command(
    "similar",
    examples=[
        ("satchel similar @1", "Pieces like the first of the last list"),
        ("satchel similar parse.py", "Pieces like a file"),
        ("pbpaste | satchel similar -", "Pieces like what you copied"),
    ],
)
@click.argument("subject", metavar="ID|FILE|-")
@limit_option(DEFAULT_LIMIT)
@pass_app
def similar(app: App, /, *, subject: str, limit: int) -> None:
    """Find Pieces that resemble a Piece, a file or standard input, even if all names in them differ.

    Comments and spaces are ignored. With satchel[models], it also finds Pieces of similar meaning, such as
    ports to another language. SIMILAR says how much of their structure or meaning the two share.
    """
    with app.open_store() as store, app.open_index(store) as index:
        text, own_id = _text_of(app, store, subject)
        with app.out.progress().phase("comparing", unit="pieces") as advance:
            meaning = Meaning(BUDGET_S, advance) if is_available() else None
            found = index.similar(text, limit + 1, advance=advance, meaning=meaning)
        shown = [(store.piece(one.piece_id), one) for one in found if one.piece_id != own_id][:limit]
        write_recent(app.home, [piece.id for piece, _ in shown])
        short = store.short_ids([piece.id for piece, _ in shown])
    app.out.table(
        lambda: {
            "pieces": [
                {
                    **piece_fields(piece),
                    "similarity": round(one.shape, 3),
                    "shared_names": round(one.names, 3),
                    "meaning": None if meaning is None else round(one.meaning, 3),
                    "reason": reason_of(one),
                }
                for piece, one in shown
            ]
        },
        COLUMNS,
        (
            [
                f"@{number}",
                short[piece.id],
                title_of(piece),
                piece.language or "",
                f"{max(one.shape, one.meaning):.0%}",
                reason_of(one),
            ]
            for number, (piece, one) in enumerate(shown, 1)
        ),
    )
    if meaning is None:
        app.out.note(WITHOUT_MEANING)


def _text_of(app: App, store: "Store", subject: str) -> tuple[str, str]:
    """Return the text to compare with, and the id of its Piece if it is one. A file wins over a title."""
    if subject == STDIN or Path(subject).is_file():
        content = read_content(subject, app.streams.stdin)
        return decode_text(content, sniff(content)) or "", ""
    piece = app.find_piece(store, subject)
    text = store.readable(piece.id, _TEXT_BYTES)[1]
    return text.removesuffix(piece.description), piece.id
