"""Choosing what of the materials is quoted: whole declarations and paragraphs around the best lines, up to a limit."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.asking.blocks import Block, blocks_of
from satchel.asking.question import fit, telling_words, weights_of, words_of

GAP: Final = "…"
"""The line that marks omitted lines."""
MAX_BLOCKS: Final = 400
"""Of a text that are looked at."""
_TICKS: Final = re.compile(r"`{3,}")
_TITLE_WEIGHT: Final = 0.3  # of words that only the title has
_MATERIAL_WEIGHT: Final = 1.5  # of the score of the whole material, beside that of a block
_WHOLE_SHARE: Final = 3
"""A text that takes at most one part in so many of the room is quoted whole."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A block of a text: the text's place in the list, and how well it fits the question."""

    text: int
    block: Block
    fit: float
    score: float


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is quoted of the text at a place in the list."""

    text: int
    lines: str


class Passages:
    """The blocks of some texts, by how well they fit a question. `scores` are those of the whole texts."""

    def __init__(
        self, question: str, titles: Sequence[str], texts: Sequence[str], scores: Sequence[float]
    ) -> None:
        self.lines = [text.splitlines() for text in texts]
        self._words = telling_words(question)
        blocks = [
            (at, block) for at, lines in enumerate(self.lines) for block in blocks_of(lines)[:MAX_BLOCKS]
        ]
        words = [words_of(self._text(at, block)) for at, block in blocks]
        self.weights = weights_of(self._words, words)
        in_titles = [words_of(title) for title in titles]
        found = []
        for (at, block), own in zip(blocks, words, strict=True):
            fitting = fit(own, self.weights)
            beside = fit([*own, *in_titles[at]], self.weights) - fitting
            score = fitting + _TITLE_WEIGHT * beside + _MATERIAL_WEIGHT * scores[at]
            found.append(Scored(at, block, fitting, score))
        self.best = sorted(found, key=lambda one: (-one.score, one.text, one.block.start))

    def best_of_each(self) -> list[Scored]:
        """Return the best block of each text, the best first."""
        first: dict[int, Scored] = {}
        for one in self.best:
            first.setdefault(one.text, one)
        return list(first.values())

    def choose(self, room: int, size_of: Callable[[str], int]) -> list[Excerpt]:
        """Return excerpts that together have at most a size, in the order of the texts.

        Each text is quoted at least once if it can be, the best first; then the best of what is left.
        """
        chosen: dict[int, list[Block]] = {}
        left = room
        for one in self.best_of_each():
            whole = Block(0, len(self.lines[one.text]))
            size = size_of(self._text(one.text, whole))
            block = whole if size <= min(left, room // _WHOLE_SHARE) else self._fitting(one, left, size_of)
            if block is not None:
                chosen[one.text] = [block]
                left -= size_of(self._text(one.text, block))
        for one in self.best:
            mine = chosen.get(one.text)
            if mine is None or one.fit <= 0 or any(_overlap(one.block, other) for other in mine):
                continue
            size = size_of(self._text(one.text, one.block)) + size_of(f"\n{GAP}\n")
            if size <= left:
                mine.append(one.block)
                left -= size
        return [Excerpt(at, self._joined(at, chosen[at])) for at in sorted(chosen)]

    def around_best_line(self, one: Scored, most_lines: int) -> Block:
        """Return at most so many lines of a block, around the line that fits best; from its start if it has room."""
        start, end = one.block.start, one.block.end
        if end - start <= most_lines:
            return one.block
        fits = [fit(words_of(line), self.weights) for line in self.lines[one.text][start:end]]
        best = start + max(range(len(fits)), key=lambda at: (fits[at], -at))
        if best < start + most_lines:
            return Block(start, start + most_lines, one.block.above)
        first = max(start, min(best - most_lines // 2, end - most_lines))
        return Block(first, min(first + most_lines, end), one.block.above)

    def quoted(self, at: int, block: Block) -> str:
        """Return the lines of a block, with those that name its place and gaps for what is left out."""
        return self._joined(at, [block])

    def _fitting(self, one: Scored, room: int, size_of: Callable[[str], int]) -> Block | None:
        """Return as much of a block as there is room for; None if that is nothing."""
        most = one.block.end - one.block.start
        while most > 0:
            block = self.around_best_line(one, most)
            size = size_of(self._text(one.text, block))
            if size <= room:
                return block
            most = min(most - 1, most * room // size)
        return None

    def _text(self, at: int, block: Block) -> str:
        lines = self.lines[at]
        return "\n".join([*(lines[number] for number in block.above), *lines[block.start : block.end]])

    def _joined(self, at: int, blocks: Sequence[Block]) -> str:
        lines = self.lines[at]
        shown: list[str] = []
        done = 0
        numbers = sorted(
            {number for block in blocks for number in (*block.above, *range(block.start, block.end))}
        )
        for number in numbers:
            if number > done and any(line.strip() for line in lines[done:number]):
                shown.append(GAP)
            elif number > done and shown:
                shown += lines[done:number]
            shown.append(lines[number])
            done = number + 1
        if any(line.strip() for line in lines[done:]):
            shown.append(GAP)
        return "\n".join(shown)


def fence_for(text: str) -> str:
    """Return a fence of Markdown that is longer than any inside a text, so that the text cannot end it."""
    longest = max((len(found) for found in _TICKS.findall(text)), default=0)
    return "`" * max(3, longest + 1)


def _overlap(one: Block, other: Block) -> bool:
    return one.start < other.end and other.start < one.end
