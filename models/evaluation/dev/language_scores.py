"""How well languages are told on the development sets, beside magika and pygments.

    python -m models.evaluation.dev.language_scores DIRECTORY

prints top-1 and top-3 for windows of 5 to 40 lines and of at most 10, the accuracy of code versus text, and which
languages are taken for which.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from pygments.lexers import guess_lexer

from models.evaluation.sets.languages import COMMON
from satchel.models.code_or_text import PROSE
from satchel.models.interface import Subject
from satchel.models.language.magika_labels import open_magika
from satchel.models.language.model import WEIGHTS_FILE, Languages
from satchel.models.ngrams.weights import load
from satchel.pieces.languages import canonical_language

Ranker = Callable[[str], Sequence[str]]
Row = Mapping[str, str]
SAME: Final = {"postgres": "sql", "fish": "bash", "vue": "html", "jinja": "html", "handlebars": "html"}
RARE: Final = 10  # languages with fewer windows are left out
SCORED: Final = 60  # windows of each language


def rankers() -> dict[str, Ranker]:
    """Return what is compared."""
    magika = open_magika()
    if magika is None:
        sys.exit("magika is not installed")
    full, light = Languages(load(WEIGHTS_FILE), magika), Languages(load(WEIGHTS_FILE), None)

    def by_magika(text: str) -> list[str]:
        scores = magika.scores(text.encode())
        return sorted(scores, key=lambda name: -scores[name])[:3]

    found = {"satchel": _of(full), "light": _of(light), "magika": by_magika, "pygments": by_pygments}
    return {name: cache(rank) for name, rank in found.items()}


def _of(model: Languages) -> Ranker:
    return lambda text: [one.value for one in model.suggest(Subject(text))]


def by_pygments(text: str) -> list[str]:
    """Return what pygments says."""
    aliases = guess_lexer(text).aliases
    return [canonical_language(aliases[0])] if aliases else []


def hits(rows: Sequence[Row], rank: Ranker, wrong: Counter[tuple[str, str]]) -> str:
    """Return top-1 and top-3 with the number of windows; count what is taken for what."""
    first = three = 0
    for row in rows:
        language, found = SAME.get(row["language"], row["language"]), rank(row["text"])
        first += language in found[:1]
        three += language in found
        if language not in found[:1]:
            wrong[language, found[0] if found else "nothing"] += 1
    return f"{first / len(rows):.4f} / {three / len(rows):.4f} ({len(rows)})"


def main(directory: Path) -> None:
    """Print the figures."""
    windows = [json.loads(line) for line in (directory / "windows.jsonl").read_text("utf-8").splitlines()]
    passages = [
        json.loads(line)["text"] for line in (directory / "passages.jsonl").read_text("utf-8").splitlines()
    ]
    counts = Counter(row["language"] for row in windows)
    windows = [row for row in windows if counts[row["language"]] >= RARE]
    windows = [row for number, row in enumerate(windows) if _place(windows, number) < SCORED]
    common = [row for row in windows if row["language"] in COMMON]
    short = [row for row in common if row["text"].count("\n") < 10]
    code = [row["text"] for row in windows if row["language"] not in PROSE]
    for name, rank in rankers().items():
        wrong: Counter[tuple[str, str]] = Counter()
        print(f"{name}: all {hits(windows, rank, wrong)}; common {hits(common, rank, Counter())}")
        print(f"  common, at most 10 lines: {hits(short, rank, Counter())}")
        right = [
            sum(_is_code(rank(text)) is kind for text in texts) / len(texts)
            for kind, texts in ((True, code), (False, passages))
        ]
        print(
            f"  code {right[0]:.4f} ({len(code)}), text {right[1]:.4f} ({len(passages)}), mean {sum(right) / 2:.4f}"
        )
        print(" ", ", ".join(f"{one} for {other}: {count}" for (one, other), count in wrong.most_common(30)))


def _place(rows: Sequence[Row], number: int) -> int:
    """Return how many rows before this one have its language; the rows are in the order of languages."""
    first = number
    while first and rows[first - 1]["language"] == rows[number]["language"]:
        first -= 1
    return number - first


def _is_code(found: Sequence[str]) -> bool:
    return bool(found) and found[0] not in PROSE


if __name__ == "__main__":
    main(Path(sys.argv[1]))
