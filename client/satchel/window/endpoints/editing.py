"""The view Edit: changes to Pieces. Each names the revision that the page shows; nothing that was typed is lost."""

from collections.abc import Callable

from satchel.errors import SatchelError, UsageError
from satchel.pieces.fields import require_storable
from satchel.pieces.model import Changes, Piece, SuggestedValue, WholeFile
from satchel.store import Store
from satchel.suggest.refilling import refusal_of
from satchel.window.calls import Call
from satchel.window.core import command
from satchel.window.messages.pieces import (
    Conflict,
    DecideRequest,
    EditAnswer,
    EditRequest,
    FileEdit,
    Removed,
    RemoveRequest,
    RestoreRevisionRequest,
)
from satchel.window.problems import ConflictingEditError
from satchel.window.views import view_of


def edit_piece(call: Call, request: EditRequest) -> EditAnswer:
    """Edit a Piece. ConflictingEditError, changing nothing, if it has changed since `base`."""
    changes = Changes(
        content=None if request.text is None else request.text.encode("utf-8", "replace"),
        title=request.title,
        description=request.description,
        language=request.language,
        tags=request.tags,
        links=request.links,
        add_files=tuple(_file(call, each) for each in request.put_files),
        remove_files=request.remove_files,
    )
    if changes.content is not None and not changes.content.strip():
        raise UsageError("the content is empty", hint="a Piece needs some content; remove it instead")
    return _edit(
        call, request.id, request.base, lambda store: store.edit(request.id, changes, based_on=request.base)
    )


def restore_revision(call: Call, request: RestoreRevisionRequest) -> EditAnswer:
    """Make an earlier revision the current one."""

    def restore(store: Store) -> Piece:
        if store.piece(request.id).revision != request.base:
            raise SatchelError("the Piece has changed since you began to edit it")
        return store.restore_revision(request.id, request.revision)

    return _edit(call, request.id, request.base, restore)


def accept_suggestion(call: Call, request: DecideRequest) -> EditAnswer:
    """Make a value that a model suggested the owner's: it stays, and no model replaces it."""

    def accept(store: Store) -> Piece:
        piece = store.piece(request.id)
        return store.edit(request.id, _accepting(piece, request.field, request.value), based_on=request.base)

    return _edit(call, request.id, request.base, accept)


def refuse_suggestion(call: Call, request: DecideRequest) -> EditAnswer:
    """Take back a value that a model suggested or only offered; it is never suggested for this Piece again."""
    refused = SuggestedValue(request.field, request.value, request.model)

    def refuse(store: Store) -> Piece:
        return store.edit(request.id, refusal_of(store.piece(request.id), refused), based_on=request.base)

    return _edit(call, request.id, request.base, refuse)


def remove_pieces(call: Call, request: RemoveRequest) -> Removed:
    """Remove Pieces with their history, and their copies on this device."""
    options = {"yes": True, "revoke": request.revoke}
    done = call.core.run(*command("rm", options=options, values=request.ids))
    links = done["links"]
    return Removed(
        removed=tuple(done["removed"]),
        links=None if links is None else tuple(links),
        revoked=tuple(done["revoked"]),
    )


def _edit(call: Call, piece_id: str, base: int, change: Callable[[Store], Piece]) -> EditAnswer:
    with call.core.open_store() as store:
        before = store.piece(piece_id)
        try:
            after = change(store)
        except SatchelError:
            if store.piece(piece_id).revision == base:
                raise
            raise ConflictingEditError(_conflict(store, piece_id, base)) from None
        return EditAnswer(piece=view_of(store, piece_id), is_changed=after.revision != before.revision)


def _conflict(store: Store, piece_id: str, base: int) -> Conflict:
    """Return what the page showed and what the store holds. A merge may have renumbered what the page showed."""
    newest = view_of(store, piece_id)
    known = 1 <= base <= newest.newest_revision
    return Conflict(
        base=view_of(store, piece_id, base) if known else newest,
        current=newest,
        message="the Piece has changed since you began to edit it",
    )


def _accepting(piece: Piece, field: str, value: str) -> Changes:
    """Return the changes after which a field holds a value as the owner's."""
    if field == "tags":
        return Changes(add_tags=(value,))
    if field == "links":
        return Changes(links=piece.links if value in piece.links else (*piece.links, value))
    if field == "language":
        return Changes(language=value)
    return Changes(title=value) if field == "title" else Changes(description=value)


def _file(call: Call, given: FileEdit) -> WholeFile:
    """Return a further file from its text or its upload."""
    if (given.text is None) == (given.upload is None):
        raise UsageError(f"the file {given.name[:60]!r} needs a text or an upload")
    if given.upload is not None:
        content = call.window.uploads.read(given.upload)
    else:
        content = (given.text or "").encode("utf-8", "replace")
    require_storable(content, repr(given.name[:60]))
    return WholeFile(given.name, content, given.language)
