"""Search by meaning: what it finds, when it is not used, and the queue of Pieces that wait for a vector."""

import time
from pathlib import Path

import apsw
import pytest
from tests.support.minilm import require_weights
from tests.unit.index.conftest import Save

from satchel.index import Index, Meaning, embedding_queue, vectors
from satchel.index.fusion import LEAST_COSINE, fuse
from satchel.index.nearness import Nearness
from satchel.index.query import plain_words
from satchel.index.ranking import Span
from satchel.models.embedding import open_encoder
from satchel.models.embedding.encoder import Encoder
from satchel.models.embedding.texts import LINE_WEIGHT, START_WEIGHT, View, views_of
from satchel.models.interface import Subject
from satchel.models.titles import outline_of
from satchel.store import Changes, Draft, Store

UNIQUE = "def unique(items):\n    return list(dict.fromkeys(items))"
HEADER = "def parse_header(line):\n    name, _, value = line.partition(':')\n    return name.strip(), value.strip()"
SQL = "SELECT name, count(*) FROM users GROUP BY name HAVING count(*) > 1"
QUERY = "remove duplicates while keeping their order"  # shares no word with UNIQUE


@pytest.fixture(autouse=True)
def weights() -> None:
    require_weights()


@pytest.fixture
def saved(save: Save) -> dict[str, str]:
    """Ids by name."""
    return {
        "unique": save(UNIQUE, title="", language="python").id,
        "header": save(HEADER, language="python", tags=("http",)).id,
        "sql": save(SQL, language="sql").id,
    }


def by_meaning(index: Index, query: str, span: Span | None = None) -> list[tuple[str, str]]:
    found = index.find(query, meaning=Meaning(budget_s=None), span=span)
    return [(hit.piece.id, hit.found_by) for hit in found.hits]


def blocks(home: Path) -> bytes:
    connection = apsw.Connection(str(home / "index.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return b"".join(data for (data,) in connection.execute("SELECT data FROM vectors ORDER BY block"))
    finally:
        connection.close()


def test_a_query_that_shares_no_word_finds_by_meaning(index: Index, saved: dict[str, str]) -> None:
    assert index.find(QUERY).hits == []
    assert by_meaning(index, QUERY)[0] == (saved["unique"], "meaning")


def test_a_single_word_that_nothing_contains_finds_by_meaning(index: Index, saved: dict[str, str]) -> None:
    assert by_meaning(index, "deduplicate")[0] == (saved["unique"], "meaning")


@pytest.mark.parametrize(
    "query", ["parse_header", '"parse header"', "pars* head*", "fromkeys OR parse", "users"]
)
def test_names_phrases_prefixes_and_or_find_by_words_alone(
    index: Index, saved: dict[str, str], query: str
) -> None:
    words = [(hit.piece.id, "words") for hit in index.find(query).hits]
    assert words
    assert by_meaning(index, query) == words


def test_a_piece_that_has_the_words_and_the_meaning_comes_first(index: Index, saved: dict[str, str]) -> None:
    assert by_meaning(index, "parse a header line")[0][0] == saved["header"]
    assert by_meaning(index, "parse header")[0] == (saved["header"], "both")


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("lang:python", True),
        ("lang:sql", False),
        ("tag:http", False),
        ("-fromkeys", False),
        ("-partition", True),
    ],
)
def test_filters_and_exclusions_hold_for_meaning(
    index: Index, saved: dict[str, str], query: str, *, is_found: bool
) -> None:
    found = [ulid for ulid, _ in by_meaning(index, f"{QUERY} {query}")]
    assert (saved["unique"] in found) == is_found


def test_the_span_of_time_holds_for_meaning(index: Index, saved: dict[str, str]) -> None:
    now_ms = int(time.time() * 1000)
    assert by_meaning(index, QUERY, span=(now_ms - 3_600_000, now_ms + 3_600_000))
    assert by_meaning(index, QUERY, span=(0, 1_000)) == []


def test_a_typing_error_is_corrected_before_meaning_is_asked(index: Index, saved: dict[str, str]) -> None:
    found = index.find("parse haeder", meaning=Meaning())
    assert [each.typed for each in found.corrections] == ["haeder"]
    assert found.hits[0].piece.id == saved["header"]


def test_a_removed_piece_loses_its_vector_at_once(
    home: Path, store: Store, index: Index, saved: dict[str, str]
) -> None:
    by_meaning(index, QUERY)
    vector = open_encoder().rounded_sum(views_of("", (), UNIQUE, "python"))
    assert vector in blocks(home)
    store.remove(saved["unique"])
    index.update()
    assert vector not in blocks(home)
    assert saved["unique"] not in [ulid for ulid, _ in by_meaning(index, QUERY)]


def test_an_edited_piece_is_embedded_again(store: Store, index: Index, saved: dict[str, str]) -> None:
    by_meaning(index, QUERY)
    store.edit(saved["unique"], Changes(content=b"the weather in Lisbon is mild in winter"))
    assert saved["unique"] not in [ulid for ulid, _ in by_meaning(index, QUERY)]
    assert by_meaning(index, "climate of Portugal")[0][0] == saved["unique"]


