"""Titles and queries on the development set.

    python -m models.evaluation.dev.sources DIRECTORY
    python -m models.evaluation.dev.describing DIRECTORY

prints ROUGE-L of titles and descriptions of Python functions, and the share of the suggested queries that find their
Piece.
"""

import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from models.evaluation.dev.sources import files
from models.evaluation.metrics import rouge_l, words
from models.evaluation.sets.functions import Function, functions_of
from satchel.index import Index
from satchel.models.interface import Subject
from satchel.models.registry import open_model
from satchel.store import Draft, Store

FUNCTIONS_PER_PACKAGE: Final = 150
QUERIED: Final = 300
FOUND: Final = 10


def functions(directory: Path) -> list[Function]:
    """Return up to `FUNCTIONS_PER_PACKAGE` functions with docstrings of each package, chosen as the evaluation does."""
    by_source: dict[str, dict[str, Function]] = {}
    for file in files(directory):
        if file.path.endswith(".py") and "/tests/" not in f"/{file.path}":
            for one in functions_of(f"{file.source}:{file.path}", file.text):
                by_source.setdefault(file.source, {})[one.said] = one
    chosen: list[Function] = []
    for sayings in by_source.values():
        found = list(sayings.values())
        random.Random(5).shuffle(found)
        chosen += found[:FUNCTIONS_PER_PACKAGE]
    return chosen


def first_of(model: str, subject: Subject) -> str:
    """Return the best suggestion of a model, or an empty text."""
    return next((one.value for one in open_model(model).suggest(subject)), "")


def score_titles(found: Sequence[Function]) -> None:
    """Print ROUGE-L against the first paragraph, beside the split name."""
    subjects = [Subject(one.code, language="python") for one in found]
    said = [one.said for one in found]
    for label, texts in (
        ("split name", [" ".join(words(one.name)) for one in found]),
        ("titles", [first_of("titles", one) for one in subjects]),
        ("descriptions", [first_of("descriptions", one) for one in subjects]),
    ):
        scores = [rouge_l(text, true) for text, true in zip(texts, said, strict=True)]
        print(f"{label}: ROUGE-L {sum(scores) / len(scores):.3f}, n = {len(scores)}")


def score_queries(found: Sequence[Function]) -> None:
    """Print how many queries find their Piece in a store of all functions."""
    with tempfile.TemporaryDirectory() as home, Store.create(Path(home)) as store:
        pieces = list(store.add_many(Draft(one.code.encode()) for one in found))
        step = max(1, len(found) // QUERIED)
        with Index.open(Path(home), store) as index:
            hits = [
                pieces[at].id in [hit.piece.id for hit in index.search(one.value, FOUND)]
                for at in range(0, len(found), step)
                for one in open_model("queries").suggest(Subject(found[at].code))
            ]
    print(f"queries: {sum(hits) / len(hits):.3f} found among {len(found)} Pieces, n = {len(hits)}")


def main() -> None:
    """Measure everything."""
    found = functions(Path(sys.argv[1]))
    score_titles(found)
    score_queries(found)


if __name__ == "__main__":
    main()
