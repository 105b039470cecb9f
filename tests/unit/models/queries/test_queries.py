"""Suggested searches: they find their Piece with satchel's own search, and look like what a person types."""

from pathlib import Path

import pytest

from satchel.index import Index
from satchel.models.interface import Subject
from satchel.models.registry import open_model
from satchel.store import Draft, Store

ROOT = Path(__file__).resolve().parents[4]
FOUND_FIRST = 10
LEAST_FOUND = 0.8


def queries(text: str, title: str = "") -> list[str]:
    return [one.value for one in open_model("queries").suggest(Subject(text, title=title))]


def functions() -> list[str]:
    """Return functions and classes of satchel itself, each a text."""
    found: list[str] = []
    for path in sorted((ROOT / "client" / "satchel").rglob("*.py")):
        parts = path.read_text("utf-8").split("\n\n\n")
        found += [part for part in parts if part.startswith(("def ", "class ", "@")) and part.count("\n") > 4]
    return found[:1_200]


def test_most_queries_find_their_piece(tmp_path: Path) -> None:
    texts = functions()
    assert len(texts) >= 1_000
    with Store.create(tmp_path) as store:
        pieces = list(store.add_many(Draft(text.encode()) for text in texts))
        with Index.open(tmp_path, store) as index:
            found = [
                pieces[at].id in [hit.piece.id for hit in index.search(query, FOUND_FIRST)]
                for at in range(0, len(texts), 12)
                for query in queries(texts[at])
            ]
    assert len(found) >= 200
    assert sum(found) / len(found) >= LEAST_FOUND


def test_a_query_has_telling_words_of_the_text() -> None:
    text = "def parse_header(line):\n    name, _, value = line.partition(':')\n    return name, value\n"
    assert queries(text)[0] == "parse header line partition"
    assert {word for query in queries(text) for word in query.split()} <= set(
        text.replace("_", " ").replace(".", " ").replace("(", " ").split()
    )


def test_queries_are_few_short_and_distinct() -> None:
    found = queries((ROOT / "client" / "satchel" / "index" / "words.py").read_text("utf-8"))
    assert 3 <= len(found) <= 5
    assert all(2 <= len(query.split()) <= 4 for query in found)
    assert len({frozenset(query.split()) for query in found}) == len(found)


def test_the_owners_title_is_a_query() -> None:
    assert queries("x = 1\n", title="Settings of the printer")[0] == "settings printer"


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNNQEXAMPLE",
        "AKIA1OSF0DNN7EXAMPLE",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "9f86d081884c7d659a2feaa0c55ad015",
    ],
)
def test_no_key_becomes_a_query(secret: str) -> None:
    text = f"upload the report\nkey = '{secret}'\n" * 3
    parts = {part for query in queries(text) for part in query.split()}
    assert parts <= {"upload", "report", "key"}


def test_a_content_without_words_has_no_query() -> None:
    assert queries("") == []
    assert queries("12 34 != 56;\n") == []
