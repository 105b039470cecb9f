"""Words that no Piece contains are replaced by similar ones; other words never are."""

import apsw
import pytest
from tests.unit.index.conftest import Save

from satchel.index import Index, database
from satchel.index import search_index as searching
from satchel.index.corrections import Correction, correct
from satchel.index.query import Query
from satchel.store import Store


@pytest.mark.parametrize(
    ("query", "used"),
    [
        ("kubect", "kubectl"),
        ("kubetcl", "kubectl"),
        ("ubectl", "kubectl"),
        ("kubernets", "kubernetes"),
        ("ffmepg", "ffmpeg"),
        ("fmpeg", "ffmpeg"),
        ("postgre", "postgresql"),
        ("javascrpt", "javascript"),
        ("paralelize", "parallelize"),
        ("KUBECT", "kubectl"),
    ],
)
def test_a_typing_error_is_corrected(query: str, used: str, save: Save, index: Index) -> None:
    piece = save(f"run {used} now", title="the one")
    save("something else entirely, with many other words")
    found = index.find(query)
    assert [hit.piece.id for hit in found.hits] == [piece.id]
    assert [each.typed for each in found.corrections] == [query.lower()]


def test_parts_of_names_are_corrected(save: Save, index: Index) -> None:
    piece = save("def parseHttpHeader(line): ...")
    found = index.find("parse_htpp_heder")
    assert [hit.piece.id for hit in found.hits] == [piece.id]
    assert found.corrections == (Correction("heder", ("header",)), Correction("htpp", ("http",)))[::-1]


def test_only_the_word_that_nothing_contains_is_corrected(save: Save, index: Index) -> None:
    piece = save("kubectl get pods", tags=("ops",))
    save("kubectl apply", tags=("dev",))
    found = index.find("kubect pods tag:ops -apply")
    assert [hit.piece.id for hit in found.hits] == [piece.id]
    assert found.corrections == (Correction("kubect", ("kubectl",)),)


def test_all_equally_similar_words_are_searched(save: Save, index: Index) -> None:
    pieces = {save("cable").id, save("table").id}
    found = index.find("xable")
    assert {hit.piece.id for hit in found.hits} == pieces
    assert set(found.corrections[0].used) == {"cable", "table"}


@pytest.mark.parametrize(
    "query",
    [
        "zebra",
        "kub",
        "xyz",
        "kubecx*",
        "pods zebra",
        "kubectl zzzzz",
        "lang:pyhton",
        '"get kubectl"',
        "12345",
    ],
)
def test_nothing_similar_is_nothing_found(query: str, save: Save, index: Index) -> None:
    save("kubectl get pods")
    assert index.find(query) == searching.Found([])


def test_words_that_occur_are_never_replaced(
    save: Save, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    save("kubect is a misspelling")
    save("kubectl get pods")

    def refuse(_connection: apsw.Connection, _query: Query) -> None:
        raise AssertionError("the words were found")

    monkeypatch.setattr(searching, "correct", refuse)
    assert [hit.snippet for hit in index.find("kubect").hits] == ["kubect is a misspelling"]


def test_words_that_never_occur_together_are_not_replaced(save: Save, index: Index) -> None:
    save("kubectl")
    save("pods")
    assert index.find("kubectl pods") == searching.Found([])


def test_a_removed_word_is_not_suggested(save: Save, index: Index) -> None:
    piece = save("correcthorsebattery")
    index.update()
    index._store.remove(piece.id)
    assert index.find("correcthorsebatery") == searching.Found([])


def test_a_large_index_is_searched_by_the_first_letters(
    save: Save, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("satchel.index.corrections.is_large", lambda _connection: True)
    save("kubectl get pods")
    assert index.find("kubect").corrections == (Correction("kubect", ("kubectl",)),)
    assert index.find("ubectl").hits == []  # the price of reading only words with k, u or b


def test_a_read_only_index_corrects_too(save: Save, index: Index, store: Store) -> None:
    save("kubectl get pods")
    index.update()
    index.close()
    with Index(index.path, store, database._immutable(index.path)) as read_only:
        assert len(read_only.find("kubect").hits) == 1


@pytest.mark.parametrize("either", ["kubect OR zebra", "zebra OR kubect"])
def test_alternatives_are_corrected_only_if_none_is_found(either: str, save: Save, index: Index) -> None:
    save("kubectl get pods")
    assert index.find("pods OR kubect").corrections == ()
    found = index.find(either)
    assert len(found.hits) == (1 if either.startswith("kubect") else 0)


def test_without_a_connection_to_the_vocabulary_nothing_is_kept(save: Save, index: Index) -> None:
    save("kubectl get pods")
    index.find("kubect")
    tables = index._connection.execute("SELECT name FROM sqlite_schema").fetchall()
    assert "vocabulary" not in {name for (name,) in tables}
    assert correct(index._connection, Query((), ())) is None
