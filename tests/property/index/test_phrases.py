"""Words, phrases and names find in a very large index exactly what ranking every match finds."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satchel.index import Index, parse, ranking
from satchel.index.words import Words
from satchel.store import Draft, Store

PARTS = ["parse", "http", "header", "headers", "get", "x", "größe", "v2"]
words = st.lists(st.sampled_from(PARTS), min_size=1, max_size=12)
names = st.lists(st.sampled_from(PARTS), min_size=1, max_size=3)


def snake(parts: list[str]) -> str:
    return "_".join(parts)


def camel(parts: list[str]) -> str:
    return parts[0] + "".join(part.capitalize() for part in parts[1:])


def quoted(parts: list[str]) -> str:
    return f'"{" ".join(parts)}"'


def joined(parts: list[str]) -> str:
    return "".join(parts)


spellings = st.sampled_from([snake, camel, joined, " ".join])
texts = st.lists(st.tuples(names, spellings), min_size=1, max_size=8).map(
    lambda found: "\n".join(spell(parts) for parts, spell in found)
)
drafts = st.lists(st.tuples(texts, st.sampled_from(["go", "python"])), min_size=1, max_size=12)
queries = st.tuples(names, st.sampled_from([snake, camel, joined, quoted])).map(lambda one: one[1](one[0]))
conditions = st.sampled_from(["", " lang:go", " -get", " lang:python -http"])


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Index]]:
    home = tmp_path_factory.mktemp("phrases") / "home"
    with Store.create(home) as store, Index.open(home, store) as index, pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking, "LARGE_PIECES", 1)
        patch.setattr(ranking, "VERY_LARGE_PIECES", 1)
        yield store, index


@settings(max_examples=30)
@given(drafts=drafts, query=queries, condition=conditions)
def test_one_phrase_finds_what_ranking_every_match_finds(
    opened: tuple[Store, Index], drafts: list[tuple[str, str]], query: str, condition: str
) -> None:
    store, index = opened
    for piece in list(store.pieces()):
        store.remove(piece.id)
    list(store.add_many(Draft(text.encode(), title="", language=language) for text, language in drafts))
    index.update()
    connection, parsed = index._connection, parse(query + condition)
    found = ranking.best_matches(connection, parsed, 50, 0)
    every = ranking.rank_every_match(connection, parsed, 50)
    assert {piece for piece, _ in found} == {piece for piece, _ in every}
    assert {piece for piece, _ in found} == _exhaustive(store, query, condition)
    if not condition:
        assert [score for _, score in found] == pytest.approx([score for _, score in every])


def _exhaustive(store: Store, query: str, condition: str) -> set[str]:
    """Return the Pieces that match by their own words, without an index."""
    (phrase,) = parse(query).phrases
    wanted = [f" {' '.join(phrase.words)} ", *([f" {phrase.whole} "] if phrase.whole else [])]
    found = set()
    for piece in store.pieces():
        text = store.content(piece.id).decode()
        body, beside = Words().of_text(text)
        columns = f" {body} | {beside} | {' '.join(Words().of_text(piece.title))} "
        is_excluded = any(
            f" {part} " in columns for part in ("get", "http") if f"-{part}" in condition
        ) or any(f"lang:{other}" in condition for other in ("go", "python") if piece.language != other)
        if any(each in columns for each in wanted) and not is_excluded:
            found.add(piece.id)
    return found
