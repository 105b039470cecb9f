"""Every revision is kept, listed and can be restored."""

import pytest

from satchel.errors import NotFoundError
from satchel.store import Changes, Draft, Piece, Store


@pytest.fixture
def edited(store: Store) -> Piece:
    """A Piece with three revisions."""
    piece = store.add(Draft(b"one", title="first", tags=("a",)))
    store.edit(piece.id, Changes(content=b"two", title="second"))
    return store.edit(piece.id, Changes(title="third", tags=("b",)))


def test_every_revision_is_listed(store: Store, edited: Piece) -> None:
    revisions = store.revisions(edited.id)
    assert [(one.number, one.title, one.tags, one.size_bytes) for one in revisions] == [
        (1, "first", ("a",), 3),
        (2, "second", ("a",), 3),
        (3, "third", ("b",), 3),
    ]
    assert [one.at for one in revisions] == sorted(one.at for one in revisions)
    assert revisions[0].at == edited.created


def test_the_content_of_every_revision_can_be_read(store: Store, edited: Piece) -> None:
    assert [store.content(edited.id, number) for number in (1, 2, 3)] == [b"one", b"two", b"two"]


def test_unchanged_content_is_stored_once(store: Store, edited: Piece) -> None:
    assert store._connection.execute("SELECT count(*) FROM contents").get == 2


def test_an_earlier_revision_is_restored_as_a_new_one(store: Store, edited: Piece) -> None:
    restored = store.restore_revision(edited.id, 1)
    assert (restored.title, restored.tags, restored.revision) == ("first", ("a",), 4)
    assert restored.updated > edited.updated
    assert store.content(edited.id) == b"one"
    assert store.content(edited.id, 3) == b"two"


def test_restoring_the_current_revision_changes_nothing(store: Store, edited: Piece) -> None:
    assert store.restore_revision(edited.id, 3) == edited


@pytest.mark.parametrize("number", [0, 4, -1])
def test_an_unknown_revision_is_not_found(store: Store, edited: Piece, number: int) -> None:
    with pytest.raises(NotFoundError):
        store.restore_revision(edited.id, number)
    with pytest.raises(NotFoundError):
        store.content(edited.id, number)


def test_histories_of_pieces_are_separate(store: Store, edited: Piece) -> None:
    other = store.add(Draft(b"other", title="other"))
    store.edit(other.id, Changes(title="other 2"))
    store.edit(edited.id, Changes(title="fourth"))
    assert [one.title for one in store.revisions(other.id)] == ["other", "other 2"]
    assert [one.number for one in store.revisions(edited.id)] == [1, 2, 3, 4]
