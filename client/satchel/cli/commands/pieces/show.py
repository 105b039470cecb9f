"""`satchel show`: a Piece's content and files, now or as they were."""

import base64
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

import click

from satchel.cli.app import App
from satchel.cli.arguments import piece_argument
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.output import Section, one_line
from satchel.cli.terminal.units import format_count

SHOWN_NAMES = 5

if TYPE_CHECKING:
    from satchel.store import Piece, Store


class Shown(Protocol):
    """A further file as a Piece or a share has it."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def content(self) -> bytes:
        """What it holds."""

    @property
    def language(self) -> str | None:
        """What it is written in; none or empty if that is not known."""

    @property
    def media_type(self) -> str | None:
        """What it is."""


@command(
    "show",
    examples=[
        ("satchel show 01KB3", "show a Piece; the beginning of an id suffices"),
        ("satchel show 01KB3 > parse.py", "its content alone, byte for byte"),
        ("satchel show 01KB3 --only test_parse.py", "one of its files"),
        ("satchel show 01KB3 --revision 1", "as it was first saved"),
    ],
)
@piece_argument
@click.option("--only", metavar="NAME", help="One of its files alone.")
@click.option("--revision", type=click.IntRange(min=1), metavar="N", help="As it was at this revision.")
@pass_app
def show(app: App, /, *, piece: str, only: str | None, revision: int | None) -> None:
    """Show a Piece.

    On a terminal the content is highlighted, under a line that says what it is, and its further files
    follow. In a pipe or a file it is the content alone, byte for byte; --only picks another file.
    """
    from satchel.cli.views import as_it_was  # noqa: PLC0415  costs SQLite

    with app.open_store(read_only=True) as store:
        found = store.piece(store.resolve(piece))
        content = store.content(found.id, revision)
        if revision is not None:
            found = as_it_was(found, store.revisions(found.id)[revision - 1])
        if only is None:
            _show_all(app, store, found, content)
        else:
            _show_one(app, store, found, content, only)


def _show_all(app: App, store: "Store", piece: "Piece", content: bytes) -> None:
    from satchel.cli.views import all_fields, heading  # noqa: PLC0415  costs SQLite
    from satchel.store import decode_text  # noqa: PLC0415  costs SQLite

    text = decode_text(content, piece.media_type)
    app.out.content(
        lambda: {
            **all_fields(piece),
            **content_fields(content, text),
            "files": [whole_fields(file) for file in store.files(piece.id, piece.revision)],
        },
        content,
        heading=heading(piece),
        text=text,
        language=piece.language or "",
        more=lambda: sections(
            store.files(piece.id, piece.revision), instead=f"satchel show {piece.short_id} --only NAME > FILE"
        ),
    )
    if not app.out.is_terminal:
        note_more(app, [file.name for file in piece.files], "--only NAME prints one of them")


def _show_one(app: App, store: "Store", piece: "Piece", content: bytes, name: str) -> None:
    from satchel.cli.piece_files import file_named  # noqa: PLC0415  costs SQLite
    from satchel.cli.views import file_heading  # noqa: PLC0415  costs SQLite
    from satchel.store import decode_text  # noqa: PLC0415  costs SQLite

    file = file_named(store, piece, content, name)
    text = decode_text(file.content, file.media_type or "")
    app.out.content(
        lambda: {"id": piece.id, "revision": piece.revision, **whole_fields(file)},
        file.content,
        heading=file_heading(file.name, file.language, len(file.content)),
        text=text,
        language=file.language or "",
    )


def sections(files: Iterable[Shown], *, instead: str) -> Iterator[Section]:
    """Yield further files as a terminal shows them; `instead`: what to do with those that are no text."""
    from satchel.cli.views import file_heading  # noqa: PLC0415  costs SQLite
    from satchel.store import decode_text  # noqa: PLC0415  costs SQLite

    for file in files:
        text = decode_text(file.content, file.media_type or "")
        heading = file_heading(file.name, file.language, len(file.content))
        yield Section(heading, text, file.language or "", f"not text: send it to a file, as in {instead}")


def note_more(app: App, names: list[str], what_then: str) -> None:
    """Say beside a content that there is more than what was printed."""
    if names:
        listed = ", ".join(map(one_line, names[:SHOWN_NAMES])) + (", …" if len(names) > SHOWN_NAMES else "")
        app.out.note(f"and {format_count(len(names), 'more file')}: {listed}; {what_then}")


def whole_fields(file: Shown) -> dict[str, object]:
    """Return a further file for JSON, with its content."""
    from satchel.store import decode_text  # noqa: PLC0415  costs SQLite

    media_type = file.media_type or ""
    return {
        "name": file.name,
        "language": file.language or None,
        "media_type": media_type,
        "size_bytes": len(file.content),
        **content_fields(file.content, decode_text(file.content, media_type)),
    }


def content_fields(content: bytes, text: str | None) -> dict[str, str]:
    """Return a content for JSON: text as it is, anything else in base64."""
    if text is not None:
        return {"content": text, "encoding": "text"}
    return {"content": base64.b64encode(content).decode(), "encoding": "base64"}
