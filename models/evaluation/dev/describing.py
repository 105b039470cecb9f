"""Titles, queries and tags on the development set.

    python -m models.evaluation.dev.sources DIRECTORY
    python -m models.evaluation.dev.describing DIRECTORY [NODE_MODULES...]

prints ROUGE-L of titles and descriptions of Python functions, the part of the suggested queries that find their
Piece, and the recall of tags on the packages of DIRECTORY and, with names from a to f, of installed npm packages.
"""

import json
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.evaluation.dev.sources import files
from models.evaluation.metrics import rouge_l, words
from models.evaluation.sets.functions import Function, functions_of
from satchel.index import Index
from satchel.models.interface import Field, Subject
from satchel.models.registry import open_model
from satchel.store import Draft, Store

FUNCTIONS_PER_PACKAGE: Final = 150
QUERIED: Final = 300
FIRST: Final = 5
FOUND: Final = 10
_CHARS: Final = 6_000
_LEAST: Final = 3


@dataclass(frozen=True, slots=True)
class Package:
    """A package as a Piece, with its keywords."""

    subject: Subject
    keywords: frozenset[str]


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


def packages(modules: Sequence[Path]) -> list[Package]:
    """Return the installed npm packages with names from a to f and at least three keywords."""
    paths = [path for place in modules for path in sorted(place.rglob("package.json"))]
    by_name = {one.subject.title: one for one in map(_package, paths) if one and len(one.keywords) >= _LEAST}
    return list(by_name.values())


def plain(keyword: str) -> str:
    """Return a keyword with one spelling of spaces, points and hyphens."""
    return re.sub(r"[\s_.-]+", "-", keyword.strip().casefold())


def _package(path: Path) -> Package | None:
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except ValueError:
        return None
    if not isinstance(manifest, dict):
        return None
    name = str(manifest.get("name", ""))
    keywords = manifest.get("keywords")
    if not "a" <= name.lstrip("@")[:1].casefold() <= "f" or not isinstance(keywords, list):
        return None
    readme = next((one for one in sorted(path.parent.iterdir()) if one.name.casefold() == "readme.md"), None)
    main = path.parent / str(manifest.get("main") or "index.js")
    texts = [one.read_text("utf-8", "replace")[:_CHARS] for one in (readme, main) if one and one.is_file()]
    subject = Subject("\n\n".join(texts), title=name, description=str(manifest.get("description", "")))
    return Package(subject, frozenset(map(plain, map(str, keywords))) - {plain(name), ""})


def score_tags(found: Sequence[Package]) -> None:
    """Print recall of the first tags, and of each keyword from the others if two packages have it."""
    recalls = [
        len({plain(tag) for tag in _tags("tags", one.subject)} & one.keywords) / min(FIRST, len(one.keywords))
        for one in found
    ]
    print(f"tags: recall@{FIRST} {sum(recalls) / len(recalls):.3f}, n = {len(recalls)}")
    counts = Counter(word for one in found for word in one.keywords)
    hits = [
        word in map(plain, _tags("related-tags", Subject("", tags=tuple(sorted(one.keywords - {word})))))
        for one in found
        for word in sorted(one.keywords)
        if counts[word] > 1
    ]
    print(f"related tags: hit@{FIRST} {sum(hits) / len(hits):.3f}, n = {len(hits)}")


def _tags(model: str, subject: Subject) -> list[str]:
    wanted: Field = "tag"
    return [one.value for one in open_model(model).suggest(subject) if one.field == wanted][:FIRST]


def main() -> None:
    """Measure everything."""
    directory, *modules = map(Path, sys.argv[1:])
    found = functions(directory)
    score_titles(found)
    score_queries(found)
    if modules:
        score_tags(packages(modules))


if __name__ == "__main__":
    main()
