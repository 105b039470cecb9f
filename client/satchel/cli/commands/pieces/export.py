"""`satchel export`: everything, in a form that needs no satchel."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import click

from satchel.cli.app import App
from satchel.cli.options import command, pass_app
from satchel.errors import NotFoundError, UsageError
from satchel.local_files import replacing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from satchel.age import Recipient


@command(
    "export",
    examples=[
        ("satchel export pieces.zip", "a plain zip, to read anywhere"),
        ("satchel export pieces.zip.age --sealed", "one that only you can open"),
        ("satchel export pieces.zip --without-sources", "one to hand on"),
    ],
)
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--sealed", is_flag=True, help="Seal it to yourself with age.")
@click.option("--without-sources", is_flag=True, help="Leave out where Pieces came from: paths, addresses.")
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
@pass_app
def export(app: App, /, *, file: Path, sealed: bool, without_sources: bool, force: bool) -> None:
    """Write every Piece with its whole history into one zip file.

    The zip holds one readable file a Piece, earlier contents under history/, and pieces.json with
    everything else; satchel import reads it back without loss. A sealed one opens with
    `age -d -i KEY`, where KEY holds the answer of satchel recovery show --age.
    """
    from satchel.exchange.satchel_zip.writer import export as export_pieces  # noqa: PLC0415  costs SQLite

    if file.exists() and not force:
        raise UsageError(
            f"there is a file {str(file)!r} already", hint="choose another name, or --force to replace it"
        )
    if not file.parent.is_dir():
        raise NotFoundError(f"there is no folder {str(file.parent)!r}")
    recipients = [app.owner().recipient] if sealed else []
    with (
        app.open_store(read_only=True) as store,
        replacing(file) as sink,
        _sealing(sink, recipients) as target,
    ):
        count = export_pieces(store, target, with_sources=not without_sources, progress=app.out.progress())
    app.out.answer(
        {"path": str(file), "pieces": count, "sealed": sealed, "size_bytes": file.stat().st_size},
        f"exported {count:,} {'Piece' if count == 1 else 'Pieces'} to {file}",
    )


@contextmanager
def _sealing(sink: BinaryIO, recipients: "Sequence[Recipient]") -> Iterator[BinaryIO]:
    """Seal what is written on its way to the sink; without recipients it stays plain."""
    if not recipients:
        yield sink
        return
    from satchel.age import seal_writer  # noqa: PLC0415  costs cryptography
    from satchel.exchange.satchel_zip.sealed import SealingSink  # noqa: PLC0415

    with seal_writer(sink, recipients) as writer:
        yield cast("BinaryIO", SealingSink(writer))
