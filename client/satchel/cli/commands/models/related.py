"""`satchel related`: the documentation of what a Piece uses, and Pieces that use the same."""

from typing import Final

from satchel.cli.app import App
from satchel.cli.arguments import piece_argument
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import Column
from satchel.cli.views import piece_fields, title_of
from satchel.models.interface import EXAMINED_CHARS, Subject
from satchel.models.parsing import language_of, outline_of
from satchel.models.related import documentation_of

MAX_LINKS: Final = 10
MAX_PIECES: Final = 10
_MAX_WORDS: Final = 12
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

    Addresses are made from tables on this device; none is fetched.
    """
    with app.open_store() as store, app.open_index(store) as index:
        found = app.find_piece(store, piece)
        text = store.readable(found.id, EXAMINED_CHARS)[1]
        name = found.source.file_name if found.source else ""
        language = language_of(Subject(text, file_name=name, language=found.language))
        links = documentation_of(text, language)[:MAX_LINKS]
        modules = list(dict.fromkeys(one.module for one in outline_of(text, language).imports))
        pieces: dict[str, tuple[dict[str, object], str, str]] = {}
        for reason, query in [
            *((f"uses {module}", f'"{module}"') for module in modules[:_MAX_WORDS] if '"' not in module),
            *((f"has the tag {tag}", f'tag:"{tag}"') for tag in found.tags[:_MAX_WORDS]),
        ]:
            for hit in index.search(query, MAX_PIECES):
                if hit.piece.id != found.id:
                    pieces.setdefault(hit.piece.id, (piece_fields(hit.piece), title_of(hit.piece), reason))
    shown = list(pieces.values())[:MAX_PIECES]
    app.out.table(
        lambda: {
            "links": [
                {"address": one.address, "reason": one.reason, "confidence": round(one.confidence, 3)}
                for one in links
            ],
            "pieces": [{**fields, "reason": reason} for fields, _, reason in shown],
        },
        COLUMNS,
        [
            *(["documentation", one.address, one.reason] for one in links),
            *(["Piece", f"{str(fields['id'])[-6:]} {title}", reason] for fields, title, reason in shown),
        ],
    )
