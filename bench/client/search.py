"""Search over 10,000, 100,000 and 1,000,000 snippets, side by side.

The snippets are the functions, classes and paragraphs of this machine's source files, in random order. Where there
are fewer than a million, the rest combine the halves of two snippets of one language, which keeps the frequencies
of words. The queries are made of words of the snippets themselves, so common words are searched as often as they
occur. Every query opens the store and the index anew. The stores take turns with each query, and the time of a
query is the median of its rounds.
"""

import os
import random
import re
import shutil
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import apsw

from bench.corpus import source_files
from bench.measure import cost, p95, seconds_of
from satchel.index import Index, parse
from satchel.index.ranking import rank_every_match
from satchel.store import Draft, Source, Store
from satchel.suggest import fill_quickly

SIZES: Final = tuple(
    int(size) for size in os.environ.get("BENCH_SEARCH_SIZES", "10000,100000,1000000").split(",")
)
QUERIES: Final = 60  # of each kind
DRAFTS_AT_ONCE: Final = 50_000  # in memory
PAGE: Final = 10  # matches of a first page
SEED: Final = 20_251_122
SPLICED_SNIPPETS: Final = 20_000  # kept of each kind of file
MEMORY_QUERIES: Final = ("return", "con*", "the value", "import lang:python")

_START: Final = re.compile(
    r"^(?=(?:async def|def|class|function|export|const|static|struct|typedef|enum|impl|pub|fn|func|sub|#+) )",
    re.MULTILINE,
)
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,}")
_CODE_NAME: Final = re.compile(r"\b[a-z]+(?:_[a-z]+|[A-Z][a-z]+)+\b")

# A process's own account (`VmHWM`): the kernel's account for the parent includes the parent's size before `exec`.
_SEARCHING: Final = """
import re, sys
from pathlib import Path
from satchel.index import Index
from satchel.store import Store
home = Path(sys.argv[1])
with Store.open(home, read_only=True) as store, Index.open(home, store) as index:
    index.search(sys.argv[2])
print(re.search(r"VmHWM:\\s+([0-9]+)", Path("/proc/self/status").read_text())[1])
"""

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Grown:
    """A store of one size with its index, and how long it took to fill them."""

    size: int
    home: Path
    saved_per_s: float
    indexed_per_s: float


def run(rounds: int) -> list[Row]:
    """One row for each kind of query, then rows for saving, indexing, listing, memory and size."""
    with tempfile.TemporaryDirectory(prefix="satchel-bench-") as name:
        stores = list(_grow(Path(name)))
        chooser = random.Random(SEED)
        texts = _texts(stores[0].home)
        kinds = {
            kind: [make(chooser.choice(texts), chooser) for _ in range(QUERIES)]
            for kind, make in KINDS.items()
        }
        queries = [_query_row(stores, kind, asked, rounds) for kind, asked in kinds.items()]
        return [*queries, *_other_rows(stores, rounds)]


def drafts() -> Iterator[Draft]:
    """Yield distinct snippets without end, with title and language from the file's name."""
    chooser = random.Random(SEED)
    kept: dict[str, list[tuple[Path, bytes]]] = defaultdict(list)
    for path, content in _snippets(chooser):
        if len(kept[path.suffix]) < SPLICED_SNIPPETS:
            kept[path.suffix].append((path, content))
        yield _draft(path, content)
    suffixes = list(kept)
    weights = [len(kept[suffix]) for suffix in suffixes]
    while True:
        (suffix,) = chooser.choices(suffixes, weights)
        (path, first), (_, second) = chooser.choice(kept[suffix]), chooser.choice(kept[suffix])
        yield _draft(path, _halves(first, second))


def _snippets(chooser: random.Random) -> Iterator[tuple[Path, bytes]]:
    """Yield the functions, classes and paragraphs of the source files, each once."""
    paths = list(source_files())
    chooser.shuffle(paths)
    seen = set()
    for path in paths:
        try:
            parts = _START.split(path.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, OSError):
            continue
        for part in parts:
            content = part.strip().encode()
            if 100 <= len(content) <= 20_000 and hash(content) not in seen:
                seen.add(hash(content))
                yield path, content


