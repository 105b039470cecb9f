"""`satchel read`: print the text in an image."""

from pathlib import Path

import click

from satchel.cli.app import App
from satchel.cli.options import command, pass_app
from satchel.cli.piece_files import STDIN, read_content
from satchel.errors import NotFoundError, UsageError
from satchel.models.ocr import ImageText, read_image
from satchel.store import Piece, Store, is_image, sniff


@command(
    "read",
    examples=[
        ("satchel read screenshot.png", "print the code in a screenshot"),
        ("satchel read 01KB3", "print the text in the image of a Piece"),
    ],
)
@click.argument("image", metavar="IMAGE|PIECE", type=click.Path(allow_dash=True))
@click.option("--keep-numbers", is_flag=True, help="Also print line numbers.")
@pass_app
def read(app: App, /, *, image: str, keep_numbers: bool) -> None:
    """Print the text in an image: a file, standard input (-), or the first image of a Piece.

    Code keeps its indentation and its columns. Everything happens on this device, and nothing is saved. To
    save the text together with the image, use satchel save.
    """
    found = read_image(_content(app, image), keep_numbers=keep_numbers)
    if not found.text:
        raise NotFoundError("the image has no text", hint="satchel save --image-only saves it as an image")
    app.out.content(
        lambda: _document(found),
        f"{found.text}\n".encode(),
        heading="",
        text=f"{found.text}\n",
        language="",
    )
    app.out.note(f"{len(found.lines)} lines, read by {found.engine}, {found.confidence:.0%} sure")


def _content(app: App, image: str) -> bytes:
    """Return the image that the owner names: a file if there is one, else that of a Piece."""
    if image != STDIN and not Path(image).exists():
        with app.open_store(read_only=True) as store:
            return _image_of(store, app.find_piece(store, image))
    content = read_content(image, app.streams.stdin)
    if not is_image(sniff(content)):
        raise UsageError(f"{image!r} is not an image", hint="PNG, JPEG, GIF and WebP can be read")
    return content


def _image_of(store: Store, piece: Piece) -> bytes:
    if is_image(piece.media_type):
        return store.content(piece.id)
    for file in store.files(piece.id, piece.revision):
        if is_image(file.media_type or ""):
            return file.content
    raise NotFoundError(f"{piece.id} has no image", hint="satchel show prints its text")


def _document(found: ImageText) -> dict[str, object]:
    return {
        "text": found.text,
        "engine": found.engine,
        "confidence": round(found.confidence, 4),
        "has_columns": found.has_columns,
        "numbers_removed": found.numbers_removed,
        "lines": [
            {
                "text": line.text,
                "confidence": round(line.confidence, 4),
                "box": [
                    round(side) for side in (line.box.left, line.box.top, line.box.right, line.box.bottom)
                ],
            }
            for line in found.lines
        ],
    }
