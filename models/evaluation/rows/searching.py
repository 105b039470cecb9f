"""Search by meaning: each function is found by what its author says about it, and by its name."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import apsw

from models.evaluation.figures import Figure
from models.evaluation.metrics import Value, mean, reciprocal_rank, words
from models.evaluation.sampling import chosen
from models.evaluation.sets.functions import SMALL, Function, pairs
from models.evaluation.sets.loading import Sets
from models.evaluation.trial import Trial

Finder = Callable[[str], Sequence[int]]

NAMES: Final = 500
FIRST: Final = 10


def search_rows(sets: Sets) -> list[Figure]:
    """MRR@10 of 2,000 queries on their functions, and of exact names among these."""
    functions = sets.load("functions", Function, pairs)[:SMALL]
    texts = [one.code for one in functions]
    names = named(functions)
    full_text = FullText(texts).find
    with Trial(texts) as trial:
        by_meaning = score(_said(functions), trial.find)
        by_name = score(names, lambda name: trial.find(name, mode="command"))
    return [
        _meaning(len(functions), by_meaning, score(_said(functions), full_text), 0.78),
        Figure(
            f"search by exact name, {len(functions):,} functions",
            "MRR@10",
            by_name,
            "minilm",
            peers={"FTS5": score(names, full_text)},
        ),
    ]


def large_search_rows(sets: Sets) -> list[Figure]:
    """MRR@10 of the same queries on 10,000 functions, nearly all of the time being their vectors."""
    functions = sets.load("functions", Function, pairs)
    texts = [one.code for one in functions]
    asked = _said(functions[:SMALL])
    with Trial(texts) as trial:
        value = score(asked, trial.find)
    return [_meaning(len(functions), value, score(asked, FullText(texts).find), 0.64)]


def _said(functions: Sequence[Function]) -> list[tuple[str, int]]:
    return [(one.said, place) for place, one in enumerate(functions)]


def _meaning(count: int, value: Value, full_text: Value, least: float) -> Figure:
    row = f"search by meaning, {count:,} functions"
    return Figure(row, "MRR@10", value, "minilm", least=least, peers={"FTS5": full_text})


def named(functions: Sequence[Function]) -> list[tuple[str, int]]:
    """Return names that only one function has, with its place."""
    counts = Counter(one.name for one in functions)
    alone = [
        (one.name, place)
        for place, one in enumerate(functions)
        if counts[one.name] == 1 and len(words(one.name)) > 1
    ]
    return chosen(alone, NAMES, lambda pair: pair[0], "names")


def score(asked: Sequence[tuple[str, int]], find: Finder) -> Value:
    """Return the mean reciprocal rank of the right places."""
    return mean([reciprocal_rank(find(query), place, FIRST) for query, place in asked])


class FullText:
    """SQLite's FTS5 with BM25 over the texts and the words of their names; a query matches any of its words."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._database = apsw.Connection(":memory:")
        self._database.execute("CREATE VIRTUAL TABLE texts USING fts5(text, tokenize='porter unicode61')")
        rows = ((place + 1, f"{text}\n{' '.join(words(text))}") for place, text in enumerate(texts))
        self._database.executemany("INSERT INTO texts(rowid, text) VALUES (?, ?)", rows)

    def find(self, query: str) -> list[int]:
        """Return the places of the best texts."""
        terms = dict.fromkeys(re.findall(r"\w+", query))
        if not terms:
            return []
        match = " OR ".join(f'"{term}"' for term in terms)
        sql = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?"
        return [int(row[0]) - 1 for row in self._database.execute(sql, (match, FIRST))]
