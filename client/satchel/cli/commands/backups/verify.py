"""`satchel verify`: prove that a backup can be restored, without restoring it."""

from pathlib import Path

from satchel.cli.app import App
from satchel.cli.backup_options import choice_argument, from_option
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.units import format_count, format_duration, format_moment


@command(
    "verify",
    examples=[
        ("satchel verify", "the latest backup of your cloud"),
        ("satchel verify --from /media/stick/satchel.age", "the one in a file"),
    ],
)
@choice_argument
@from_option
@pass_app
def verify(app: App, /, *, choice: str, source: Path | None) -> None:
    """Prove that a backup can be restored: the latest, or the one whose id begins with ID.

    It is read, put together and opened as a restore would, in the home's work directory, and removed
    again; the store is not touched.
    """
    from satchel.backup.restore.restore import verify as prove  # noqa: PLC0415  costs SQLite
    from satchel.cli.backup_options import chosen, context_of  # noqa: PLC0415

    context = context_of(app)
    with chosen(app, context, choice, source) as archive:
        done = prove(context, archive)
    manifest = done.manifest
    app.out.answer(
        {
            "id": manifest.archive,
            "created": manifest.created,
            "pieces": manifest.pieces,
            "seconds": round(done.seconds, 3),
        },
        f"backup {manifest.archive[:8]} of {format_moment(manifest.created)} can be restored: "
        f"{format_count(manifest.pieces, 'Piece')}, {format_duration(done.seconds)}",
    )
