"""`satchel backups`: list the backups in the owner's cloud, delete them, and bring deleted ones back."""

import click

from satchel.backup.listing import (
    BackupEntry,
    choose_backup,
    choose_backups,
    delete_backups,
    list_backups,
    open_summaries,
)
from satchel.cli.app import App
from satchel.cli.commands.backups import keeping
from satchel.cli.commands.backups.reading import diff, ls, show
from satchel.cli.operators_code import operators_code
from satchel.cli.options import group, pass_app
from satchel.cli.step_up import with_step_up
from satchel.cli.terminal.text import Column, format_moment, format_size
from satchel.cloud.deletions import PendingDeletion, name_deletions
from satchel.cloud.destination import CloudDestination
from satchel.errors import NotFoundError, UsageError

COLUMNS = (
    Column("ID"),
    Column("CREATED"),
    Column("SIZE", right=True),
    Column("NEW", right=True),
    Column("PIECES", right=True),
    Column("DEVICE", shrinks=True),
    Column("EXPIRES", dim=True),
    Column("MEMORY", dim=True),
)
DELETED_COLUMNS = (
    Column("ID"),
    Column("CREATED"),
    Column("PIECES", right=True),
    Column("DEVICE", shrinks=True),
    Column("DELETED BY", shrinks=True),
    Column("UNTIL", dim=True),
)


@group(
    "backups",
    examples=[
        ("satchel backups", "list all backups"),
        ("satchel backups ls 5be0", "list the Pieces of a backup"),
        ("satchel backups delete 5be0", "delete a backup; you can bring it back for a week"),
        ("satchel backups --deleted", "list the deleted backups that you can bring back"),
        ("satchel backups undelete --all", "bring all of them back"),
        ("satchel backups prune --dry-run", "show what the retention would remove"),
    ],
    alone=True,
)
@click.option("--deleted", is_flag=True, help="List the deleted backups that can still be brought back.")
@pass_app
def backups(app: App, /, *, deleted: bool) -> None:
    """List the backups in your cloud: the size of each, and how much of it was new data."""
    if click.get_current_context().invoked_subcommand is not None:
        return
    if deleted:
        _list_deleted(app)
        return
    entries = list_backups(app.backup_context(), app.backup_destination())
    app.out.table(lambda: {"backups": [_fields(entry) for entry in entries]}, COLUMNS, map(_row, entries))


@backups.subcommand(
    "delete",
    examples=[
        ("satchel backups delete 5be0 91c2", "the start of an id is enough"),
        ("satchel backups delete 5be0 --now", "for good; it asks you to sign in, or for a code"),
    ],
)
@click.argument("chosen", metavar="ID...", nargs=-1, required=True)
@click.option(
    "--now",
    is_flag=True,
    help="Erase it at once, for good. Needs a fresh sign-in, or a code from the cloud's operator.",
)
@click.option(
    "--code", metavar="CODE", help="With --now: a pairing code from satchel-service pair on the cloud."
)
@pass_app
def delete(app: App, /, *, chosen: tuple[str, ...], now: bool, code: str | None) -> None:
    """Delete backups. Later backups keep the data that they share with them.

    The cloud keeps a deleted backup for a while (seven days, unless its operator chose otherwise), so that
    you can bring it back and a thief with your device cannot destroy it. During that time, it counts against
    the cloud's quota.
    """
    if code is not None and not now:
        raise UsageError("--code is for --now only", hint="deleting without --now takes no code")
    if now:
        _erase(app, chosen, code)
    else:
        _delete(app, chosen)


@backups.subcommand("rm", examples=[("satchel backups rm 5be0", "the start of an id is enough")])
@click.argument("backup", metavar="ID")
@pass_app
def rm(app: App, /, *, backup: str) -> None:
    """Delete a backup; the same as satchel backups delete."""
    _delete(app, (backup,))