def test_without_time_pieces_wait_and_are_counted(index: Index, saved: dict[str, str]) -> None:
    found = index.find(QUERY, meaning=Meaning(budget_s=0))
    assert (found.hits, found.waiting) == ([], 3)
    assert index.find(QUERY, meaning=Meaning(budget_s=None)).waiting == 0


def test_a_killed_process_continues_with_the_next_search(index: Index, store: Store) -> None:
    for number in range(2 * embedding_queue.AT_ONCE + 3):
        store.add(Draft(f"note {number}".encode()))

    def kill(_pieces: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.find("some note", meaning=Meaning(None, kill))
    embedded: list[int] = []
    index.find("some note", meaning=Meaning(None, embedded.append))
    assert embedded == [embedding_queue.AT_ONCE, 3]


def test_a_piece_that_changes_meanwhile_stays_in_the_queue(
    home: Path, store: Store, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    ulid = save(UNIQUE).id
    with Index.open(home, store) as index, Index.open(home, store) as other:

        def edit(_encoder: Encoder, _views: list[View]) -> bytes:
            store.edit(ulid, Changes(title="edited"))
            other.update()
            return b"\1" * vectors.DIMENSIONS

        monkeypatch.setattr(Encoder, "rounded_sum", edit)
        found = index.find(QUERY, meaning=Meaning(budget_s=0.000_1))
        assert found.waiting == 1
        assert blocks(home) == b""


def test_an_index_that_cannot_be_written_uses_the_vectors_it_has(
    home: Path, store: Store, index: Index, saved: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_meaning(index, QUERY)
    index.close()
    monkeypatch.setattr("satchel.index.database.os.access", lambda *_: False)
    with Index.open(home, store) as opened:
        assert opened._connection.readonly("main")
        assert by_meaning(opened, QUERY)[0] == (saved["unique"], "meaning")


def test_an_empty_piece_has_no_vector(index: Index, store: Store) -> None:
    store.add(Draft(b"\x89PNG\r\n\x1a\n\0\0", media_type="image/png"))
    assert by_meaning(index, QUERY) == []


def test_scores_are_added_and_far_pieces_need_every_word() -> None:
    found = fuse([1, 2], {1: 4.0, 2: 2.0, 3: 8.0}, {1: 0.5, 2: 0.0, 3: 0.6, 4: LEAST_COSINE - 0.01}, {})
    assert [(one.key, one.found_by) for one in found] == [(3, "meaning"), (1, "both"), (2, "words")]
    assert found[0].score == pytest.approx(0.15 + 0.85 * 0.6)


def test_a_piece_with_some_words_may_be_farther() -> None:
    found = fuse([], {1: 1.0, 4: 1.0}, {1: 0.25, 2: 0.25, 3: 0.1, 4: 0.1}, {})
    assert [(one.key, one.found_by) for one in found] == [(1, "meaning")]


def test_a_crowded_piece_loses_to_one_of_nearly_the_same_score_only() -> None:
    near = {1: 0.50, 2: 0.49, 3: 0.40}
    assert [one.key for one in fuse([], {}, near, {1: 0.1, 2: -0.1, 3: -1.0})] == [2, 1, 3]


def test_a_piece_that_resembles_many_others_is_crowded(index: Index, save: Save) -> None:
    alone = save("SELECT count(*) FROM users")
    others = [save(f"def add_{name}(a, b):\n    return a + b") for name in "abcdefghijkl"]
    index.find("some sum", meaning=Meaning(budget_s=None))
    keys = {int(row[0]): str(row[1]) for row in index._connection.execute("SELECT id, ulid FROM pieces")}
    near = Nearness(index._connection, open_encoder().vector("some sum"))
    found = {keys[key]: value for key, value in near.crowding(keys).items()}
    assert min(found, key=lambda ulid: found[ulid]) == alone.id
    assert sum(found.values()) == pytest.approx(0, abs=1e-5)
    assert found[alone.id] < -0.2 < min(found[one.id] for one in others)


def test_without_candidates_nothing_is_crowded(index: Index) -> None:
    index.update()
    assert Nearness(index._connection, open_encoder().vector("some sum")).crowding([]) == {}


def test_an_untitled_piece_is_also_read_by_the_title_of_its_content() -> None:
    outline = outline_of(Subject(HEADER, language="python"))
    assert outline
    assert views_of("", (), HEADER, "python") == [(HEADER, START_WEIGHT), (outline.title, LINE_WEIGHT)]
    assert views_of("Split a header", ("http",), HEADER, "python") == [
        (f"Split a header\nhttp\n{HEADER}", START_WEIGHT),
        ("Split a header", LINE_WEIGHT),
    ]
    assert views_of("page.html", (), "<p>", "html") == [("page.html\n<p>", 1.0)]
    assert views_of(" ", (), "\n", None) == []


def test_identifiers_in_a_query_are_read_as_words() -> None:
    assert (
        plain_words("parse_http_header of `std::vector` -draft lang:py parseURL")
        == "parse http header of std vector parse url"
    )
