"""`satchel backup`: back up the store to the owner's cloud or to a file."""

import datetime as dt
import platform
from pathlib import Path

import click

from satchel.archive.destination import DeferredDestination
from satchel.backup.create.backup import BackupOptions, BackupResult, back_up, back_up_to_file
from satchel.cli.app import App
from satchel.cli.arguments import DURATION, end_after
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import format_count, format_duration, format_size
from satchel.errors import UsageError


@command(
    "backup",
    examples=[
        ("satchel backup", "back up to your cloud; only new data is sent"),
        ("satchel backup --to /media/stick/satchel.age", "write a self-contained file; needs no cloud"),
        ("satchel backup --expires never", "keep this backup until you delete it"),
    ],
)
@click.option("--full", is_flag=True, help="Send all data, including what earlier backups hold.")
@click.option(
    "--expires",
    type=DURATION,
    default="30d",
    show_default=True,
    help="How long the cloud keeps it: 30d, never.",
)
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the backup to a file, replacing an earlier one.",
)
@pass_app
def backup(app: App, /, *, full: bool, expires: dt.timedelta, target: Path | None) -> None:
    """Back up the whole store, encrypted so that only your keys can open it.

    You can keep using the store during a backup. If a backup is interrupted, run the command again to
    continue it.
    """
    if target is not None:
        if _is_given("expires"):
            raise UsageError("a backup in a file does not expire", hint="omit --expires")
        result = back_up_to_file(app.backup_context(), target.absolute(), BackupOptions(platform.node()))
    else:
        options = BackupOptions(platform.node(), end_after(expires, now=dt.datetime.now(dt.UTC)), full=full)
        cloud = DeferredDestination(lambda: app.backup_destination(is_patient=True))
        result = back_up(app.backup_context(), cloud, options)
    app.out.answer(_fields(result), _sentence(result, target), brief=result.summary.archive)


def _is_given(option: str) -> bool:
    source = click.get_current_context().get_parameter_source(option)
    return source is click.core.ParameterSource.COMMANDLINE


def _fields(result: BackupResult) -> dict[str, object]:
    summary = result.summary
    return {
        "id": summary.archive,
        "created": summary.created,
        "expires": result.expires,
        "kind": summary.kind,
        "size_bytes": result.size_bytes,
        "new_bytes": summary.new_bytes,
        "pieces": summary.pieces,
        "seconds": round(result.seconds, 3),
    }


def _sentence(result: BackupResult, target: Path | None) -> str:
    summary = result.summary
    place = str(target) if target else "your cloud"
    return (
        f"backed up {format_count(summary.pieces, 'Piece')} to {place} as {summary.archive[:8]}: "
        f"{format_size(result.size_bytes)}, with {format_size(summary.new_bytes)} of new data, "
        f"in {format_duration(result.seconds)}"
    )
