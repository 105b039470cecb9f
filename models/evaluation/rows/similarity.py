"""Code similarity: clones with other names, and ports to other languages."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from models.evaluation.figures import Figure
from models.evaluation.metrics import mean
from models.evaluation.product import NoModelError, model_named
from models.evaluation.sampling import chosen, number
from models.evaluation.sets.clones import Clone, Ported, clones, ports
from models.evaluation.sets.loading import Sets
from satchel.index.resembling import likeness, vector_of
from satchel.models.embedding import is_available
from satchel.models.similarity import Fingerprint, fingerprint, resemblance

QUERIES: Final = 700
PORTS: Final = 250
POOL: Final = 150  # functions of each language that a port is looked for in

Scorer = Callable[[str, Sequence[str]], Sequence[float]]


def similarity_rows(sets: Sets) -> list[Figure]:
    """Recall@1 of clones among all functions, and of ports among the functions of the other language."""
    return [_clones(sets.load("clones", Clone, clones)), _ports(sets.load("ports", Ported, ports))]


def _clones(items: Sequence[Clone]) -> Figure:
    row, measure = f"renamed clones among {len(items):,} functions", "recall@1"
    try:
        model = model_named("similarity").name
    except NoModelError:
        return Figure(row, measure, None, least=0.98)
    score = _likeness()
    codes = [one.code for one in items]
    places = chosen(range(len(items)), QUERIES, str, "clones")
    first = [_first(score(items[place].clone, codes)) == place for place in places]
    return Figure(row, measure, mean([float(one) for one in first]), model=model, least=0.98)


def _first(scores: Sequence[float]) -> int:
    return int(np.argmax(np.asarray(scores)))


def _likeness() -> Scorer:
    """Compare as `satchel similar` does: by fingerprints and, where MiniLM runs, by vectors."""
    has_vectors = is_available()
    known: dict[str, tuple[Fingerprint, np.ndarray]] = {}

    def read(text: str) -> tuple[Fingerprint, np.ndarray]:
        if text not in known:
            vector = vector_of(text) if has_vectors else None
            known[text] = (fingerprint(text), np.zeros(1) if vector is None else vector)
        return known[text]

    def score(query: str, texts: Sequence[str]) -> list[float]:
        shape, vector = read(query)
        return [
            likeness(resemblance(shape, other), float(vector @ meaning))
            for other, meaning in map(read, texts)
        ]

    return score


def _ports(items: Sequence[Ported]) -> Figure:
    row, measure = "ports to another language", "recall@1"
    try:
        model = model_named("similarity").name
    except NoModelError:
        return Figure(row, measure, None, least=0.6)
    pairs = port_pairs(items)
    pools = {language: pool_of(language, items, pairs) for language in {port.language for _, port in pairs}}
    score = _likeness()
    first = []
    for query, port in pairs:
        pool = [one for one in pools[port.language] if one.origin != query.origin]
        first.append(float(pool[_first(score(query.code, [one.code for one in pool]))] == port))
    return Figure(row, measure, mean(first), model=model, least=0.6)


def port_pairs(items: Sequence[Ported]) -> list[tuple[Ported, Ported]]:
    """Return functions with their port to one other language, which depends on their names alone."""
    groups: dict[tuple[str, str], list[Ported]] = {}
    for item in items:
        groups.setdefault((item.project, item.key), []).append(item)
    pairs = []
    for (project, key), group in groups.items():
        if len(group) > 1:
            ordered = chosen(group, len(group), lambda one: one.language, f"{project} {key}")
            pairs.append((ordered[0], ordered[1]))
    return sorted(pairs, key=lambda pair: number(pair[0].origin))[:PORTS]


def pool_of(language: str, items: Sequence[Ported], pairs: Sequence[tuple[Ported, Ported]]) -> list[Ported]:
    """Return the ports to a language, and further functions of that language up to 150."""
    right = [port for _, port in pairs if port.language == language]
    others = [one for one in items if one.language == language and one not in right]
    return right + chosen(others, max(0, POOL - len(right)), lambda one: one.origin, "pool")
