"""`satchel get`: open a link without a browser, a store or keys."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.commands.show import content_fields
from satchel.cli.options import command, pass_app
from satchel.cli.output import one_line
from satchel.cli.passwords import known_password

MAX_LINK_BYTES = 1024

if TYPE_CHECKING:
    from satchel.sharing.body import SharedPiece
    from satchel.sharing.link import ShareLink


@command(
    "get",
    examples=[
        ("satchel get 'https://cloud.example.com/s/…#…'", "show it; the quotes keep the link whole"),
        ("satchel get LINK > parse.py", "its content alone, byte for byte"),
        ("satchel get LINK --save", "keep it as a Piece of yours"),
        ("satchel get -", "read the link from standard input, where no other program sees it"),
    ],
)
@click.argument("link", metavar="LINK")
@click.option("--save", is_flag=True, help="Keep it in the store.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take the password from this file's first line.",
)
@click.option("--allow-http", is_flag=True, help="Take a link without encryption on the way.")
@pass_app
def get(app: App, /, *, link: str, save: bool, password_file: Path | None, allow_http: bool) -> None:
    """Open a link that somebody shared with you.

    It needs no store and no keys. A link with a view limit is used up by one opening; a wrong password
    costs none. What is shown was checked on this device: the server cannot have changed it.
    """
    from satchel.cloud.address import Origin  # noqa: PLC0415  costs urllib3
    from satchel.sharing.link import ShareLink  # noqa: PLC0415  costs cryptography
    from satchel.sharing.opening import open_link  # noqa: PLC0415

    wanted = ShareLink.parse(_first_line(app) if link == "-" else link)
    client = app.dial(Origin.parse(wanted.origin, allow_http=allow_http))
    piece = open_link(client, wanted, lambda guess: known_password(app, password_file, guess))
    if save:
        _save(app, wanted, piece)
    else:
        _show(app, piece)


def _first_line(app: App) -> str:
    return app.streams.stdin.readline(MAX_LINK_BYTES).decode("utf-8", "replace").strip()


def _show(app: App, piece: "SharedPiece") -> None:
    from satchel.store import decode_text  # noqa: PLC0415  costs SQLite

    told = [piece.title, piece.language, f"shared {piece.shared}"]
    text = decode_text(piece.content, piece.media_type)
    app.out.content(
        lambda: {**_fields(piece), **content_fields(piece.content, text)},
        piece.content,
        heading=" · ".join(one_line(part) for part in told if part),
        text=text,
        language=piece.language,
    )


def _save(app: App, link: "ShareLink", piece: "SharedPiece") -> None:
    """Keep the Piece; where it came from is remembered without the key."""
    from satchel.store import Draft, Source  # noqa: PLC0415  costs SQLite

    draft = Draft(
        content=piece.content,
        media_type=piece.media_type,
        title=piece.title,
        description=piece.description,
        language=piece.language or None,
        tags=piece.tags,
        links=piece.links,
        source=Source("share", link.address),
    )
    with app.open_store() as store:
        saved = store.add(draft)
    app.out.answer(
        {"id": saved.id, **_fields(piece)}, f"saved {saved.short_id} {saved.title}", brief=saved.id
    )


def _fields(piece: "SharedPiece") -> dict[str, object]:
    return {
        "title": piece.title,
        "description": piece.description,
        "language": piece.language,
        "media_type": piece.media_type,
        "tags": list(piece.tags),
        "links": list(piece.links),
        "shared": piece.shared,
        "size_bytes": len(piece.content),
    }
