"""Search over 100,000 real snippets, opening included: the store and the index are opened anew for every query.

The snippets are the functions, classes and paragraphs of this machine's source files; the queries are made of
words of the snippets themselves, so common words are asked for as often as they occur.
"""

import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from bench.corpus import source_files
from satchel.index import Index
from satchel.store import Draft, Source, Store
from satchel.suggest import FromFileName, fill

SNIPPETS: Final = 100_000
QUERIES: Final = 60  # of each kind, in each round
SEED: Final = 20_251_122

_START: Final = re.compile(
    r"^(?=(?:async def|def|class|function|export|const|static|struct|typedef|enum|impl|pub|fn|func|sub|#+) )",
    re.MULTILINE,
)
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,}")
_CODE_NAME: Final = re.compile(r"\b[a-z]+(?:_[a-z]+|[A-Z][a-z]+)+\b")


def run(rounds: int) -> list[dict[str, str]]:
    """One row for each kind of query, and one for saving and indexing all snippets."""
    with tempfile.TemporaryDirectory(prefix="satchel-bench-") as name:
        home = Path(name)
        drafts = list(islice(snippets(), SNIPPETS))
        saving = _seconds(partial(_save, home, drafts))
        indexing = _seconds(partial(_open_index, home))
        chooser = random.Random(SEED)
        rows = [_row(home, kind, _queries(make, drafts, chooser, rounds)) for kind, make in KINDS.items()]
    count = len(drafts)
    kib = sum(len(draft.content) for draft in drafts) / count / 1024
    about = f"{count:,} Pieces of {kib:.1f} KiB"
    return [
        *rows,
        {"what": "save all", "example": about, "median, ms": f"{count / saving:,.0f} a second"},
        {"what": "index all", "example": about, "median, ms": f"{count / indexing:,.0f} a second"},
    ]


def snippets() -> Iterator[Draft]:
    """Distinct functions, classes and paragraphs of source files, with title and language from the file's name."""
    seen = set()
    for path in source_files():
        try:
            parts = _START.split(path.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, OSError):
            continue
        for part in parts:
            content = part.strip().encode()
            if 100 <= len(content) <= 20_000 and content not in seen:
                seen.add(content)
                yield fill(Draft(content, source=Source("file", str(path), path.name)), FromFileName())


def _save(home: Path, drafts: list[Draft]) -> None:
    with Store.create(home) as store:
        for _ in store.add_many(drafts):
            pass


def _open_index(home: Path) -> None:
    with Store.open(home) as store, Index.open(home, store) as index:
        index.update()


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
    "a beginning": lambda text, chooser: _word(text, chooser)[: chooser.randint(3, 6)] + "*",
    "a word and a language": lambda text, chooser: f"{_word(text, chooser)} lang:py",
    "a word without another": lambda text, chooser: f"{_word(text, chooser)} -{_word(text, chooser)}",
}


def _queries(
    make: Callable[[str, random.Random], str], drafts: list[Draft], chooser: random.Random, rounds: int
) -> list[str]:
    return [make(chooser.choice(drafts).content.decode(), chooser) for _ in range(QUERIES * rounds)]


def _row(home: Path, kind: str, queries: list[str]) -> dict[str, str]:
    times = sorted(_seconds(partial(_search, home, query)) * 1000 for query in queries)
    return {
        "what": kind,
        "example": f"`{queries[0]}`",
        "median, ms": f"{statistics.median(times):.1f}",
        "p95, ms": f"{times[int(len(times) * 0.95)]:.1f}",
        "budget, ms": "50",
    }


def _search(home: Path, query: str) -> None:
    with Store.open(home, read_only=True) as store, Index.open(home, store) as index:
        index.search(query, limit=20)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
