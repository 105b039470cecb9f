"""`satchel export`: write everything in a format that other tools can read."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import click

from satchel.cli.app import App
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import format_count
from satchel.errors import NotFoundError, UsageError
from satchel.exchange.satchel_zip.writer import export as export_pieces
from satchel.local_files import replacing

if TYPE_CHECKING:
    from satchel.age import Recipient


@command(
    "export",
    examples=[
        ("satchel export pieces.zip", "a plain zip file that any tool can read"),
        ("satchel export pieces.zip.age --sealed", "a file that only you can open"),
        ("satchel export pieces.zip --without-sources", "a file to give to others"),
    ],
)
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--sealed", is_flag=True, help="Encrypt it to yourself with age.")
@click.option("--without-sources", is_flag=True, help="Omit where Pieces came from: paths and URLs.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
@pass_app
def export(app: App, /, *, file: Path, sealed: bool, without_sources: bool, force: bool) -> None:
    """Write every Piece and its history to a zip file.

    The zip file holds one file per Piece, earlier contents in history/, and everything else in pieces.json.
    satchel import reads it back without loss. To open a sealed export, run `age -d -i KEY`, where KEY is a
    file with the output of satchel recovery show --age.
    """
    if file.exists() and not force:
        raise UsageError(
            f"the file {str(file)!r} already exists", hint="choose another name, or --force to replace it"
        )
    if not file.parent.is_dir():
        raise NotFoundError(f"there is no folder {str(file.parent)!r}", hint="create it first")
    recipients = [app.owner().recipient] if sealed else []
    with (
        app.open_store(read_only=True) as store,
        replacing(file) as sink,
        _sealing(sink, recipients) as target,
    ):
        count = export_pieces(store, target, with_sources=not without_sources, progress=app.out.progress())
    app.out.answer(
        {"path": str(file), "pieces": count, "sealed": sealed, "size_bytes": file.stat().st_size},
        f"exported {format_count(count, 'Piece')} to {file}",
    )


@contextmanager
def _sealing(sink: BinaryIO, recipients: "Sequence[Recipient]") -> Iterator[BinaryIO]:
    """Encrypt everything written to the sink; without recipients, write it as it is."""
    if not recipients:
        yield sink
        return
    # cryptography costs over 20 ms, and only --sealed needs it.
    from satchel.age import seal_writer  # noqa: PLC0415
    from satchel.exchange.satchel_zip.sealed import SealingSink  # noqa: PLC0415

    with seal_writer(sink, recipients) as writer:
        yield cast("BinaryIO", SealingSink(writer))
