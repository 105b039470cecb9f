"""Pieces are listed by the time of their current revision, or in the order of saving, page by page."""

from datetime import timedelta
from random import Random

import pytest
from tests.unit.store.conftest import TickingClock

from satchel.store import Changes, Draft, Piece, Store


@pytest.fixture
def mixed(store: Store, clock: TickingClock) -> list[str]:
    """Ids, latest change first, of imported and edited Pieces whose changes are not in the order of saving."""
    now = clock.now
    ids = [
        store.add(
            Draft(b"x", title=str(day), created=now - timedelta(days=100), updated=now - timedelta(days=day))
        ).id
        for day in (3, 1, 2, 5, 4)
    ]
    saved = store.add(Draft(b"saved now")).id
    store.edit(ids[3], Changes(title="edited"))
    return [ids[3], saved, ids[1], ids[2], ids[0], ids[4]]


def _ids(pieces: list[Piece]) -> list[str]:
    return [piece.id for piece in pieces]


def test_the_latest_change_comes_first(store: Store, mixed: list[str]) -> None:
    listed = list(store.pieces())
    assert _ids(listed) == mixed
    assert [piece.updated for piece in listed] == sorted((piece.updated for piece in listed), reverse=True)
    assert _ids(list(store.pieces(newest_first=False))) == mixed[::-1]


def test_the_order_of_saving_stays(store: Store, mixed: list[str]) -> None:
    assert _ids(list(store.pieces(order="saved", newest_first=False))) == sorted(mixed)
    assert _ids(list(store.pieces(order="saved"))) == sorted(mixed, reverse=True)


@pytest.mark.parametrize("order", ["changed", "saved"])
@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_of_every_order_follow_one_another(
    store: Store, mixed: list[str], order: str, newest_first: bool, size: int
) -> None:
    pages: list[str] = []
    after = None
    while page := list(store.pieces(after=after, limit=size, order=order, newest_first=newest_first)):  # type: ignore[arg-type]
        pages += _ids(page)
        after = page[-1].id
    assert pages == _ids(list(store.pieces(order=order, newest_first=newest_first)))  # type: ignore[arg-type]
    assert sorted(pages) == sorted(mixed)


def test_changes_in_the_same_millisecond_are_each_listed_once(store: Store, clock: TickingClock) -> None:
    clock.step = timedelta(0)
    ids = _ids(list(store.add_many(Draft(b"%d" % number) for number in range(1_100))))
    for piece_id in Random(1).sample(ids, 300):
        store.edit(piece_id, Changes(title="edited"))
    listed = _ids(list(store.pieces()))
    assert sorted(listed) == ids
    pages: list[str] = []
    while page := list(store.pieces(after=pages[-1] if pages else None, limit=97)):
        pages += _ids(page)
    assert pages == listed


def test_a_piece_edited_by_a_slow_clock_is_listed_at_the_time_it_shows(
    store: Store, clock: TickingClock
) -> None:
    first, second = store.add(Draft(b"1")), store.add(Draft(b"2"))
    clock.now -= timedelta(days=1)
    edited = store.edit(second.id, Changes(title="edited yesterday"))
    assert edited.updated < first.updated
    assert _ids(list(store.pieces())) == [first.id, second.id]


def test_filters_keep_the_order(store: Store, clock: TickingClock) -> None:
    first = store.add(Draft(b"1", language="go", tags=("a",)))
    store.add(Draft(b"2", language="python", tags=("a",)))
    third = store.add(Draft(b"3", language="go", tags=("a", "b")))
    store.edit(first.id, Changes(title="edited"))
    assert _ids(list(store.pieces(language="go"))) == [first.id, third.id]
    assert _ids(list(store.pieces(language="go", tag="a", limit=1))) == [first.id]
    assert _ids(list(store.pieces(language="go", tag="a", after=first.id))) == [third.id]


def test_the_first_page_does_not_read_the_whole_store(store: Store) -> None:
    """Reading 20 of 20,000 Pieces takes few steps of SQLite's virtual machine, with and without edits."""
    pieces = list(store.add_many(Draft(b"x") for _ in range(5_000)))
    for piece in pieces[:200]:
        store.edit(piece.id, Changes(title="edited"))
    steps = 0

    def count() -> bool:
        nonlocal steps
        steps += 1
        return False

    store._connection.set_progress_handler(count, 100)
    assert len(list(store.pieces(limit=20))) == 20
    assert steps < 100
    after = pieces[2_500].id
    assert len(list(store.pieces(limit=20, after=after))) == 20
    assert steps < 200