@backups.subcommand(
    "undelete",
    examples=[
        ("satchel backups undelete 5be0", "bring back one backup"),
        ("satchel backups undelete --all", "bring back everything that waits for its deletion"),
    ],
)
@click.argument("chosen", metavar="ID...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Bring back every deleted backup.")
@pass_app
def undelete(app: App, /, *, chosen: tuple[str, ...], everything: bool) -> None:
    """Bring back deleted, expired or pruned backups. The cloud then keeps them until you delete them."""
    if bool(chosen) == everything:
        raise UsageError("name backups, or --all", hint="satchel backups --deleted lists them")
    destination = app.backup_destination()
    waiting = [entry for entry, _ in _deleted(app, destination)]
    found = waiting if everything else [_choose_deleted(waiting, choice) for choice in chosen]
    for entry in found:
        destination.undelete(entry.stored.id)
    ids = [entry.stored.id for entry in found]
    names = ", ".join(each[:8] for each in ids)
    text = (
        f"brought back {keeping.count(len(ids))}: {names}"
        if ids
        else "no deleted backup is left to bring back"
    )
    app.out.answer({"ids": ids}, text, brief="\n".join(ids))


@backups.subcommand(
    "prune",
    examples=[
        ("satchel backups prune --dry-run", "show what the retention would remove"),
        ("satchel backups prune --keep-daily 30", "keep one backup of each of 30 days from now on"),
    ],
)
@keeping.keep_options
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def prune(app: App, /, *, dry_run: bool, yes: bool, **_keep: int) -> None:
    """Remove the backups that the retention does not keep, after showing them.

    The --keep options change the cloud's retention for all devices; it also applies after every backup. Like
    deleted backups, pruned backups can be brought back for a while. The newest backup of each device always
    stays.
    """
    client = app.cloud()
    current = client.retention().retention
    wanted = keeping.with_given(current, click.get_current_context())
    preview = client.preview_retention(wanted)
    document = {
        "retention": keeping.fields(wanted),
        "pruned": list(preview.delete),
        "restored": list(preview.restore),
        "dry_run": dry_run,
    }
    text = _pruning(preview.delete, preview.restore)
    changes = bool(preview.delete or preview.restore or wanted != current)
    if dry_run or not changes:
        app.out.answer(document, f"{keeping.describe(wanted)}: would remove {text}")
        return
    if not yes and app.out.can_ask:
        app.out.notice(f"{keeping.describe(wanted)}: removes {text}")
        if not app.out.confirm("change the backups?"):
            raise UsageError("cancelled; nothing was changed")
    client.set_retention(wanted)
    app.out.answer(document, f"the cloud keeps {keeping.describe(wanted)}: removed {text}")
    if preview.delete:
        app.out.note("to bring them back: satchel backups --deleted")


def _delete(app: App, chosen: tuple[str, ...]) -> None:
    destination = app.backup_destination()
    ids = _ids(delete_backups(app.backup_context(), destination, chosen))
    final = {each.backup: each.final for _, each in _deleted(app, destination) if each.backup in ids}
    app.out.answer(
        {"id": ids[0], "ids": ids, "final": max(final.values(), default=None)},
        f"deleted {_named(ids)}",
    )
    if final:
        app.out.note(
            f"until {format_moment(min(final.values()))} you can bring it back: "
            f"satchel backups undelete {' '.join(each[:8] for each in ids)}"
        )


def _erase(app: App, chosen: tuple[str, ...], code: str | None) -> None:
    client = app.cloud()
    destination = CloudDestination(client)
    entries = list_backups(app.backup_context(), destination)
    entries += [entry for entry, _ in _deleted(app, destination)]
    ids = _ids(choose_backups(entries, chosen))
    given = operators_code(app, client, code)
    with_step_up(app, client, lambda: destination.erase(ids, given))
    app.out.answer({"id": ids[0], "ids": ids, "final": None}, f"erased {_named(ids)}")


