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
    """MRR@10 of 2,000 queries on 2,000 and on 10,000 functions, and of exact names among the 2,000."""
    functions = sets.load("functions", Function, pairs)
    small = functions[:SMALL]
    return [
        _meaning(small, 0.78),
        _meaning(functions, 0.64),
        _names(small),
    ]


def _meaning(functions: Sequence[Function], least: float) -> Figure:
    texts = [one.code for one in functions]
    asked = [(one.said, place) for place, one in enumerate(functions[:SMALL])]
    peers = {"FTS5": score(asked, FullText(texts).find)}
    row = f"search by meaning, {len(functions):,} functions"
    with Trial(texts) as trial:
        value = score(asked, trial.find)
    return Figure(row, "MRR@10", value, "minilm", least=least, peers=peers)


def _names(functions: Sequence[Function]) -> Figure:
    texts = [one.code for one in functions]
    peers = {"FTS5": score(named(functions), FullText(texts).find)}
    row = f"search by exact name, {len(functions):,} functions"
    with Trial(texts) as trial:
        value = score(named(functions), lambda name: trial.find(name, mode="command"))
    return Figure(row, "MRR@10", value, "minilm", peers=peers)


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
