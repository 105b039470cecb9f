"""`satchel sync`: take the changes of the owner's other devices, and back up."""

import click

from satchel.backup.create.backup import BackupOptions
from satchel.backup.listing import ThisDevice
from satchel.backup.syncing import SyncResult
from satchel.backup.syncing import sync as sync_store
from satchel.cli.app import App
from satchel.cli.commands.backups.choosing import this_device
from satchel.cli.commands.backups.merging import merge_fields, merge_sentence, note_conflicts
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import format_count, format_moment, format_size


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
    on two devices, both revisions stay in its history, the later one is current, and you are told. A Piece
    that was removed on one device stays if it was edited elsewhere after that.

    Only what the store lacks is fetched. A sync that is interrupted can be run again.
    """
    this = this_device(app)
    destination = app.backup_destination(is_patient=True)
    result = sync_store(
        app.backup_context(), destination, BackupOptions(this.label or ""), this, is_plan=dry_run
    )
    app.out.answer(_fields(result, this, is_plan=dry_run), "\n".join(_lines(result, is_plan=dry_run)))
    for merged in result.merged:
        note_conflicts(app, merged)
    if result.failed:
        raise result.failed[0].error


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
            f"backed up {format_count(summary.pieces, 'Piece')} as {summary.archive[:8]}, "
            f"with {format_size(summary.new_bytes)} of new data"
        )
    return lines
