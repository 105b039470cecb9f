"""`satchel restore`: restore a backup, take Pieces from it, or undo a restore."""

from pathlib import Path

import click

from satchel.backup import Context
from satchel.backup.restore.restore import RestoreResult, Selection, UndoResult, undo_restore
from satchel.backup.restore.restore import restore as restore_backup
from satchel.backup.syncing import merge_backup
from satchel.cli.app import App
from satchel.cli.commands.backups.approval import AskingApproval
from satchel.cli.commands.backups.choosing import (
    LATEST,
    backup_argument,
    device_option,
    from_option,
    open_backup,
)
from satchel.cli.commands.backups.merging import answer_merge
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import format_count, format_duration, format_moment


@command(
    "restore",
    examples=[
        ("satchel restore", "restore the latest backup of this device from your cloud"),
        ("satchel restore 5be0 --into /tmp/then", "restore an earlier one into another directory"),
        ("satchel restore --from /media/stick/satchel.age", "restore from a file; needs no cloud"),
        ("satchel restore --with-memory", "restore the memory too, if the backup has it"),
        ("satchel restore --undo", "bring back the store that the last restore replaced"),
        ("satchel restore 5be0 --piece 01KB3", "bring back one Piece with its history"),
        ("satchel restore 5be0 --merge", "take what the store lacks, and replace nothing"),
    ],
)
@backup_argument
@from_option
@device_option
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Restore into this directory instead of the home.",
)
@click.option("--merge", is_flag=True, help="Take Pieces and history into the store, and replace nothing.")
@click.option(
    "--piece",
    "pieces",
    metavar="ID",
    multiple=True,
    help="Take this Piece as it is in the backup, with its history; can be repeated.",
)
@click.option(
    "--with-memory/--without-memory",
    default=None,
    help="Restore the memory in the backup too, or leave it; you are asked by default.",
)
@click.option("--dry-run", is_flag=True, help="With --merge or --piece: only show what would change.")
@click.option("--undo", is_flag=True, help="Bring back the store that the last restore replaced.")
@click.option("--yes", is_flag=True, help="Replace the store without asking.")
@click.option("--allow-older", is_flag=True, help="Accept a backup older than the newest one seen here.")
@pass_app
def restore(
    app: App,
    /,
    *,
    choice: str,
    source: Path | None,
    device: str | None,
    into: Path | None,
    merge: bool,
    pieces: tuple[str, ...],
    with_memory: bool | None,
    dry_run: bool,
    undo: bool,
    yes: bool,
    allow_older: bool,
) -> None:
    """Restore the latest backup of this device, or the one whose id starts with ID.

    satchel checks the whole backup before it replaces the store. It then shows what the backup contains and
    what you would lose, and asks; in scripts, pass --yes. The last 3 replaced stores are kept for 30 days:
    --undo swaps the last one back and loses nothing.

    If the backup has a memory, satchel asks whether to restore it too; in scripts, pass --with-memory. On a
    new device, the memory records nothing until you turn a source on. A replaced memory is kept, and --undo
    brings it back with the store.

    --merge and --piece replace nothing: revisions of both stay in the history of a Piece. --merge keeps your
    later edits and removals; --piece makes the backup's revision the current one.

    satchel refuses a latest backup that is older than the newest one that this device has seen in the same
    place, because a compromised cloud could pass off an old backup as the latest. It also refuses one that
    another device made under the same number. --allow-older accepts it. A backup that you name by its ID is
    accepted.
    """
    if undo:
        others = (choice != LATEST, source, device, into, allow_older, merge, pieces, dry_run, with_memory)
        if any(others):
            raise click.UsageError("--undo takes no backup and no other option")
        _answer_undo(app, undo_restore(app.home))
        return
    takes_pieces = merge or bool(pieces)
    if takes_pieces and (into or allow_older or with_memory or (merge and pieces)):
        raise click.UsageError(
            "--merge and --piece replace nothing: give one of them, without --into, --allow-older and --with-memory"
        )
    if dry_run and not takes_pieces:
        raise click.UsageError("--dry-run goes with --merge or --piece")
    context = app.backup_context()
    with open_backup(app, context, choice, source, device=device) as archive:
        if takes_pieces:
            answer_merge(
                app, merge_backup(context, archive, pieces=pieces or None, is_plan=dry_run), is_plan=dry_run
            )
        else:
            approval = AskingApproval(app, is_agreed=yes, with_memory=with_memory)
            _replace(app, context, archive, into, approval, allow_older=allow_older)


def _replace(
    app: App,
    context: Context,
    archive: Selection,
    into: Path | None,
    approval: AskingApproval,
    *,
    allow_older: bool,
) -> None:
    target = into.absolute() if into is not None else None
    result = restore_backup(context, archive, into=target, allow_older=allow_older, approval=approval)
    app.out.answer(_fields(result), _sentence(result))
    if result.previous_store is not None:
        app.out.note(f"the previous store is kept as {result.previous_store}")
    if result.memory is not None and result.memory.previous is not None:
        app.out.note(f"the previous memory is kept as {result.memory.previous}")
    if result.memory is not None and not result.memory.sources:
        app.out.note("nothing is recorded on this device yet; to begin: satchel memory on shell")


def _fields(result: RestoreResult) -> dict[str, object]:
    manifest, losses = result.manifest, result.losses
    return {
        "id": manifest.archive,
        "created": manifest.created,
        "device": manifest.device,
        "pieces": manifest.pieces,
        "home": result.home,
        "kept": result.previous_store,
        "memory": _memory_fields(result),
        "lost": {"missing": losses.missing.count, "newer": losses.newer.count} if losses else None,
        "seconds": round(result.seconds, 3),
    }


def _memory_fields(result: RestoreResult) -> dict[str, object] | None:
    facts, restored = result.manifest.memory_facts, result.memory
    if facts is None:
        return None
    return {
        "events": facts.events,
        "restored": restored is not None,
        "kept": restored.previous if restored else None,
    }


def _sentence(result: RestoreResult) -> str:
    manifest = result.manifest
    memory = f" and a memory of {format_count(result.memory.events, 'event')}" if result.memory else ""
    return (
        f"restored {format_count(manifest.pieces, 'Piece')}{memory} from {format_moment(manifest.created)} "
        f"({manifest.device or 'another device'}) to {result.home} in {format_duration(result.seconds)}"
    )


def _answer_undo(app: App, result: UndoResult) -> None:
    found = "a store that cannot be read" if result.pieces is None else format_count(result.pieces, "Piece")
    app.out.answer(
        {
            "pieces": result.pieces,
            "home": app.home,
            "kept": result.previous_store,
            "memory": result.brings_memory,
        },
        f"brought back the store that the last restore replaced: {found}"
        f"{', and its memory' if result.brings_memory else ''}",
    )
    if result.previous_store is not None:
        app.out.note(
            f"the store that was there is kept as {result.previous_store}: --undo again brings it back"
        )
