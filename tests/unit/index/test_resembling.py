"""Fingerprints of Pieces: made on demand, and erased with their Piece."""

from pathlib import Path

import pytest
from tests.unit.index.conftest import Save

from satchel.index import Index, database, resembling
from satchel.index.resembling import _PRINTS, _SHINGLES
from satchel.models.similarity import Fingerprint, fingerprint
from satchel.store import Store
from satchel.store.database import scalar

CODE = "def total(values):\n    result = 0\n    for value in values:\n        result += value * 2\n    return result\n"
OTHER = "class Point:\n    def __init__(self, x, y):\n        self.x = x\n        self.y = y\n        self.z = None\n"


def test_a_removed_piece_loses_its_fingerprint_with_its_words(save: Save, index: Index, store: Store) -> None:
    removed, kept = save(CODE), save(OTHER)
    assert [one.piece_id for one in index.similar(CODE)] == [removed.id]
    store.remove(removed.id)
    index.update()
    connection = index._connection
    assert scalar(connection, f"SELECT count(*) FROM {_PRINTS}") == 1
    assert scalar(connection, f"SELECT count(DISTINCT id) FROM {_SHINGLES}") == 1
    assert [one.piece_id for one in index.similar(OTHER)] == [kept.id]


def test_a_store_that_nobody_asked_for_similar_pieces_has_no_fingerprints(
    save: Save, index: Index, store: Store
) -> None:
    store.remove(save(CODE).id)
    index.update()
    assert scalar(index._connection, "SELECT count(*) FROM sqlite_schema WHERE name = ?", _PRINTS) == 0


def test_a_read_only_index_finds_similar_pieces(save: Save, index: Index, store: Store) -> None:
    piece = save(CODE)
    index.update()
    with Index(index.path, store, database._immutable(index.path)) as read_only:
        assert [one.piece_id for one in read_only.similar(CODE)] == [piece.id]


def test_a_piece_removed_while_it_is_fingerprinted_leaves_nothing(
    save: Save, index: Index, store: Store, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece = save(CODE)
    index.update()

    def remove_meanwhile(text: str) -> Fingerprint:
        with Index.open(home, store) as other:
            store.remove(piece.id)
            other.update()
        return fingerprint(text)

    monkeypatch.setattr("satchel.index.resembling.fingerprint", remove_meanwhile)
    resembling.catch_up(index._connection, store, lambda _pieces: None)
    assert scalar(index._connection, f"SELECT count(*) FROM {_PRINTS}") == 0
    assert scalar(index._connection, f"SELECT count(*) FROM {_SHINGLES}") == 0
