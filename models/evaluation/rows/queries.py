"""Suggested search queries: each one is put to the product's own search in a store of 1,200 Pieces."""

from collections.abc import Callable, Sequence
from typing import Final

from models.evaluation.figures import Figure
from models.evaluation.metrics import Value, hit, mean
from models.evaluation.product import NoModelError, models_of, suggested
from models.evaluation.rows.titles import split_name
from models.evaluation.sampling import chosen
from models.evaluation.sets.functions import Function, pairs
from models.evaluation.sets.languages import Window, long_windows
from models.evaluation.sets.loading import Sets
from models.evaluation.stores import Searched, searched
from satchel.models.interface import Subject
from satchel.store import Draft

FUNCTIONS: Final = 600
WINDOWS: Final = 600
ASKED: Final = 3  # queries of each Piece, as they are shown


def query_rows(sets: Sets) -> list[Figure]:
    """The part of the suggested queries that find their Piece among the first ten."""
    functions = chosen(sets.load("functions", Function, pairs), FUNCTIONS, lambda one: one.origin, "queries")
    windows = chosen(sets.load("languages", Window, long_windows), WINDOWS, lambda one: one.origin, "queries")
    texts = [one.code for one in functions] + [one.text for one in windows]
    languages = ["python"] * len(functions) + [one.language for one in windows]
    drafts = [
        Draft(text.encode(), language=language) for text, language in zip(texts, languages, strict=True)
    ]
    row, measure = f"search queries, {len(drafts):,} Pieces", "found in the first 10"
    with searched(drafts) as store:
        names = [[split_name(one)] for one in functions]
        peers = {"the function's name": _found(store, names)}
        try:
            models = models_of("query")
        except NoModelError:
            return [Figure(row, measure, None, least=0.8, peers=peers)]
        asked = [
            suggested(Subject(text=text, content=text.encode(), language=language), "query", models)[:ASKED]
            for text, language in zip(texts, languages, strict=True)
        ]
        return [
            Figure(row, measure, _found(store, asked), model=models[0].name, least=0.8, peers=peers),
            Figure(row, "Pieces with a query", _with_query(asked), model=models[0].name),
        ]


def _with_query(asked: Sequence[Sequence[str]]) -> Value:
    return mean([float(bool(queries)) for queries in asked])


def _found(store: Searched, asked: Sequence[Sequence[str]]) -> Value:
    find: Callable[[str], list[int]] = store.find
    return mean([hit(find(query), {place}, 10) for place, queries in enumerate(asked) for query in queries])
