"""Saving a draft unless the store has a Piece with its content."""

from satchel.cli.app import App
from satchel.store import Draft, Piece, Store, digest_of


def save_once(app: App, store: Store, draft: Draft) -> tuple[Piece, bool]:
    """Save a draft unless its content is in the store; return the Piece with that content and whether it is new."""
    with app.open_index(store) as index:
        with app.indexing() as advance:
            index.update(advance)
        existing = index.find_content(digest_of(draft.content, draft.files))
    if existing is not None:
        return store.piece(existing), False
    return store.add(draft), True
