"""Messages of the view Back up."""

from typing import Annotated, Literal

import msgspec

from satchel.window.messages.base import Answer, Limit, Line, ObjectPrefix, PieceId, Request

Kept = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
Verdict = Literal["ok", "warning", "failed"]
BackupPrefix = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{4,32}|latest)$")]


class ProtectionRequest(Request, frozen=True, kw_only=True):
    """Whether the cloud may be asked, which takes some seconds at most."""

    ask_cloud: bool = False


class FindingView(Answer, frozen=True, kw_only=True):
    """One thing that protects the Pieces, as `satchel status` judges it."""

    name: str
    verdict: Verdict
    detail: str
    hint: str


class LastBackup(Answer, frozen=True, kw_only=True):
    """The last backup of this device at one place."""

    kind: Literal["cloud", "file"]
    destination: str
    id: str
    created: str
    age_s: int
    expires: str | None
    pieces: int


class Proof(Answer, frozen=True, kw_only=True):
    """The last proof that a backup can be restored."""

    at: str
    id: str
    checked: int
    pieces: int
    whole: bool


class CloudView(Answer, frozen=True, kw_only=True):
    """The connected cloud. `reachable` is None if it was not asked."""

    url: str | None
    device_id: str | None
    provisioner: str | None
    reachable: bool | None
    problem: str | None
    backups: int | None


class Protection(Answer, frozen=True, kw_only=True):
    """The state of backups at a glance. `healthy`: nothing needs the owner now.

    `can_undo_restore`: the store that the last restore replaced is kept.
    """

    healthy: bool
    findings: tuple[FindingView, ...]
    cloud: CloudView | None
    last_backup: str | None
    last_backup_age_s: int | None
    backups: tuple[LastBackup, ...]
    next_backup: str | None
    proof: Proof | None
    words_confirmed: str | None
    store_bytes: int
    pieces: int
    disk_free_bytes: int
    interrupted_edits: int
    can_undo_restore: bool


class BackupView(Answer, frozen=True, kw_only=True):
    """A backup in the cloud. What a backup that does not authenticate says is None."""

    id: str
    created: str
    expires: str | None
    size_bytes: int
    new_bytes: int | None
    pieces: int | None
    memory: bool | None
    device: str | None
    device_id: str | None
    held: bool
    kind: str | None
    store_id: str | None
    authentic: bool


class DeletedBackup(BackupView, frozen=True, kw_only=True):
    """A backup that waits for its deletion, and can be brought back until `final`."""

    reason: str
    asked: str
    final: str
    asked_by: str | None
    asked_by_label: str | None


class Backups(Answer, frozen=True, kw_only=True):
    """The backups in the cloud, newest first."""

    backups: tuple[BackupView, ...]
    deleted: tuple[DeletedBackup, ...]


class Retention(Answer, frozen=True, kw_only=True):
    """How many backups the cloud keeps: the last ones, and the newest of so many days, weeks and months."""

    last: int
    daily: int
    weekly: int
    monthly: int


class RetentionRequest(Request, frozen=True, kw_only=True):
    """A retention; what is None stays."""

    last: Kept | None = None
    daily: Kept | None = None
    weekly: Kept | None = None
    monthly: Kept | None = None


class KeptBackup(Answer, frozen=True, kw_only=True):
    """A backup in the calendar, and the rules that keep it. Without a rule, the retention removes it.

    "held" is a backup that the owner keeps until it is deleted, "expires" one with an end of its own.
    """

    id: str
    created: str
    device: str | None
    size_bytes: int
    pieces: int | None
    kept_by: tuple[Literal["last", "daily", "weekly", "monthly", "held", "expires"], ...]
    expires: str | None


class Calendar(Answer, frozen=True, kw_only=True):
    """What the retention keeps, newest first; and what a change to it would remove and bring back."""

    retention: Retention
    backups: tuple[KeptBackup, ...]
    removed: tuple[str, ...]
    restored: tuple[str, ...]


class BackupRequest(Request, frozen=True, kw_only=True):
    """Back up now: to the cloud, or to a file of this device.

    `with_memory` includes the memory or leaves it out; None does what the setting `backup.with-memory` says.
    """

    to_file: Line | None = None
    full: bool = False
    with_memory: bool | None = None


class BackupMade(Answer, frozen=True, kw_only=True):
    """A new backup."""

    id: str
    created: str
    expires: str | None
    kind: str
    size_bytes: int
    new_bytes: int
    pieces: int
    memory: bool
    seconds: float


