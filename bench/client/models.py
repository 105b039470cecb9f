"""The models of a device: the first suggestions of a process, later ones, and memory, beside magika alone.

Each round runs fresh processes: magika, which only names a file's type; every model that describes Pieces; and these
together with the search by meaning. Each prints its figures as JSON. The texts are parts of
real source files, cut at blank lines.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from bench.corpus import snippets
from bench.measure import cost
from bench.report import Row
from bench.service.coldstart import spread

TEXTS: Final = 200

START: Final = """
import json, os, statistics, sys, time
from pathlib import Path
texts = [path.read_text() for path in sorted(Path(sys.argv[1]).iterdir())]

def report(suggest):
    seconds = []
    for text in texts:
        began = time.perf_counter()
        suggest(text)
        seconds.append(time.perf_counter() - began)
    later = sorted(seconds[1:])
    print(json.dumps({"later_ms": 1000 * statistics.median(later), "p95_ms": 1000 * later[len(later) * 95 // 100]}))

began = time.perf_counter()
"""
FIRST: Final = """
print(json.dumps({"first_ms": 1000 * (time.perf_counter() - began)}))
"""
MAGIKA: Final = """
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
from magika import Magika
magika = Magika()
def suggest(text): return magika.identify_bytes(text.encode())
"""
DESCRIBING: Final = """
from satchel.pieces.model import Draft
from satchel.suggest.filling import describe_safely, fill, installed_models, subject_of
def suggest(text):
    draft = Draft(text.encode())
    found, failed = describe_safely(subject_of(draft), installed_models())
    assert not failed
    fill(draft, found)
"""
MEANING: Final = """
from satchel.models.embedding.encoder import open_encoder
from satchel.models.secrets.scanning import scan
def both(text, describe=suggest):
    describe(text)
    scan(text.encode())
    open_encoder().rounded(text)
suggest = both
"""
ROWS: Final = {
    "magika": (MAGIKA, "magika, which names a file's type"),
    "describing": (DESCRIBING, "every model that describes a Piece"),
    "all": (DESCRIBING + MEANING, "these, secrets, and search by meaning"),
}


class Measured:
    """The figures of one process: milliseconds, and its largest resident set in MiB."""

    def __init__(self, program: str, texts: Path) -> None:
        code = f"{START}{program}\nsuggest(texts[0]){FIRST}\nreport(suggest)\n"
        done = cost([sys.executable, "-c", code, str(texts)])
        found: dict[str, float] = {}
        for line in done.output.splitlines():
            found.update(json.loads(line))
        self.first_ms, self.later_ms, self.p95_ms = found["first_ms"], found["later_ms"], found["p95_ms"]
        self.mib = done.peak_rss_mib


def run(rounds: int) -> list[Row]:
    """Run the programs in turn."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, snippet in enumerate(islice(snippets(20_000_000), TEXTS)):
            (folder / f"{number:03}.txt").write_text(snippet.text)
        Measured(DESCRIBING + MEANING, folder)  # compiles every module
        measured = [
            {row: Measured(program, folder) for row, (program, _) in ROWS.items()} for _ in range(rounds)
        ]
    peers = [each["magika"] for each in measured]
    return [_row(what, [each[row] for each in measured], peers) for row, (_, what) in ROWS.items()]


def _row(what: str, ours: Sequence[Measured], peers: Sequence[Measured]) -> Row:
    """Return the medians, and the ratios to magika within each round."""

    def ratio(value: Callable[[Measured], float]) -> str:
        if ours == peers:
            return ""
        return spread([value(one) / value(peer) for one, peer in zip(ours, peers, strict=True)])

    def median(value: Callable[[Measured], float]) -> float:
        return statistics.median(map(value, ours))

    return {
        "models": what,
        "first": f"{median(lambda one: one.first_ms):.0f} ms",
        "beside magika": ratio(lambda one: one.first_ms),
        "later, median": f"{median(lambda one: one.later_ms):.1f} ms",
        "later, p95": f"{median(lambda one: one.p95_ms):.1f} ms",
        "later, beside magika": ratio(lambda one: one.later_ms),
        "memory": f"{median(lambda one: one.mib):.0f} MiB",
    }
