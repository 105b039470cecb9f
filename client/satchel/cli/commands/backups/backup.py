"""`satchel backup`: one sealed archive, to the owner's cloud or to a file."""

import datetime as dt
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import click

from satchel.cli.app import App
from satchel.cli.options import DURATION, command, pass_app
from satchel.cli.terminal.units import format_count, format_duration, format_size
from satchel.errors import UsageError

if TYPE_CHECKING:
    from satchel.backup.create.backup import BackupResult


@command(
    "backup",
    examples=[
        ("satchel backup", "to your cloud; only what is new is sent"),
        ("satchel backup --to /media/stick/satchel.age", "to a file that stands alone, without a cloud"),
        ("satchel backup --expires never", "kept until you delete it"),
    ],
)
@click.option("--full", is_flag=True, help="Send everything, borrow nothing from earlier backups.")
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
    help="Write it into a file instead; an earlier backup there is replaced.",
)
@pass_app
def backup(app: App, /, *, full: bool, expires: dt.timedelta, target: Path | None) -> None:
    """Back the store up: everything, sealed so that only your keys open it.

    The store can be in use meanwhile. An interrupted backup goes on where it was when you run the command
    again.
    """
    from satchel.backup.create.backup import BackupOptions, back_up, back_up_to_file  # noqa: PLC0415  costs SQLite
    from satchel.cli.arguments import end_after  # noqa: PLC0415
    from satchel.cli.backup_options import context_of  # noqa: PLC0415

    if target is not None and _was_given("expires"):
        raise UsageError("a backup in a file does not expire", hint="leave --expires out")
    if target is not None:
        done = back_up_to_file(context_of(app), target.absolute(), BackupOptions(platform.node()))
    else:
        from satchel.cloud.destination import CloudDestination  # noqa: PLC0415  costs urllib3

        options = BackupOptions(platform.node(), end_after(expires, now=dt.datetime.now(dt.UTC)), full=full)
        done = back_up(context_of(app), CloudDestination(app.cloud(is_patient=True)), options)
    app.out.answer(_fields(done), _sentence(done, target), brief=done.summary.archive)


def _was_given(option: str) -> bool:
    source = click.get_current_context().get_parameter_source(option)
    return source is click.core.ParameterSource.COMMANDLINE


def _fields(done: "BackupResult") -> dict[str, object]:
    summary = done.summary
    return {
        "id": summary.archive,
        "created": summary.created,
        "expires": done.expires,
        "kind": summary.kind,
        "size_bytes": done.size_bytes,
        "new_bytes": summary.new_bytes,
        "pieces": summary.pieces,
        "seconds": round(done.seconds, 3),
    }


def _sentence(done: "BackupResult", target: Path | None) -> str:
    summary = done.summary
    place = f"in {target}" if target else "in your cloud"
    return (
        f"backup {summary.archive[:8]} is {place}: {format_count(summary.pieces, 'Piece')}, "
        f"{format_size(done.size_bytes)} sealed ({format_size(summary.new_bytes)} of the store was new), "
        f"{format_duration(done.seconds)}"
    )