class VerifyRequest(Request, frozen=True, kw_only=True):
    """Prove that a backup can be restored: as a whole, or by a sample such as `1%` or `20`."""

    backup: BackupPrefix = "latest"
    from_file: Line | None = None
    sample: Annotated[str, msgspec.Meta(pattern=r"^[0-9.]{1,8}%?$")] | None = None


class Verified(Answer, frozen=True, kw_only=True):
    """A proof. The counts of a sample are None for a whole backup."""

    id: str
    created: str
    pieces: int
    seconds: float
    checked: int | None = None
    same: int | None = None
    changed: int | None = None
    removed: int | None = None


class BackupPiecesRequest(Request, frozen=True, kw_only=True):
    """Pieces of a backup, the newest or those in which all words occur."""

    backup: BackupPrefix = "latest"
    from_file: Line | None = None
    words: Line = ""
    limit: Limit = 50


class BackedUpPiece(Answer, frozen=True, kw_only=True):
    """A Piece in a backup."""

    id: str
    title: str
    language: str | None
    tags: tuple[str, ...]
    created: str
    updated: str
    size_bytes: int


class BackupPieces(Answer, frozen=True, kw_only=True):
    """Pieces of a backup, newest first."""

    id: str
    created: str
    pieces: tuple[BackedUpPiece, ...]
    has_more: bool


class RestoreRequest(Request, frozen=True, kw_only=True):
    """Restore a backup.

    "pieces" brings back the named Pieces with their history, "merge" takes what the store lacks; neither replaces
    anything. "replace" replaces the whole store, which is kept and can be brought back; `with_memory` does the same with
    the memory.
    """

    how: Literal["pieces", "merge", "replace"]
    backup: BackupPrefix = "latest"
    from_file: Line | None = None
    pieces: Annotated[tuple[PieceId, ...], msgspec.Meta(max_length=500)] = ()
    allow_older: bool = False
    with_memory: bool = False


class NamedPiece(Answer, frozen=True, kw_only=True):
    """A Piece by id and title."""

    id: str
    title: str


class RestorePreview(Answer, frozen=True, kw_only=True):
    """What a restore would change. Nothing was changed.

    For "replace": `missing` Pieces are not in the backup, `newer` ones were edited since; both would go. For the others,
    the numbers of Pieces that would be added, updated, removed and brought back.

    `memory_events` counts the events of the backup's memory; None if it has none. If the memory is restored too,
    `memory_replaced` counts those of the memory here, which would be replaced and kept, and `memory_newer` those of them
    that are later than all in the backup. A memory here that cannot be read cannot be compared.
    """

    how: Literal["pieces", "merge", "replace"]
    id: str
    created: str
    device: str
    pieces: int
    warning: str = ""
    missing: int = 0
    missing_pieces: tuple[NamedPiece, ...] = ()
    newer: int = 0
    newer_pieces: tuple[NamedPiece, ...] = ()
    added: int = 0
    updated: int = 0
    removed: int = 0
    brought_back: int = 0
    conflicts: int = 0
    memory_events: int | None = None
    memory_replaced: int = 0
    memory_newer: int = 0
    is_memory_unreadable: bool = False


class Restored(Answer, frozen=True, kw_only=True):
    """A restored store; `kept` is the name of the one that it replaced. `undo_restore` brings that back.

    `memory`: the memory was restored, or brought back, as well.
    """

    pieces: int | None
    created: str | None = None
    device: str | None = None
    kept: str | None = None
    memory: bool = False
    seconds: float = 0.0


class ConflictView(Answer, frozen=True, kw_only=True):
    """A Piece that was edited in both stores. Both revisions are in its history."""

    piece: str
    title: str


class MergeView(Answer, frozen=True, kw_only=True):
    """The result of a merge."""

    id: str
    created: str
    device: str
    added: int
    updated: int
    removed: int
    restored: int
    conflict_count: int
    conflicts: tuple[ConflictView, ...]
    seconds: float


class BackupIds(Request, frozen=True, kw_only=True):
    """Backups by their ids."""

    ids: Annotated[tuple[ObjectPrefix, ...], msgspec.Meta(min_length=1, max_length=500)]


class ChangedBackups(Answer, frozen=True, kw_only=True):
    """The backups that were deleted or brought back."""

    ids: tuple[str, ...]
