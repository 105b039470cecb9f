"""`satchel backup`: back up the store to the owner's cloud or to a file."""

import datetime as dt
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import click

from satchel.archive.destination import DeferredDestination
from satchel.backup.create.backup import BackupOptions, BackupResult, back_up, back_up_to_file
from satchel.cli.app import App
from satchel.cli.arguments import NEVER, lifetime
from satchel.cli.commands.backups.keeping import (
    BY_RETENTION,
    EndType,
    describe,
    is_any_given,
    keep_options,
    with_given,
)
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import format_count, format_duration, format_size
from satchel.errors import UsageError
from satchel_wire.capabilities import Capability

if TYPE_CHECKING:
    from satchel.cloud.destination import CloudDestination

FOR_CLOUDS = ("expires", "keep_last", "keep_daily", "keep_weekly", "keep_monthly")


@command(
    "backup",
    examples=[
        ("satchel backup", "back up to your cloud; only new data is sent"),
        ("satchel backup --to /media/stick/satchel.age", "write a self-contained file; needs no cloud"),
        ("satchel backup --expires never", "keep this backup until you delete it"),
        ("satchel backup --with-memory", "include what this device remembers of your work"),
        ("satchel backup --keep-daily 30", "from now on, keep one backup of each of 30 days"),
    ],
)
@click.option("--full", is_flag=True, help="Send all data, including what earlier backups hold.")
@click.option(
    "--expires",
    type=EndType(),
    default=BY_RETENTION,
    show_default=True,
    help="How long the cloud keeps this backup: 30d, never, or as its retention decides.",
)
@click.option(
    "--with-memory/--without-memory",
    default=False,
    help="Include the memory of your work; without is the default. To always include it, change the setting "
    "backup.with-memory.",
)
@keep_options
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the backup to a file, replacing an earlier one.",
)
@pass_app
def backup(
    app: App,
    /,
    *,
    full: bool,
    expires: dt.timedelta | None,
    with_memory: bool,
    target: Path | None,
    **_keep: int,
) -> None:
    """Back up the whole store, encrypted so that only your keys can open it.

    You can keep using the store during a backup. If a backup is interrupted, run the command again to
    continue it.

    For every device, the cloud keeps the last 7 backups and the newest backup of each of 7 days, 4 weeks and
    12 months, unless you change this retention with the --keep options. The newest backup of a device never
    expires.

    The memory (satchel memory) is not included unless you ask for it. If you forget something later, earlier
    backups still contain it until they are pruned or you delete them.
    """
    context = click.get_current_context()
    if target is not None:
        _refuse_options_of_clouds(context)
        options = BackupOptions(platform.node(), memory=with_memory)
        result = back_up_to_file(app.backup_context(), target.absolute(), options)
    else:
        cloud = DeferredDestination(lambda: _open_cloud(app, context))
        result = back_up(app.backup_context(), cloud, _options(expires, full=full, memory=with_memory))
    app.out.answer(_fields(result), _sentence(result, target), brief=result.summary.archive)
    if with_memory and not result.summary.has_memory:
        app.out.note("there is no memory to include: none of its sources was ever turned on")


def _open_cloud(app: App, context: click.Context) -> "CloudDestination":
    """Return the cloud, after setting its retention if options or settings change it."""
    from satchel.cloud.destination import CloudDestination  # noqa: PLC0415

    client = app.cloud(is_patient=True)
    if is_any_given(context):
        if is_any_given(context, by_option=True):
            client.require(Capability.RETENTION, "a retention of backups")
        if client.supports(Capability.RETENTION):
            current = client.retention().retention
            wanted = with_given(current, context)
            if wanted != current:
                client.set_retention(wanted)
                app.out.note(f"the cloud keeps {describe(wanted)} now")
    return CloudDestination(client)


def _options(expires: dt.timedelta | None, *, full: bool, memory: bool) -> BackupOptions:
    ends = None if expires is None else lifetime(expires, now=dt.datetime.now(dt.UTC))
    return BackupOptions(
        platform.node(),
        full=full,
        lifetime_s=None if ends is None else int(ends.total_seconds()),
        hold=expires == NEVER,
        memory=memory,
    )


def _refuse_options_of_clouds(context: click.Context) -> None:
    source = click.core.ParameterSource.COMMANDLINE
    for name in FOR_CLOUDS:
        if context.get_parameter_source(name) is source:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(
                f"a backup in a file stays until you delete it, so {option} has no effect",
                hint=f"omit {option}",
            )


def _fields(result: BackupResult) -> dict[str, object]:
    summary = result.summary
    return {
        "id": summary.archive,
        "created": summary.created,
        "expires": result.expires,
        "kind": summary.kind,
        "size_bytes": result.size_bytes,
        "new_bytes": summary.new_data_bytes,
        "pieces": summary.pieces,
        "memory": summary.has_memory,
        "seconds": round(result.seconds, 3),
    }


def _sentence(result: BackupResult, target: Path | None) -> str:
    summary = result.summary
    place = str(target) if target else "your cloud"
    return (
        f"backed up {format_count(summary.pieces, 'Piece')}{' and the memory' if summary.has_memory else ''} to {place} as {summary.archive[:8]}: "
        f"{format_size(result.size_bytes)}, with {format_size(summary.new_data_bytes)} of new data, "
        f"in {format_duration(result.seconds)}"
    )
