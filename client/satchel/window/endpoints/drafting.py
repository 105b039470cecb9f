"""What the page keeps in the home: drafts, and the owner's preferences for the page itself."""

from typing import Final

from satchel.window.calls import Call
from satchel.window.drafts import DraftFolder
from satchel.window.messages.base import Done, Nothing
from satchel.window.messages.unsaved import (
    ByDraft,
    Drafts,
    DraftVersion,
    DraftView,
    KeepDraftRequest,
    KeptDraft,
    PreferenceRequest,
    UnsavedDraft,
    WholeDraft,
)
from satchel.window.preferences import set_preference as _set_preference

EXCERPT_CHARS: Final = 120


def keep_draft(call: Call, request: KeepDraftRequest) -> KeptDraft:
    """Keep what is in a form."""
    taken = DraftFolder(call.core.home).keep(request.draft, request.replaces, call.window.uploads)
    return KeptDraft(missing=taken.missing, too_large=taken.too_large)


def drop_draft(call: Call, request: DraftVersion) -> Done:
    """Remove a draft that was saved or discarded, unless it was changed meanwhile."""
    DraftFolder(call.core.home).drop(request.id, request.version)
    return Done()


def drafts(call: Call, _request: Nothing) -> Drafts:
    """Return all drafts without their whole texts, and which of them have lost their Piece."""
    found = DraftFolder(call.core.home).all()
    removed = _removed(call, {draft.piece for draft in found.drafts if draft.piece is not None})
    return Drafts(
        drafts=tuple(_view(draft, is_removed=draft.piece in removed) for draft in found.drafts),
        damaged=tuple(map(str, found.damaged)),
        newer=tuple(map(str, found.newer)),
    )


def read_draft(call: Call, request: ByDraft) -> WholeDraft:
    """Return a draft with everything in it."""
    draft = DraftFolder(call.core.home).read(request.id)
    uploads = call.window.uploads
    missing = tuple(each.upload for each in draft.files if not uploads.has(each.upload))
    return WholeDraft(draft=draft, missing=missing)


def set_preference(call: Call, request: PreferenceRequest) -> Done:
    """Set a preference of the page, for every window of this home."""
    _set_preference(call.core.home, request.name, request.value)
    return Done()


def _view(draft: UnsavedDraft, *, is_removed: bool) -> DraftView:
    text = next((each.text for each in draft.texts if each.text.strip()), draft.description)
    names = ", ".join(each.name for each in draft.files)
    return DraftView(
        id=draft.id,
        version=draft.version,
        piece=draft.piece,
        is_removed=is_removed,
        title=draft.title[:EXCERPT_CHARS],
        excerpt=(text.strip() or names)[:EXCERPT_CHARS],
        typed=draft.typed,
    )


def _removed(call: Call, ids: set[str]) -> set[str]:
    if not ids:
        return set()
    with call.core.open_store(read_only=True) as store:
        return ids - {piece.id for piece in store.in_view(ids)}
