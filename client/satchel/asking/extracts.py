"""An answer made on this device: quoted sentences and lines from the best materials."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from satchel.asking.excerpts import Passages, Scored, fence_for
from satchel.asking.materials import Material, Reference
from satchel.asking.question import fit, words_of
from satchel.models.code_or_text import PROSE, is_code

MOST_MATERIALS: Final = 3
MOST_LINES: Final = 12
MOST_SENTENCES: Final = 3
_ITEM: Final = re.compile(r"(?:[-*+•]|\d{1,3}[.)]) |#{1,6} |>|\|")
_HEADING: Final = re.compile(r"#{1,6} ")
_SENTENCE: Final = re.compile(r"(?<=[.!?:])\s+(?=[A-ZÀ-Þ\d\"'(`\[*-])")


@dataclass(frozen=True, slots=True)
class Extract:
    """Quotations with their references, the best first; none if nothing fits the question."""

    parts: tuple[str, ...]
    references: tuple[Reference, ...]

    @property
    def text(self) -> str:
        """The whole answer as Markdown."""
        return "\n\n".join(self.parts)


def extract(question: str, materials: Sequence[Material], most: int = MOST_MATERIALS) -> Extract:
    """Return what the best materials say about a question."""
    passages = Passages(
        question,
        [one.title for one in materials],
        [one.text for one in materials],
        [one.score for one in materials],
    )
    parts, references = [], []
    for number, one in enumerate(passages.best_of_each()[:most], 1):
        material = materials[one.text]
        references.append(Reference(number, material.id, material.title, material.source))
        parts.append(_quoted(passages, one, number, material))
    return Extract(tuple(parts), tuple(references))


def _quoted(passages: Passages, one: Scored, number: int, material: Material) -> str:
    lines = passages.lines[one.text][one.block.start : one.block.end]
    text = "\n".join(lines)
    if material.language not in PROSE and is_code(text):
        quoted = passages.quoted(one.text, passages.around_best_line(one, MOST_LINES))
        fence = fence_for(quoted)
        return f"{material.title or '(untitled)'} [{number}]:\n{fence}{material.language}\n{quoted}\n{fence}"
    return f"{_best_sentences(lines, passages)} [{number}]"


def _best_sentences(lines: Sequence[str], passages: Passages) -> str:
    """Return the sentences that fit best, in their order. Items of a list and headings stand for themselves."""
    units: list[str] = []
    is_open = False
    for line in lines:
        text = line.strip()
        if is_open and text and not _ITEM.match(text):
            units[-1] = f"{units[-1]} {text}"
        elif text:
            units.append(text)
        is_open = bool(text) and not _HEADING.match(text)
    said = [unit for unit in units if not _HEADING.match(unit)] or [unit.lstrip("# ") for unit in units]
    sentences = [sentence for unit in said for sentence in _SENTENCE.split(unit)]
    fits = [fit(words_of(sentence), passages.weights) for sentence in sentences]
    best = sorted(range(len(sentences)), key=lambda at: (-fits[at], at))[:MOST_SENTENCES]
    shown = [at for at in sorted(best) if fits[at] > 0 or fits[best[0]] == 0]
    return " ".join(sentences[at] for at in shown)
