"""`satchel sync`: take the changes of the owner's other devices, and back up."""

from typing import Final

import click

from satchel.backup.create.backup import BackupOptions
from satchel.backup.listing import ThisDevice
from satchel.backup.syncing import SyncResult
from satchel.backup.syncing import sync as sync_store
from satchel.cli.app import App
from satchel.cli.commands.backups.choosing import this_device
from satchel.cli.commands.backups.merging import merge_fields, merge_sentence, note_conflicts, note_memory
from satchel.cli.options import command, pass_app
from satchel.cli.settings_file import SETTINGS, read_settings
from satchel.cli.terminal.text import format_count, format_moment, format_size

WITH_MEMORY: Final = "backup.with-memory"


@command(
    "sync",
    examples=[
        ("satchel sync", "merge the backups of your other devices, then back up"),
        ("satchel sync --dry-run", "only show what would be merged"),
    ],
)
@click.option("--dry-run", is_flag=True, help="Only show what would be merged; change and back up nothing.")
@pass_app
def sync(app: App, /, *, dry_run: bool) -> None:
    """Merge the newest backup of each of your other devices into the store, then back up.

    Run it on each device; after two rounds, all have the same Pieces. Nothing is lost: if a Piece was edited
    on two devices, both revisions stay in its history, the later one is current, and satchel tells you. A
    Piece that was removed on one device stays if it was later edited on another.

    Memories are not merged: each device keeps its own. The backup includes this device's memory if the
    setting backup.with-memory is on.

    satchel fetches only what the store lacks. If a sync is interrupted, run it again.
    """
    this = this_device(app)
    destination = app.backup_destination(is_patient=True)
    options = BackupOptions(this.label or "", memory=includes_memory(app))
    result = sync_store(app.backup_context(), destination, options, this, is_plan=dry_run)
    app.out.answer(_fields(result, this, is_plan=dry_run), "\n".join(_lines(result, is_plan=dry_run)))
    for merged in result.merged:
        note_conflicts(app, merged)
        note_memory(app, merged)
    if result.failed:
        raise result.failed[0].error


def includes_memory(app: App) -> bool:
    """Whether backups include the memory, by setting."""
    value = read_settings(app.home).get(WITH_MEMORY, SETTINGS[WITH_MEMORY].default)
    return click.BOOL.convert(value, None, None)


def _fields(result: SyncResult, this: ThisDevice, *, is_plan: bool) -> dict[str, object]:
    return {
        "device": this.label,
        "dry_run": is_plan,
        "merged": [merge_fields(merged) for merged in result.merged],
        "known": [summary.archive for summary in result.known],
        "failed": [
            {"id": each.summary.archive, "device": each.summary.device, "message": each.error.message}
            for each in result.failed
        ],
        "backup": result.backup.summary.archive if result.backup else None,
    }


def _lines(result: SyncResult, *, is_plan: bool) -> list[str]:
    lines = [merge_sentence(merged, is_plan=is_plan) for merged in result.merged]
    lines += [
        f"could not merge backup {each.summary.archive[:8]} of {format_moment(each.summary.created)} "
        f"by {each.summary.device}: {each.error.message}"
        for each in result.failed
    ]
    if not lines:
        lines.append("no other device has a backup that is new here")
    if result.backup is not None:
        summary = result.backup.summary
        lines.append(
            f"backed up {format_count(summary.pieces, 'Piece')}{' and the memory' if summary.has_memory else ''} as {summary.archive[:8]}, "
            f"with {format_size(summary.new_data_bytes)} of new data"
        )
    return lines
