"""The change feed returns every change once, in order, and its marks distinguish histories."""

import shutil
from pathlib import Path

from satchel.store import Changes, Draft, Mark, Store

TEXT_BYTES = 1_000


def _ids(store: Store, counter: int) -> list[str]:
    batches = store.changed_since(counter, text_bytes=TEXT_BYTES)
    return [changed.piece.id for batch in batches for changed in batch.changed]


def test_a_new_store_has_no_changes(store: Store) -> None:
    assert store.change_counter == 0
    assert store.mark == Mark(0, 0, 0)
    assert list(store.changed_since(0, text_bytes=TEXT_BYTES)) == []
    assert store.recognizes(store.mark)


def test_every_change_moves_the_counter(store: Store) -> None:
    piece = store.add(Draft(b"1"))
    store.edit(piece.id, Changes(title="x"))
    store.remove(piece.id)
    assert store.change_counter == 3


def test_a_change_holds_piece_text_and_digest(store: Store) -> None:
    piece = store.add(Draft(b"text", title="t"))
    image = store.add(Draft(b"\x89PNG\r\n\x1a\n\x00"))
    [batch] = store.changed_since(0, text_bytes=2)
    assert [(one.piece, one.text) for one in batch.changed] == [(piece, b"te"), (image, None)]
    assert len({one.digest for one in batch.changed}) == 2
    assert batch.mark == store.mark


def test_an_edited_piece_appears_once_in_its_current_state(store: Store) -> None:
    piece, other = store.add(Draft(b"1")), store.add(Draft(b"2"))
    edited = store.edit(piece.id, Changes(title="new", content=b"3"))
    [batch] = store.changed_since(0, text_bytes=TEXT_BYTES)
    assert [(one.piece, one.text) for one in batch.changed] == [(other, b"2"), (edited, b"3")]


def test_only_changes_after_the_counter_are_returned(store: Store) -> None:
    store.add(Draft(b"1"))
    counter = store.change_counter
    second = store.add(Draft(b"2"))
    assert _ids(store, counter) == [second.id]
    assert _ids(store, store.change_counter) == []


def test_a_removed_piece_appears_only_as_a_removal(store: Store) -> None:
    kept, removed = store.add(Draft(b"1")), store.add(Draft(b"2"))
    store.remove(removed.id)
    [batch] = store.changed_since(0, text_bytes=TEXT_BYTES)
    assert [one.piece for one in batch.changed] == [kept]
    assert len(batch.removed) == 1
    assert batch.mark == store.mark


def test_an_edit_of_a_piece_removed_later_still_moves_the_mark(store: Store) -> None:
    piece = store.add(Draft(b"1"))
    counter = store.change_counter
    store.edit(piece.id, Changes(title="a"))
    store.remove(piece.id)
    [batch] = store.changed_since(counter, text_bytes=TEXT_BYTES)
    assert (batch.changed, batch.mark.counter) == ((), 3)


def test_batches_contain_every_change(store: Store) -> None:
    pieces = list(store.add_many(Draft(b"x") for _ in range(4_500)))
    store.remove(pieces[10].id)
    store.edit(pieces[20].id, Changes(title="later"))
    batches = list(store.changed_since(0, text_bytes=TEXT_BYTES))
    assert len(batches) > 2
    found = [changed.piece.id for batch in batches for changed in batch.changed]
    assert sorted(found) == sorted(piece.id for piece in pieces if piece != pieces[10])
    assert [batch.mark.counter for batch in batches] == sorted(batch.mark.counter for batch in batches)
    assert batches[-1].mark == store.mark


def test_batches_of_long_texts_are_smaller(store: Store) -> None:
    list(store.add_many(Draft(b"x" * 1_000_000) for _ in range(20)))
    batches = list(store.changed_since(0, text_bytes=10**6))
    assert max(len(batch.changed) for batch in batches) <= 9
    assert sum(len(batch.changed) for batch in batches) == 20


def test_marks_of_the_same_history_are_recognized(store: Store) -> None:
    marks = [store.mark]
    piece = store.add(Draft(b"1"))
    marks.append(store.mark)
    store.edit(piece.id, Changes(title="x"))
    marks.append(store.mark)
    store.remove(piece.id)
    marks.append(store.mark)
    store.add(Draft(b"2"))
    assert all(store.recognizes(mark) for mark in marks)


def test_marks_of_another_history_are_not_recognized(store: Store, tmp_path: Path) -> None:
    store.add(Draft(b"1"))
    copy_home = tmp_path / "older"
    shutil.copytree(store.home, copy_home)
    store.add(Draft(b"2"))
    lost = store.mark
    with Store.open(copy_home) as older:
        assert not older.recognizes(lost)
        older.add(Draft(b"3"))
        assert older.change_counter == lost.counter
        assert not older.recognizes(lost)
        older.add(Draft(b"4"))
        assert not older.recognizes(lost)
