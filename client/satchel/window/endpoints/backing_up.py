"""The view Back up: the state at a glance, the backups, what the retention keeps, and making and proving one."""

from collections.abc import Iterable
from typing import Final, Literal

from satchel.backup.listing import BackupEntry, list_backups
from satchel.backup.local.previous_stores import previous_stores
from satchel.window.calls import Call
from satchel.window.core import Core, command
from satchel.window.documents import shown, text_of
from satchel.window.messages.backups import (
    BackupIds,
    BackupMade,
    BackupPieces,
    BackupPiecesRequest,
    BackupRequest,
    Backups,
    Calendar,
    ChangedBackups,
    KeptBackup,
    Protection,
    ProtectionRequest,
    Retention,
    RetentionRequest,
    Verified,
    VerifyRequest,
)
from satchel.window.messages.base import Nothing
from satchel.window.messages.jobs import Job, JobResult
from satchel.window.paths import own_path
from satchel_wire.messages import Retention as WireRetention
from satchel_wire.retention import Dated, Policy, select_kept

Rule = Literal["last", "daily", "weekly", "monthly", "held", "expires"]
RULES: Final[tuple[Literal["last", "daily", "weekly", "monthly"], ...]] = (
    "last",
    "daily",
    "weekly",
    "monthly",
)


def protection(call: Call, request: ProtectionRequest) -> Protection:
    """Return the state of the backups."""
    found = call.core.protection(ask_cloud=request.ask_cloud)
    return shown(found, Protection, can_undo_restore=bool(previous_stores(call.core.home)))


def backups(call: Call, _request: Nothing) -> Backups:
    """Return the backups in the cloud, and those that wait for their deletion."""
    listed = call.core.run("backups")
    deleted = call.core.run("backups", "--deleted")
    return shown(listed, Backups, deleted=deleted["deleted"])


def calendar(call: Call, request: RetentionRequest) -> Calendar:
    """Return what the retention keeps; with numbers, what another one would change."""
    return _calendar(call.core, request, is_set=False)


def set_retention(call: Call, request: RetentionRequest) -> Calendar:
    """Change the retention, and return what it keeps."""
    return _calendar(call.core, request, is_set=True)


def start_backup(call: Call, request: BackupRequest) -> Job:
    """Begin a backup."""
    options = {
        "to": own_path(request.to_file),
        "full": request.full,
        "with-memory": request.with_memory is True,
        "without-memory": request.with_memory is False,
    }
    return call.start_command(
        lambda document: JobResult(backup=shown(document, BackupMade)), *command("backup", options=options)
    )


def start_verify(call: Call, request: VerifyRequest) -> Job:
    """Begin to prove that a backup can be restored."""
    options = {"from": own_path(request.from_file), "sample": request.sample}
    values = [] if request.from_file else [request.backup]
    return call.start_command(
        lambda document: JobResult(verified=shown(document, Verified)),
        *command("verify", options=options, values=values),
    )


def backup_pieces(call: Call, request: BackupPiecesRequest) -> BackupPieces:
    """Return Pieces of a backup, without restoring it."""
    options = {"from": own_path(request.from_file), "search": request.words or None, "limit": request.limit}
    values = [] if request.from_file else [request.backup]
    return shown(call.core.run(*command("backups", "ls", options=options, values=values)), BackupPieces)


def delete_backups(call: Call, request: BackupIds) -> ChangedBackups:
    """Delete backups; the cloud keeps them for a while."""
    return shown(call.core.run(*command("backups", "delete", values=request.ids)), ChangedBackups)


def undelete_backups(call: Call, request: BackupIds) -> ChangedBackups:
    """Bring back deleted backups."""
    return shown(call.core.run(*command("backups", "undelete", values=request.ids)), ChangedBackups)


# -- the calendar -------------------------------------------------------------------------------


def _calendar(core: Core, request: RetentionRequest, *, is_set: bool) -> Calendar:
    client = core.cloud()
    current = client.retention().retention
    given = {name: getattr(request, name) for name in RULES}
    wanted = WireRetention(
        **{name: getattr(current, name) if number is None else number for name, number in given.items()}
    )
    preview = client.preview_retention(wanted)
    if is_set and wanted != current:
        client.set_retention(wanted)
    entries = list_backups(core.backup_context(), core.backup_destination())
    return Calendar(
        retention=Retention(**{name: getattr(wanted, name) for name in RULES}),
        backups=tuple(_kept(entry, rules) for entry, rules in kept_by(entries, wanted)),
        removed=tuple(preview.delete),
        restored=tuple(preview.restore),
    )


def kept_by(
    entries: Iterable[BackupEntry], retention: WireRetention
) -> list[tuple[BackupEntry, tuple[Rule, ...]]]:
    """Return each backup with the rules that keep it, by device, as the cloud applies them."""
    listed = list(entries)
    keeping: dict[str, list[Rule]] = {entry.stored.id: [] for entry in listed}
    for device in {entry.stored.device for entry in listed}:
        dated = [
            Dated(round(entry.stored.created.timestamp() * 1000), entry.stored.id)
            for entry in listed
            if entry.stored.device == device and not entry.stored.is_held and entry.stored.expires is None
        ]
        for rule in RULES:
            for backup in _kept_by_rule(rule, getattr(retention, rule), dated):
                keeping[backup].append(rule)
    for entry in listed:
        if entry.stored.is_held:
            keeping[entry.stored.id].append("held")
        elif entry.stored.expires is not None:
            keeping[entry.stored.id].append("expires")
    return [(entry, tuple(keeping[entry.stored.id])) for entry in listed]


def _kept_by_rule(rule: str, number: int, dated: list[Dated]) -> frozenset[str]:
    """Return what one rule alone keeps. The newest backup counts as one of the last, whatever the rules."""
    if not dated:
        return frozenset()
    if rule == "last":
        return select_kept(Policy(number, 0, 0, 0), dated)
    if not number:
        return frozenset()
    alone = {
        "daily": Policy(0, number, 0, 0),
        "weekly": Policy(0, 0, number, 0),
        "monthly": Policy(0, 0, 0, number),
    }
    return select_kept(alone[rule], dated)


def _kept(entry: BackupEntry, rules: tuple[Rule, ...]) -> KeptBackup:
    stored, summary = entry.stored, entry.summary
    return KeptBackup(
        id=stored.id,
        created=text_of(summary.created if summary else stored.created) or "",
        device=summary.device if summary else None,
        size_bytes=stored.size_bytes,
        pieces=summary.pieces if summary else None,
        kept_by=rules,
        expires=text_of(stored.expires),
    )
