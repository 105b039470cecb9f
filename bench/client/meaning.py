"""Search by meaning among 100,000 and 1,000,000 vectors: the exact search, and the first pass over codes.

Real snippets are embedded. Each vector of the stores lies between a snippet and some other: its cosine with the snippet
is between 0.6 and 0.95, as it is for the nearest other snippet, and it differs in the direction in which two others
differ. The queries are sentences from comments of snippets that are not embedded. The two ways take turns with each
query, which opens the index anew; the time of embedding a query is not included.
"""

import os
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import apsw
import numpy as np
import numpy.typing as npt

from bench.client.search import SEED, drafts
from bench.measure import p95
from satchel.index import nearness, vectors
from satchel.index.meaning import NEAREST
from satchel.index.nearness import Nearness, Restriction
from satchel.models.embedding import open_encoder
from satchel.models.embedding.texts import views_of
from satchel.store import Draft

SIZES: Final = tuple(int(size) for size in os.environ.get("BENCH_MEANING_SIZES", "100000,1000000").split(","))
SNIPPETS: Final = int(os.environ.get("BENCH_MEANING_SNIPPETS", "4000"))
QUERIES: Final = 60
LEAST_COSINE: Final = 0.6
GREATEST_COSINE: Final = 0.95
PAGE: Final = 10
ROWS_AT_ONCE: Final = 40

_SENTENCE: Final = re.compile(r'(?:"""|# |// |\* )([A-Z][a-z]+ [^"\n]{20,90})')

Row = dict[str, str]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Way:
    """How the nearest are found: `exact_blocks` is up to how many rows the search is exact."""

    name: str
    exact_blocks: int


EXACT: Final = Way("exact", 2**40)
CODES: Final = Way("codes", 0)


def run(rounds: int) -> list[Row]:
    """One row for each size."""
    found = drafts()
    snippets = _embedded(islice(found, SNIPPETS))
    queries = _queries(islice(found, 50_000))
    return [_row(size, snippets, queries, rounds) for size in SIZES]


def _embedded(found: Iterator[Draft]) -> Floats:
    encoder = open_encoder()
    views = (
        views_of(draft.title, draft.tags, draft.content.decode(), draft.language)
        for draft in found
        if draft.content.strip()
    )
    rounded = b"".join(encoder.rounded_sum(each) for each in views)
    vectors_found = np.frombuffer(rounded, np.int8).reshape(-1, vectors.DIMENSIONS).astype(np.float32)
    return np.asarray(vectors_found / np.linalg.norm(vectors_found, axis=1, keepdims=True), np.float32)


def _queries(found: Iterator[Draft]) -> list[Floats]:
    encoder = open_encoder()
    sentences = (_SENTENCE.search(draft.content.decode()) for draft in found)
    return [encoder.vector(match[1]) for match in islice(filter(None, sentences), QUERIES)]


def _row(size: int, snippets: Floats, queries: list[Floats], rounds: int) -> Row:
    with tempfile.TemporaryDirectory(prefix="satchel-bench-") as name:
        path = Path(name, "index.db")
        _fill(path, size, snippets)
        times: dict[str, list[float]] = {EXACT.name: [], CODES.name: []}
        shares: list[tuple[float, float]] = []
        for query in queries:
            pairs = [(_search(path, query, EXACT), _search(path, query, CODES)) for _ in range(rounds)]
            exact, codes = zip(*pairs, strict=True)
            times[EXACT.name].append(statistics.median(taken for taken, _ in exact))
            times[CODES.name].append(statistics.median(taken for taken, _ in codes))
            shares.append(
                (_shared(exact[0][1], codes[0][1], PAGE), _shared(exact[0][1], codes[0][1], NEAREST))
            )
        ratios = [one / other for one, other in zip(times[CODES.name], times[EXACT.name], strict=True)]
        return {
            "vectors": f"{size:,}",
            "exact: median, p95, ms": _spread(times[EXACT.name]),
            "codes: median, p95, ms": _spread(times[CODES.name]),
            "codes beside exact": f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
            f"of the nearest {PAGE}": f"{statistics.mean(share for share, _ in shares):.1%}",
            f"of the nearest {NEAREST}": f"{statistics.mean(share for _, share in shares):.1%}",
            "in a search": "exact" if size <= nearness.EXACT_BLOCKS * vectors.BLOCK else "codes",
            "bytes a vector": f"{path.stat().st_size / size:,.0f}",
        }


def _fill(path: Path, size: int, snippets: Floats) -> None:
    """Write an index that has only vectors."""
    random_numbers = np.random.default_rng(SEED)
    connection = apsw.Connection(str(path))
    connection.pragma("synchronous", "off")
    for table in vectors.TABLES:
        connection.execute(table)
    for start in range(0, size, vectors.BLOCK * ROWS_AT_ONCE):
        count = min(vectors.BLOCK * ROWS_AT_ONCE, size - start)
        with connection:
            for place, vector in enumerate(between(snippets, count, random_numbers), start):
                vectors.put(connection, place + 1, vector.tobytes())
    connection.close()


def between(snippets: Floats, count: int, chooser: np.random.Generator) -> npt.NDArray[np.int8]:
    """Return vectors near snippets."""
    near, one, other = (snippets[chooser.integers(len(snippets), size=count)] for _ in range(3))
    away = (one - other) / np.maximum(np.linalg.norm(one - other, axis=1, keepdims=True), 1e-9)
    cosine = chooser.uniform(LEAST_COSINE, GREATEST_COSINE, size=(count, 1))
    found = near + away * np.sqrt(1 - cosine**2) / cosine
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(np.clip(np.rint(found * vectors.STEPS), -127, 127), np.int8)


def _search(path: Path, query: Floats, way: Way) -> tuple[float, list[int]]:
    """Return the time in milliseconds, and the keys of the nearest, the nearest first."""
    before, nearness.EXACT_BLOCKS = nearness.EXACT_BLOCKS, way.exact_blocks  # type: ignore[misc]
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        started = time.perf_counter()
        near = Nearness(connection, query)
        keys = near.nearest(NEAREST, Restriction())
        taken = (time.perf_counter() - started) * 1000
        cosines = near.of(keys)
        connection.close()
    finally:
        nearness.EXACT_BLOCKS = before  # type: ignore[misc]
    return taken, sorted(keys, key=lambda key: (-cosines[key], key))


def _shared(exact: list[int], found: list[int], count: int) -> float:
    return len(set(exact[:count]) & set(found[:count])) / count


def _spread(taken: list[float]) -> str:
    return f"{statistics.median(taken):.1f}, {p95(taken):.1f}"
