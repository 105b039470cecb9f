"""The view Back up: restoring Pieces or a whole backup, after a preview of what would change."""

import platform

from satchel.backup.comparing import Group, Losses
from satchel.backup.listing import ThisDevice
from satchel.backup.restore.memory import MemoryLosses
from satchel.backup.restore.restore import Offer, restore, select_backup, select_file
from satchel.cloud.connection import read_connection
from satchel.errors import NotFoundError, SatchelError, UsageError
from satchel.window.calls import Call
from satchel.window.core import Core, command
from satchel.window.documents import shown, text_of
from satchel.window.messages.backups import MergeView, NamedPiece, Restored, RestorePreview, RestoreRequest
from satchel.window.messages.base import Nothing
from satchel.window.messages.jobs import Job, JobResult
from satchel.window.paths import own_path


class _SeenError(SatchelError):
    """Ends a restore once it is known what it would change; nothing has been changed then."""


class _Looking:
    """An approval that looks, and approves nothing: it always ends the restore before anything is replaced."""

    def __init__(self, *, with_memory: bool) -> None:
        self.offer: Offer | None = None
        self.losses: Losses | None = None
        self.memory_losses: MemoryLosses | None = None
        self.is_memory_unreadable = False
        self._with_memory = with_memory

    def begin(self, offer: Offer) -> None:
        """See the backup. NotFoundError if its memory is wanted, and it has none."""
        self.offer = offer
        if self._with_memory and offer.manifest.memory_facts is None:
            raise NotFoundError(
                f"backup {offer.manifest.archive[:8]} has no memory",
                hint="restore without the memory, or choose another backup",
            )

    def replace(self, offer: Offer, losses: Losses | None) -> None:
        """See what would be lost."""
        self.offer, self.losses = offer, losses

    def takes_memory(self, offer: Offer) -> bool:
        """Fetch and check the memory as well, if it is to be restored."""
        del offer
        return self._with_memory

    def replace_memory(self, offer: Offer, losses: MemoryLosses | None) -> None:
        """See what the memory here would lose."""
        self.offer, self.memory_losses, self.is_memory_unreadable = offer, losses, losses is None

    def ready(self) -> None:
        """End the restore: all is seen."""
        raise _SeenError("seen")


def preview_restore(call: Call, request: RestoreRequest) -> Job:
    """Begin to find out what a restore would change."""
    arguments = _arguments(request, dry_run=True)
    if request.how == "replace":
        return call.start(lambda core, _run: JobResult(restore=_preview(core, request)))
    return call.start_command(lambda document: JobResult(restore=_preview_of(request, document)), *arguments)


def start_restore(call: Call, request: RestoreRequest) -> Job:
    """Begin a restore."""
    arguments = _arguments(request, dry_run=False)
    if request.how == "replace":
        return call.start_command(lambda document: JobResult(restored=_restored(document)), *arguments)
    return call.start_command(lambda document: JobResult(merged=shown(document, MergeView)), *arguments)


def undo_restore(call: Call, _request: Nothing) -> Job:
    """Begin to bring back the store that the last restore replaced."""
    return call.start_command(lambda document: JobResult(restored=_restored(document)), "restore", "--undo")


def _restored(document: dict[str, object]) -> Restored:
    """Return a restored store. The command tells of the memory in a backup; after an undo, only whether it is back."""
    memory = document["memory"]
    is_back = memory["restored"] if isinstance(memory, dict) else bool(memory)
    return shown(document, Restored, memory=is_back)


def _arguments(request: RestoreRequest, *, dry_run: bool) -> tuple[str, ...]:
    if (request.how == "pieces") != bool(request.pieces):
        raise UsageError("name the Pieces to bring back", hint="or restore all of the backup")
    if request.with_memory and request.how != "replace":
        raise UsageError("memories are not merged", hint="restore the whole store, with its memory")
    path = own_path(request.from_file)
    options = {
        "from": path,
        "merge": request.how == "merge",
        "dry-run": dry_run,
        "yes": request.how == "replace",
        "allow-older": request.how == "replace" and request.allow_older,
        "with-memory": request.with_memory,
        "without-memory": request.how == "replace" and not request.with_memory,
    }
    words = ("restore", *(f"--piece={piece}" for piece in request.pieces))
    return command(*words, options=options, values=() if path else (request.backup,))


def _preview_of(request: RestoreRequest, document: dict[str, object]) -> RestorePreview:
    return shown(
        document,
        RestorePreview,
        how=request.how,
        pieces=len(request.pieces),
        brought_back=document["restored"],
        conflicts=document["conflict_count"],
        warning="",
    )


def _preview(core: Core, request: RestoreRequest) -> RestorePreview:
    """Return what replacing the store would lose: the backup is fetched and checked as a restore does."""
    looking = _Looking(with_memory=request.with_memory)
    context = core.backup_context()
    path = own_path(request.from_file)
    try:
        if path is not None:
            with select_file(path) as selection:
                restore(context, selection, allow_older=True, approval=looking)
        else:
            this = ThisDevice(platform.node(), device_id=read_connection(core.home).device_id)
            cloud = core.backup_destination(is_patient=True)
            with select_backup(cloud, context, request.backup, this=this) as selection:
                restore(context, selection, allow_older=True, approval=looking)
    except _SeenError:
        pass
    if looking.offer is None:
        raise SatchelError("the backup did not say what it holds", hint="try again")
    return _seen(looking, looking.offer)


def _seen(looking: _Looking, offer: Offer) -> RestorePreview:
    manifest, losses, memory = offer.manifest, looking.losses, looking.memory_losses
    missing, newer = (losses.missing, losses.newer) if losses else (Group(), Group())
    return RestorePreview(
        how="replace",
        id=manifest.archive,
        created=text_of(manifest.created) or "",
        device=manifest.device,
        pieces=manifest.pieces,
        warning=offer.finding.message if offer.finding else "",
        missing=missing.count,
        missing_pieces=_named(missing),
        newer=newer.count,
        newer_pieces=_named(newer),
        added=losses.added if losses else manifest.pieces,
        updated=losses.updated if losses else 0,
        memory_events=manifest.memory_facts.events if manifest.memory_facts else None,
        memory_replaced=memory.events if memory else 0,
        memory_newer=memory.newer if memory else 0,
        is_memory_unreadable=looking.is_memory_unreadable,
    )


def _named(group: Group) -> tuple[NamedPiece, ...]:
    return tuple(NamedPiece(id=each.id, title=each.title) for each in group.first)
