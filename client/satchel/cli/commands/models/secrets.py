"""`satchel secrets`: list what looks like a secret in Pieces."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import complete_pieces
from satchel.cli.options import command, pass_app
from satchel.cli.secret_findings import secrets_of
from satchel.cli.terminal.text import Column, format_count
from satchel.cli.views import short_id, title_of
from satchel.errors import NotFoundError, UsageError
from satchel.store import Piece, Store, system_entropy
from satchel.suggest.allowed_values import AllowedValues
from satchel.suggest.share_checks import Finding

COLUMNS: Final = (
    Column("ID"),
    Column("TITLE", shrinks=True),
    Column("WHERE"),
    Column("WHAT"),
)
FOUND: Final = 1
"""The exit code if something was found."""
_PLACE: Final = re.compile(r"(?P<piece>[^:]+)(?::(?P<file>.+))?:(?P<line>[1-9][0-9]{0,8})")


@command(
    "secrets",
    examples=[
        ("satchel secrets", "search all Pieces"),
        ("satchel secrets 7Q2F", "search one Piece"),
        ("satchel secrets --allow 7Q2F:12", "line 12 of a Piece holds no secret"),
        ("satchel secrets --allow 7Q2F:page.js:3", "nor does line 3 of its file page.js"),
    ],
)
@click.argument("pieces", metavar="[ID]...", nargs=-1, shell_complete=complete_pieces)
@click.option("--all", "everything", is_flag=True, help="Search all Pieces (the default without an ID).")
@click.option(
    "--allow",
    "places",
    metavar="ID:LINE",
    multiple=True,
    help="Never report the values on this line again; can be repeated.",
)
@pass_app
def secrets(app: App, /, *, pieces: tuple[str, ...], everything: bool, places: tuple[str, ...]) -> None:
    """List what looks like a secret in Pieces: tokens, private keys, passwords, recovery phrases.

    satchel prints only the kind of a secret, its place and the prefix that its provider publishes, never the
    secret itself. The exit code is 1 if anything was found. It searches the current revisions, with titles,
    descriptions and further files, but not the text in images.

    A line with the comment satchel:allow is not reported. --allow remembers the values on a line by their
    digests, only in this home.
    """
    if pieces and everything:
        raise UsageError("--all searches all Pieces, but an ID is given", hint="omit one of them")
    if places:
        if pieces or everything:
            raise UsageError("--allow takes its ID with the line", hint="for example --allow 7Q2F:12")
        _allow(app, places)
        return
    with app.open_store(read_only=True) as store:
        chosen = [app.find_piece(store, piece) for piece in pieces] if pieces else list(store.pieces())
        found = list(_found(app, store, chosen))
        short = {piece.id: short_id(store, piece) for piece, _ in found}
    app.out.table(
        lambda: {"secrets": [_document(piece, one) for piece, one in found], "searched": len(chosen)},
        COLUMNS,
        [
            (short[piece.id] if app.out.is_terminal else piece.id, title_of(piece), one.place, one.message)
            for piece, one in found
        ],
    )
    if found:
        app.out.note("to mark a value as not secret: satchel secrets --allow ID:LINE")
        click.get_current_context().exit(FOUND)
    app.out.note(f"no secrets found in {format_count(len(chosen), 'Piece')}")


def _found(app: App, store: Store, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, Finding]]:
    with app.out.progress().phase("searching", unit="pieces") as advance:
        for piece in pieces:
            content, files = store.content(piece.id), store.files(piece.id)
            for one in secrets_of(app, piece, content, files, advance=lambda _done: advance(0)):
                yield piece, one
            advance(1)


def _allow(app: App, places: tuple[str, ...]) -> None:
    digests: list[bytes] = []
    with app.open_store(read_only=True) as store:
        for place in places:
            digests += _digests_at(app, store, place)
    AllowedValues.read(app.home).adding(digests, system_entropy).write(app.home)
    app.out.answer({"allowed": len(digests)}, f"allowed {format_count(len(digests), 'value')}")


def _digests_at(app: App, store: Store, place: str) -> list[bytes]:
    named = _PLACE.fullmatch(place)
    if named is None:
        raise UsageError(f"{place!r} names no line", hint="ID:LINE or ID:FILE:LINE, for example 7Q2F:12")
    piece = app.find_piece(store, named["piece"])
    found = secrets_of(app, piece, store.content(piece.id), store.files(piece.id))
    digests = [
        one.digest
        for one in found
        if not one.part and one.line == int(named["line"]) and one.file == (named["file"] or "")
    ]
    if not digests:
        raise NotFoundError(f"nothing is reported at {place!r}", hint="satchel secrets lists what is")
    return digests


def _document(piece: Piece, found: Finding) -> dict[str, object]:
    return {
        "id": piece.id,
        "title": piece.title,
        "file": found.file or None,
        "part": found.part or None,
        "line": None if found.part else found.line,
        "rule": found.rule,
        "what": found.message,
    }