def _halves(first: bytes, second: bytes) -> bytes:
    """Join the first half of one text's lines and the second half of another's."""
    head, tail = first.split(b"\n"), second.split(b"\n")
    return b"\n".join([*head[: (len(head) + 1) // 2], *tail[len(tail) // 2 :]])


def _draft(path: Path, content: bytes) -> Draft:
    return fill_quickly(Draft(content, source=Source("file", str(path), path.name)))


def _grow(folder: Path) -> Iterator[Grown]:
    """Fill one store, and keep a copy of it at every size."""
    growing = folder / "growing"
    Store.create(growing).close()
    source = drafts()
    size = 0
    for wanted in SIZES:
        added = wanted - size
        saving = 0.0
        while size < wanted:
            some = list(islice(source, min(DRAFTS_AT_ONCE, wanted - size)))
            saving += seconds_of(partial(_save, growing, some))
            size += len(some)
        indexing = seconds_of(partial(_update, growing))
        home = folder / str(wanted)
        shutil.copytree(growing, home)
        yield Grown(wanted, home, added / saving, added / indexing)


def _save(home: Path, drafts: list[Draft]) -> None:
    with Store.open(home) as store:
        for _ in store.add_many(drafts):
            pass


def _update(home: Path) -> None:
    with Store.open(home) as store, Index.open(home, store) as index:
        index.update()


def _texts(home: Path) -> list[str]:
    with Store.open(home) as store:
        return [store.content(piece.id).decode() for piece in store.pieces()]


def _word(text: str, chooser: random.Random) -> str:
    return str(chooser.choice(_NAME.findall(text) or ["return"]))


def _phrase(text: str, chooser: random.Random) -> str:
    words = _NAME.findall(text) or ["return"]
    start = chooser.randrange(len(words))
    return f'"{" ".join(words[start : start + 2])}"'


KINDS: Final[dict[str, Callable[[str, random.Random], str]]] = {
    "a word": _word,
    "two words": lambda text, chooser: f"{_word(text, chooser)} {_word(text, chooser)}",
    "a name in code": lambda text, chooser: chooser.choice(_CODE_NAME.findall(text) or ["parseHttpHeader"]),
    "a phrase": _phrase,
    "a prefix": lambda text, chooser: _word(text, chooser)[: chooser.randint(3, 6)] + "*",
    "a word and a language": lambda text, chooser: f"{_word(text, chooser)} lang:py",
    "a word without another": lambda text, chooser: f"{_word(text, chooser)} -{_word(text, chooser)}",
}


def _query_row(stores: list[Grown], kind: str, queries: list[str], rounds: int) -> Row:
    row = {"what": kind, "example": f"`{queries[0]}`"}
    times: dict[int, list[float]] = defaultdict(list)
    for query in queries:
        measured: dict[int, list[float]] = defaultdict(list)
        for _ in range(rounds):
            for store in stores:
                measured[store.size].append(seconds_of(partial(_search, store.home, query)) * 1000)
        for size, taken in measured.items():
            times[size].append(statistics.median(taken))
    slow = {size: p95(taken) for size, taken in times.items()}
    for size, taken in times.items():
        row[f"{size:,}: median, p95, ms"] = f"{statistics.median(taken):.1f}, {slow[size]:.1f}"
    row["p95, largest beside the one before"] = f"{slow[SIZES[-1]] / slow[SIZES[-2]]:.1f} ×"
    same = [_is_same_page(stores[-1].home, query) for query in queries]
    row[f"same first page of {PAGE} as ranking every match"] = f"{sum(same) / len(same):.0%}"
    return row


def _search(home: Path, query: str) -> None:
    with Store.open(home, read_only=True) as store, Index.open(home, store) as index:
        index.search(query, limit=20)


def _is_same_page(home: Path, query: str) -> bool:
    """Whether the first page has the same Pieces as if every match were ranked."""
    with Store.open(home, read_only=True) as store, Index.open(home, store) as index:
        found = {hit.piece.id for hit in index.search(query, limit=PAGE)}
    connection = apsw.Connection(str(home / "index.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return found == {piece for piece, _ in rank_every_match(connection, parse(query), PAGE)}
    finally:
        connection.close()


def _other_rows(stores: list[Grown], rounds: int) -> list[Row]:
    measures: dict[str, Callable[[Grown], str]] = {
        "save, Pieces a second": lambda store: f"{store.saved_per_s:,.0f}",
        "index, Pieces a second": lambda store: f"{store.indexed_per_s:,.0f}",
        "index, bytes a Piece": lambda store: f"{(store.home / 'index.db').stat().st_size / store.size:,.0f}",
        "save one and index it, ms": lambda store: _median_ms(partial(_save_one, store.home), rounds),
        "list 50, ms": lambda store: _median_ms(partial(_list, store.home), rounds),
        "memory of a search, MiB": _memory,
    }
    return [
        {"what": what, **{f"{store.size:,}: median, p95, ms": measure(store) for store in stores}}
        for what, measure in measures.items()
    ]


def _save_one(home: Path) -> None:
    with Store.open(home) as store, Index.open(home, store) as index:
        store.add(Draft(os.urandom(500).hex().encode()))
        index.update()


def _list(home: Path) -> None:
    with Store.open(home, read_only=True) as store:
        list(store.pieces(limit=50))


def _memory(store: Grown) -> str:
    """Return the peak of a process that opens the store and searches."""
    peaks = [
        cost([sys.executable, "-c", _SEARCHING, str(store.home), query]).output for query in MEMORY_QUERIES
    ]
    return f"{max(map(int, peaks)) / 1024:.0f}"


def _median_ms(work: Callable[[], object], rounds: int) -> str:
    return f"{statistics.median(seconds_of(work) for _ in range(rounds)) * 1000:.1f}"
