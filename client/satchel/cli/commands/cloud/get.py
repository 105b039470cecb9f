"""`satchel get`: open a link without a browser, a store or keys."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.commands.pieces.show import content_fields, note_more, sections, whole_fields
from satchel.cli.options import command, pass_app
from satchel.cli.share_prompts import known_password
from satchel.cli.terminal.output import one_line
from satchel.errors import UsageError

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
        ("satchel get LINK --into parser", "write all its files into a folder"),
        ("satchel get -", "read the link from standard input, where no other program sees it"),
    ],
)
@click.argument("link", metavar="LINK")
@click.option("--save", is_flag=True, help="Keep it in the store.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write its content and files into this folder; nothing that is there is replaced.",
)
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take the password from this file's first line.",
)
@click.option("--allow-http", is_flag=True, help="Take a link without encryption on the way.")
@pass_app
def get(
    app: App,
    /,
    *,
    link: str,
    save: bool,
    into: Path | None,
    password_file: Path | None,
    allow_http: bool,
) -> None:
    """Open a link that somebody shared with you.

    It needs no store and no keys. A link with a view limit is used up by one opening; a wrong password
    costs none. What is shown was checked on this device: the server cannot have changed it. In a pipe it
    is the content alone; of several files, --into writes all.
    """
    from satchel.outgoing.address import Origin  # noqa: PLC0415  costs urllib3
    from satchel.sharing.link import ShareLink  # noqa: PLC0415  costs cryptography
    from satchel.sharing.recipient import open_link  # noqa: PLC0415

    if save and into:
        raise UsageError("--save and --into are two ways to keep it", hint="choose one; no view was used")
    wanted = ShareLink.parse(_first_line(app) if link == "-" else link)
    client = app.dial(Origin.parse(wanted.origin, allow_http=allow_http))
    if into:
        _make_folder(into)
    piece = open_link(client, wanted, lambda guess: known_password(app, password_file, guess))
    if save:
        _save(app, wanted, piece)
    elif into:
        _write(app, into, piece)
    else:
        _show(app, piece)


def _make_folder(into: Path) -> None:
    """Before a view is used: see that the files can be written."""
    from satchel.cli.piece_files import make_folder  # noqa: PLC0415  costs SQLite

    make_folder(into)


def _write(app: App, into: Path, piece: "SharedPiece") -> None:
    from satchel.cli.piece_files import write_into  # noqa: PLC0415  costs SQLite
    from satchel.exchange.names import extension_for, safe_name  # noqa: PLC0415

    name = piece.name or safe_name(piece.title, extension_for(piece.media_type, piece.language))
    files = [(name, piece.content), *((file.name, file.content) for file in piece.files)]
    paths = [str(path) for path in write_into(into, files)]
    text = "\n".join(f"wrote {path}" for path in paths)
    app.out.answer({**_fields(piece), "paths": paths}, text, brief="\n".join(paths))


def _first_line(app: App) -> str:
    return app.streams.stdin.readline(MAX_LINK_BYTES).decode("utf-8", "replace").strip()


def _show(app: App, piece: "SharedPiece") -> None:
    from satchel.store import decode_text  # noqa: PLC0415  costs SQLite

    told = [piece.title, piece.language, f"shared {piece.shared}"]
    text = decode_text(piece.content, piece.media_type)
    app.out.content(
        lambda: {
            **_fields(piece),
            **content_fields(piece.content, text),
            "files": [whole_fields(file) for file in piece.files],
        },
        piece.content,
        heading=" · ".join(one_line(part) for part in told if part),
        text=text,
        language=piece.language,
        more=lambda: sections(piece.files, instead="satchel get LINK --into DIR"),
    )
    if not app.out.is_terminal:
        note_more(app, [file.name for file in piece.files], "--into DIR writes all")


def _save(app: App, link: "ShareLink", piece: "SharedPiece") -> None:
    """Keep the Piece; where it came from is remembered without the key."""
    from satchel.store import Draft, Source, WholeFile  # noqa: PLC0415  costs SQLite

    draft = Draft(
        content=piece.content,
        media_type=piece.media_type,
        title=piece.title,
        description=piece.description,
        language=piece.language or None,
        tags=piece.tags,
        links=piece.links,
        source=Source("share", link.address, piece.name),
        files=tuple(
            WholeFile(file.name, file.content, file.language, file.media_type or None) for file in piece.files
        ),
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
        "name": piece.name,
        "files": [
            {
                "name": file.name,
                "language": file.language or None,
                "media_type": file.media_type,
                "size_bytes": len(file.content),
            }
            for file in piece.files
        ],
    }
