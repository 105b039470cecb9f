"""Completions by `satchel lsp` as one types, beside those of an empty store.

The stores are those of the searches as one types. The editor is pytest-lsp's client; it asks at every letter, waits for
the answer and goes on, as an editor does that shows each answer. The stores take turns with each word.
"""

import random
import re
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.support.device import Device
from tests.support.editor import Editor, connected

from bench.client.keystrokes import SIZES, STORES, grown
from bench.client.search import SEED, Row
from bench.measure import p95
from satchel.store import Store

WORDS: Final = 12
LEAST: Final = 2  # letters
MOST: Final = 14
_NAME: Final = re.compile(r"[A-Za-z_]{5,}")


@dataclass(slots=True)
class Answers:
    """What an editor got: times in ms, and how many answers were late, so that they were empty."""

    times: list[float] = field(default_factory=list)
    late: int = 0


def run(rounds: int) -> list[Row]:
    """One row for each size of store, and one for an empty store."""
    with ExitStack() as stack:
        folder = Path(STORES or stack.enter_context(tempfile.TemporaryDirectory(prefix="satchel-bench-")))
        empty = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "empty"
        Store.create(empty).close()
        homes = {0: empty, **{size: grown(folder, size) for size in SIZES}}
        words = _words(homes[SIZES[0]])
        options = {"meaning": False}  # it embeds what waits at the start, which takes the processor
        editors = {
            size: stack.enter_context(connected(Device(home), options=options))
            for size, home in homes.items()
        }
        answers = {size: Answers() for size in homes}
        for size, editor in editors.items():  # the first answer brings the index up to date
            _type(editor, "warm", Answers(), size)
        for _ in range(rounds):
            for word in words:
                for size, editor in editors.items():
                    _type(editor, word, answers[size], size)
    return [_row(size, answers[size], answers[0]) for size in homes]


def _words(home: Path) -> list[str]:
    """Return words of titles, as one types them in code."""
    with Store.open(home, read_only=True) as store:
        titles = [piece.title for piece in store.pieces()]
    words = sorted({word for title in titles for word in _NAME.findall(title)})
    return random.Random(SEED).sample(words, WORDS)


def _type(editor: Editor, word: str, answers: Answers, number: int) -> None:
    uri = editor.open(f"file:///work/{number}-{word}-{len(answers.times)}.txt", "", "plaintext")
    for length in range(LEAST, min(len(word), MOST) + 1):
        editor.change(uri, word[:length])
        began = time.perf_counter()
        found = editor.complete_once(uri, 0, length)
        answers.times.append((time.perf_counter() - began) * 1000)
        answers.late += not found.items and found.is_incomplete


def _row(size: int, answers: Answers, peer: Answers) -> Row:
    return {
        "store": f"{size:,} Pieces" if size else "empty",
        "completions": str(len(answers.times)),
        "median, p95, most, ms": f"{statistics.median(answers.times):.0f}, {p95(answers.times):.0f}, {max(answers.times):.0f}",
        "p95 beside an empty store": f"{p95(answers.times) / p95(peer.times):.1f} ×",
        "late, and so empty": str(answers.late),
    }