def _ids(entries: list[BackupEntry]) -> list[str]:
    return [entry.stored.id for entry in entries]


def _named(ids: list[str]) -> str:
    return f"{'backup' if len(ids) == 1 else 'backups'} {', '.join(each[:8] for each in ids)}"


def _list_deleted(app: App) -> None:
    found = _deleted(app, app.backup_destination())
    app.out.table(
        lambda: {"deleted": [_fields(entry) | _deletion_fields(each) for entry, each in found]},
        DELETED_COLUMNS,
        (_deleted_row(entry, each) for entry, each in found),
    )


def _deleted(app: App, destination: CloudDestination) -> list[tuple[BackupEntry, PendingDeletion]]:
    """Return the backups that wait for their deletion, newest first."""
    owner, found = app.owner(), destination.deleted()
    entries = open_summaries((stored for stored, _ in found), owner)
    return list(zip(entries, name_deletions([each for _, each in found], owner.identity), strict=True))


def _choose_deleted(waiting: list[BackupEntry], choice: str) -> BackupEntry:
    try:
        return choose_backup(waiting, choice, None)
    except NotFoundError as exc:
        raise NotFoundError(
            f"no deleted backup matches {choice!r}", hint="list them: satchel backups --deleted"
        ) from exc


def _pruning(delete: tuple[str, ...], restore: tuple[str, ...]) -> str:
    """Describe what a retention changes."""
    removed = f"{keeping.count(len(delete))}{_names(delete)}" if delete else "no backup"
    return f"{removed}, bring back {keeping.count(len(restore))}{_names(restore)}" if restore else removed


def _names(ids: tuple[str, ...]) -> str:
    shown = ", ".join(each[:8] for each in ids[:10])
    return f" ({shown}{', …' if len(ids) > 10 else ''})"


for command in (show, ls, diff):
    backups.add_command(command)


def _fields(entry: BackupEntry) -> dict[str, object]:
    stored, summary = entry.stored, entry.summary
    return {
        "id": stored.id,
        "created": summary.created if summary else stored.created,
        "expires": stored.expires,
        "size_bytes": stored.size_bytes,
        "new_bytes": summary.new_data_bytes if summary else None,
        "pieces": summary.pieces if summary else None,
        "device": summary.device if summary else None,
        "device_id": stored.device,
        "held": stored.is_held,
        "kind": summary.kind if summary else None,
        "store_id": summary.store if summary else None,
        "authentic": summary is not None,
        "memory": summary.has_memory if summary else None,
    }


def _deletion_fields(deletion: PendingDeletion) -> dict[str, object]:
    return {
        "reason": deletion.reason,
        "asked": deletion.asked,
        "final": deletion.final,
        "asked_by": deletion.device,
        "asked_by_label": deletion.label,
    }


def _row(entry: BackupEntry) -> tuple[str, ...]:
    stored, summary = entry.stored, entry.summary
    return (
        stored.id[:8],
        format_moment(summary.created if summary else stored.created),
        format_size(stored.size_bytes),
        format_size(summary.new_data_bytes) if summary else "?",
        f"{summary.pieces:,}" if summary else "?",
        summary.device if summary else "(does not authenticate with these keys)",
        _end(entry),
        "yes" if summary and summary.has_memory else "",
    )


def _end(entry: BackupEntry) -> str:
    stored = entry.stored
    if stored.expires is not None:
        return format_moment(stored.expires)
    return "when pruned" if stored.device is not None and not stored.is_held else "never"


def _deleted_row(entry: BackupEntry, deletion: PendingDeletion) -> tuple[str, ...]:
    stored, summary = entry.stored, entry.summary
    return (
        stored.id[:8],
        format_moment(summary.created if summary else stored.created),
        f"{summary.pieces:,}" if summary else "?",
        summary.device if summary else "(does not authenticate with these keys)",
        deletion.by,
        format_moment(deletion.final),
    )
