"""In a large index only candidates are ranked, in the same order as when every match is ranked."""

from pathlib import Path
from random import Random
from typing import Any

import apsw
import pytest

from satchel.index import Index, candidates, parse, phrase_ranking, prefix_ranking, ranking, search_index
from satchel.index.impact import LENGTH_LIMITS, LEVELS, LOWEST_RATIO, length_limits, leveled, levels_of
from satchel.store import Draft, Store

WORDS = ["return", "returned", "retry", "value", "header", "parse", "render", "queries", "größe", "文件"]
QUERIES = [
    "return",
    "value",
    "header -render",
    "queries",
    "größe",
    "header lang:go",
    '"return value"',
    "return value",
    "parse header",
    "returnValue",
    "ret*",
    "que*",
    "queries*",
    "grö*",
    "文*",
    "ret* lang:go -parse",
]


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a store of 1,500 Pieces count as large, and 100 matches as many."""
    monkeypatch.setattr(ranking, "LARGE_PIECES", 1_000)
    monkeypatch.setattr(ranking, "RANKED_MATCHES", 100)
    monkeypatch.setattr(ranking, "RANKED_OF_ONE_WORD", 100)
    for module in (candidates, ranking, prefix_ranking):
        monkeypatch.setattr(module, "CANDIDATES", 60)
    for module in (ranking, search_index):
        monkeypatch.setattr(module, "SCORED_MATCHES", 50)


@pytest.fixture
def large(home: Path, store: Store, index: Index) -> Index:
    """An index of Pieces with words of varying number, order and column."""
    chooser = Random(3)
    list(store.add_many(_draft(chooser) for _ in range(1_500)))
    index.update()
    return index


def _draft(chooser: Random) -> Draft:
    words = chooser.choices(WORDS, k=chooser.randint(1, 12)) + [f"filler{chooser.randrange(500)}"] * 4
    words += chooser.choices(["returnValue", "parseHeader", *(f"other{n}" for n in range(40))], k=30)
    chooser.shuffle(words)
    title = " ".join(chooser.choices(WORDS, k=2)) if chooser.random() < 0.2 else "untitled"
    language = chooser.choice(["go", "python"])
    return Draft(" ".join(words).encode(), title=title, language=language)


@pytest.mark.parametrize("query", QUERIES)
def test_the_first_matches_are_those_of_ranking_every_match(large: Index, query: str) -> None:
    found = [hit.piece.id for hit in large.search(query, limit=10)]
    every = ranking.rank_every_match(large._connection, parse(query), 10)
    assert found == [piece for piece, _ in every]
    assert len(found) == 10


@pytest.mark.parametrize("query", ["return", "return value", "ret*"])
def test_pages_are_consecutive(large: Index, query: str) -> None:
    everything = [hit.piece.id for hit in large.search(query, limit=40)]
    assert [hit.piece.id for at in range(0, 40, 10) for hit in large.search(query, 10, at)] == everything
    assert len(set(everything)) == 40


@pytest.mark.parametrize("query", ["return", "ret*"])
def test_every_match_is_found_on_request(large: Index, query: str) -> None:
    matches = ranking.rank_every_match(large._connection, parse(query), 5_000)
    assert {hit.piece.id for hit in large.search(query, 5_000)} == {piece for piece, _ in matches}


def test_scores_of_candidates_descend(large: Index) -> None:
    for query in ("return", "ret*"):
        scores = [hit.score for hit in large.search(query)]
        assert scores == sorted(scores, reverse=True)
        assert scores[-1] > 0


def test_a_removed_piece_is_not_a_candidate(large: Index, store: Store) -> None:
    for query in ("return", "ret*"):
        best = large.search(query)[0].piece.id
        store.remove(best)
        assert best not in {hit.piece.id for hit in large.search(query)}


@pytest.fixture
def very_large(large: Index, monkeypatch: pytest.MonkeyPatch) -> Index:
    """Make the index count as very large, so that the matches of one phrase are found and scored in one pass."""
    monkeypatch.setattr(ranking, "VERY_LARGE_PIECES", 1_000)
    return large


@pytest.mark.parametrize(
    "query", ["return", "header -render", "größe", "header lang:go", '"return value"', "returnValue"]
)
def test_every_match_of_one_phrase_is_scored_in_one_pass(
    very_large: Index, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr(ranking, "RANKED_OF_ONE_WORD", 5_000)
    monkeypatch.setattr(phrase_ranking, "SCORED", 5_000)
    connection, parsed = very_large._connection, parse(query)
    found = ranking.best_matches(connection, parsed, 50, 0)
    every = ranking.rank_every_match(connection, parsed, 50)
    assert [piece for piece, _ in found] == [piece for piece, _ in every]


@pytest.mark.parametrize(
    "query", ["return", "header -render", "header lang:go", '"return value"', "returnValue"]
)
def test_the_first_of_very_many_matches_of_one_phrase(
    very_large: Index, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    for name, value in (("SCORED", 50), ("CANDIDATES", 80), ("SHORTEST", 30), ("SAMPLE", 20)):
        monkeypatch.setattr(phrase_ranking, name, value)
    for name in ("RANKED_OF_ONE_WORD", "RANKED_OF_ONE_PHRASE"):
        monkeypatch.setattr(ranking, name, 60)
    connection, parsed = very_large._connection, parse(query)
    assert len(ranking.rank_every_match(connection, parsed, 5_000)) > 60
    found = [piece for piece, _ in ranking.best_matches(connection, parsed, 10, 0)]
    every = {piece for piece, _ in ranking.rank_every_match(connection, parsed, 10)}
    assert len(set(found)) == 10
    assert len(every.intersection(found)) >= 8
    assert {hit.piece.id for hit in very_large.search(query, 10)} == set(found)


def test_long_pieces_are_found_if_no_short_one_matches(
    very_large: Index, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("SCORED", 5), ("CANDIDATES", 80), ("SHORTEST", 30), ("SAMPLE", 20)):
        monkeypatch.setattr(phrase_ranking, name, value)
    monkeypatch.setattr(ranking, "RANKED_OF_ONE_PHRASE", 10)
    words = " ".join(f"long{number}" for number in range(900))
    list(store.add_many(Draft(f"{words} rare phrase {number}".encode()) for number in range(30)))
    assert len({hit.piece.id for hit in very_large.search('"rare phrase"', 20)}) == 20


@pytest.mark.parametrize("query", ["re*", "ret*", "retur*", "val*", "grö*", "qu*", "ret* lang:go"])
def test_only_candidates_of_a_prefix_are_ranked(
    large: Index, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    every = {piece for piece, _ in ranking.rank_every_match(large._connection, parse(query), 10)}
    monkeypatch.setattr(ranking, "_ranked", refuse_to_rank_all(ranking._ranked))
    found = {hit.piece.id for hit in large.search(query, 10)}
    assert len(found) == 10
    assert len(found & every) >= 8, len(found & every)


def refuse_to_rank_all(rank: Any) -> Any:  # noqa: ANN401  a function
    """Return the function that ranks, except that it refuses an expression without levels."""

    def ranked(connection: apsw.Connection, match: str, *more: Any) -> Any:  # noqa: ANN401  as the function
        assert leveled("", LEVELS - 1) in match, match
        return rank(connection, match, *more)

    return ranked


@pytest.mark.parametrize("query", ["retur*", "valu*", "rend*", "retur* lang:go"])
def test_a_long_prefix_is_ranked_by_texts_in_a_very_large_index(
    very_large: Index, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    every = {piece for piece, _ in ranking.rank_every_match(very_large._connection, parse(query), 10)}
    monkeypatch.delattr(ranking, "_ranked")
    found = very_large.search(query, 10)
    assert len({hit.piece.id for hit in found} & every) >= 8
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


def test_a_removed_piece_is_not_found_by_its_long_prefix(very_large: Index, store: Store) -> None:
    best = very_large.search("retur*", 10)[0].piece.id
    store.remove(best)
    found = [hit.piece.id for hit in very_large.search("retur*", 10)]
    assert best not in found
    assert len(found) == 10


def test_a_rare_long_prefix_is_ranked_by_every_match_in_a_very_large_index(
    very_large: Index, store: Store
) -> None:
    rare = store.add(Draft(b"value zzebra", language="go")).id
    assert [hit.piece.id for hit in very_large.search("zzeb*", 10)] == [rare]


def test_a_prefix_with_few_candidates_is_ranked_by_every_match(
    large: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "CANDIDATES", 5_000)
    every = ranking.rank_every_match(large._connection, parse("ret*"), 10)
    assert [hit.piece.id for hit in large.search("ret*", 10)] == [piece for piece, _ in every]


@pytest.mark.parametrize("query", ["value re*", "header -render re*", "parse va* lang:go", "value retur*"])
def test_a_prefix_beside_other_words(large: Index, query: str) -> None:
    every = ranking.rank_every_match(large._connection, parse(query), 10)
    assert [hit.piece.id for hit in large.search(query, 10)] == [piece for piece, _ in every]


def test_a_piece_of_average_length_exceeds_the_lower_limits() -> None:
    assert [LENGTH_LIMITS[number] for number in length_limits(1.0)] == [1.2, 2.0, 4.0]
    assert length_limits(0.0) == list(range(len(LENGTH_LIMITS)))
    assert length_limits(LENGTH_LIMITS[-1] + 1) == []


def test_only_words_with_a_high_ratio_have_a_level() -> None:
    body = "often often often often once " + "other " * 5
    columns = ("title", "", "", body.strip(), "", "")
    entries = levels_of(columns[:-1], 11, 11.0).split()
    assert sorted(entry[1:] for entry in entries) == ["often", "other", "title"]
    assert entries == [leveled(entry[1:], ord(entry[0]) - ord(leveled("", 0))) for entry in entries]


def test_a_word_that_fills_a_short_piece_has_the_highest_level() -> None:
    (entry,) = levels_of(("a a a a a a a a a a", "", "", "", ""), 10, 1_000.0).split()
    assert entry == leveled("a", LEVELS - 1)


def test_a_ratio_just_high_enough_has_the_lowest_level() -> None:
    body = " ".join(["word"] * int(LOWEST_RATIO))
    assert levels_of(("", "", "", body, ""), 10, 10.0) == leveled("word", 0)


def test_queries_of_one_connection_do_not_mix(very_large: Index) -> None:
    connection = very_large._connection
    for query in ("returnValue", "header", "parse_header", "value", "returnValue"):
        found = ranking.best_matches(connection, parse(query), 50, 0)
        assert {piece for piece, _ in found} <= {
            piece for piece, _ in ranking.rank_every_match(connection, parse(query), 5_000)
        }


def test_few_matches_of_a_short_prefix_are_all_found(large: Index, store: Store) -> None:
    rare = store.add(Draft(b"value zzebra", language="go")).id
    assert [hit.piece.id for hit in large.search("value zz*", 10)] == [rare]
    assert [hit.piece.id for hit in large.search("zz*", 10)] == [rare]
    assert large.search("value yy*", 10) == []


def test_the_best_matches_among_some_pieces(large: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    every = ranking.rank_every_match(large._connection, parse("value"), 5_000)
    keys = {ulid: key for key, ulid in large._connection.execute("SELECT id, ulid FROM pieces")}
    some = set(sorted(keys.values())[::3])  # by place: a key is the time at which its Piece was saved
    wanted = [piece for piece, _ in every if keys[piece] in some]
    assert [piece for piece, _ in large.matches_among("value", some)] == wanted
    first = large.first_accepted("value", some.__contains__, 10)
    assert first is not None
    assert [piece for piece, _ in first] == wanted[:10]
    few = set(sorted(some)[:3])
    assert large.first_accepted("value", few.__contains__, 10) is None, "there may be others"
    monkeypatch.setattr(ranking, "VERY_LARGE_PIECES", 1_000)
    likely = large.first_accepted("retur*", some.__contains__, 10)
    assert likely is not None
    assert {keys[piece] for piece, _ in likely} <= some
    assert large.first_accepted("retur*", few.__contains__, 10) is None, "there may be others"
    newest = [piece for piece, _ in large.matches_among("lang:go", some)]
    assert newest == sorted(newest, key=lambda piece: -keys[piece])
    assert {keys[piece] for piece in newest} <= some
