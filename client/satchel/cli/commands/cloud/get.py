"""`satchel get`: open a link without a browser, a store or keys."""

from contextlib import nullcontext
from pathlib import Path

import click

from satchel.cli.app import App
from satchel.cli.options import command, pass_app
from satchel.cli.piece_files import make_folder, write_into
from satchel.cli.share_prompts import share_password
from satchel.cli.terminal.text import one_line
from satchel.cli.views import content_fields, label_of, note_more_files, sections, whole_fields
from satchel.errors import SatchelError, UsageError
from satchel.exchange.names import extension_for, safe_name
from satchel.outgoing.address import Origin
from satchel.sharing.body import SharedPiece
from satchel.sharing.decoration import MAX_TEXT_CHARS, plain_link
from satchel.sharing.link import ShareLink
from satchel.sharing.recipient import open_link
from satchel.store import Draft, Source, Store, WholeFile, decode_text
from satchel.text_files import decode_text as decode_piped


@command(
    "get",
    examples=[
        ("satchel get 'https://cloud.example.com/s/…#…'", "show the Piece; the quotes keep the link intact"),
        ("satchel get LINK > parse.py", "write only its content, byte for byte"),
        ("satchel get LINK --save", "save it as a Piece of your own"),
        ("satchel get LINK --into parser", "write all its files to a folder"),
        ("satchel get -", "read the link from standard input, where other programs cannot see it"),
    ],
)
@click.argument("link", metavar="LINK")
@click.option("--save", is_flag=True, help="Save it in the store.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write its content and files to this folder. Existing files are not replaced.",
)
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Read the password from the first line of this file.",
)
@click.option("--allow-http", is_flag=True, help="Allow a link without TLS.")
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
    """Open a link that was shared with you.

    You need no store and no keys. Opening a link with a view limit uses one view; a wrong password uses none.
    satchel verifies the content on this device and detects any change by the server. In a pipe, only the
    content is printed; --into writes all files.
    """
    if save and into:
        raise UsageError("--save and --into cannot be combined", hint="choose one; no view was used")
    plain = plain_link(_piped(app) if link == "-" else link)
    parsed = ShareLink.parse(plain.text)
    for host in plain.seen_by:
        app.out.warn(f"the link was wrapped by {host!r}, whose operator has seen its key")
    client = app.dial(Origin.parse(parsed.origin, allow_http=allow_http))
    if into:
        make_folder(into)  # before a view is used
    with app.open_store() if save else nullcontext() as store:  # before a view is used
        if store is not None and store.read_only:
            raise SatchelError(f"the store in {str(app.home)!r} is read-only", hint="no view was used")
        piece = open_link(client, parsed, lambda attempt: share_password(app, password_file, attempt))
        if store is not None:
            _save(app, store, parsed, piece)
        elif into:
            _write(app, into, piece)
        else:
            _show(app, piece)


def _piped(app: App) -> str:
    read = app.streams.stdin.readline if app.streams.stdin_is_terminal else app.streams.stdin.read
    return decode_piped(read(MAX_TEXT_CHARS + 1), "standard input")


def _write(app: App, into: Path, piece: SharedPiece) -> None:
    paths = [str(path) for path in write_into(into, _files_of(piece))]
    text = "\n".join(f"wrote {path}" for path in paths)
    app.out.answer({**_fields(piece), "paths": paths}, text, brief="\n".join(paths))


def _files_of(piece: SharedPiece) -> list[tuple[str, bytes]]:
    """Return the names and contents of all files."""
    name = piece.name or safe_name(piece.title, extension_for(piece.media_type, piece.language))
    return [(name, piece.content), *((file.name, file.content) for file in piece.files)]


def _show(app: App, piece: SharedPiece) -> None:
    parts = [piece.title, piece.language, f"shared {piece.shared}"]
    text = decode_text(piece.content, piece.media_type)
    app.out.content(
        lambda: {
            **_fields(piece),
            **content_fields(piece.content, text),
            "files": [whole_fields(file) for file in piece.files],
        },
        piece.content,
        heading=" · ".join(one_line(part) for part in parts if part),
        text=text,
        language=piece.language,
        more=lambda: sections(piece.files, instead="satchel get LINK --into DIR"),
    )
    if not app.out.is_terminal:
        note_more_files(app.out, [file.name for file in piece.files], "--into DIR writes all of them")


def _save(app: App, store: Store, link: ShareLink, piece: SharedPiece) -> None:
    """Save the Piece. Its source is the link without the key. What cannot be saved is kept in files: a view is used."""
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
    try:
        saved = store.add(draft)
    except SatchelError as exc:
        kept = write_into(app.home, [(f"received-{name}", content) for name, content in _files_of(piece)])
        exc.hint = f"what the link contains is kept in {', '.join(repr(str(path)) for path in kept)}"
        raise
    app.out.answer({"id": saved.id, **_fields(piece)}, f"saved {label_of(store, saved)}", brief=saved.id)


def _fields(piece: SharedPiece) -> dict[str, object]:
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
