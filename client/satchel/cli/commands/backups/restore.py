"""`satchel restore`: bring a backup back."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.backup_options import choice_argument, from_option
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.units import format_count, format_duration, format_moment

if TYPE_CHECKING:
    from satchel.backup.restore.restore import RestoreResult


@command(
    "restore",
    examples=[
        ("satchel restore", "the latest backup of your cloud"),
        ("satchel restore 5be0 --into /tmp/then", "an earlier one, beside the store"),
        ("satchel restore --from /media/stick/satchel.age", "from a file, without a cloud"),
    ],
)
@choice_argument
@from_option
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Restore into this directory instead of the home.",
)
@click.option("--allow-older", is_flag=True, help="Take a backup older than the newest one seen here.")
@pass_app
def restore(app: App, /, *, choice: str, source: Path | None, into: Path | None, allow_older: bool) -> None:
    """Bring a backup back as the store: the latest, or the one whose id begins with ID.

    Everything in it is checked before anything is replaced, and the store that was there is kept beside
    the new one. A backup older than the newest one that was seen here is refused, because a cloud that
    was broken into could pass it off as the latest; --allow-older takes it all the same.
    """
    from satchel.backup.restore.restore import restore as bring_back  # noqa: PLC0415  costs SQLite
    from satchel.cli.backup_options import chosen, context_of  # noqa: PLC0415

    context = context_of(app)
    target = into.absolute() if into is not None else None
    with chosen(app, context, choice, source) as archive:
        done = bring_back(context, archive, into=target, allow_older=allow_older)
    app.out.answer(_fields(done), _sentence(done))
    if done.kept is not None:
        app.out.note(f"the store that was there is kept as {done.kept}")


def _fields(done: "RestoreResult") -> dict[str, object]:
    manifest = done.manifest
    return {
        "id": manifest.archive,
        "created": manifest.created,
        "pieces": manifest.pieces,
        "home": done.home,
        "kept": done.kept,
        "seconds": round(done.seconds, 3),
    }


def _sentence(done: "RestoreResult") -> str:
    manifest = done.manifest
    return (
        f"{format_count(manifest.pieces, 'Piece')} of {format_moment(manifest.created)} "
        f"({manifest.device or 'another device'}) are back in {done.home}, {format_duration(done.seconds)}"
    )
