"""Snippets: windows of made-up files, with the indentation that a language's authors use.

Snippets("go").snippet(Random(7))
"""

from random import Random
from typing import Final

from models.oracles.comments import comment
from models.oracles.diffs import diff_of
from models.oracles.documents import document
from models.oracles.grammar import Expansion, grammar, languages

_WRITTEN_INDENT: Final = 4  # of the grammars
_LONGEST: Final = 48
_HEAD: Final = 0.4
MADE_OTHERWISE: Final = ("diff", "text")
TEXTS: Final = ("markdown", "rst", "tex")  # written by grammars, yet no code
_LOOSE: Final = 0.2
_COMMENTED: Final = 0.25  # of the files, by a comment of some lines


class Snippets:
    """The snippets of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        indents = grammar(language).rules.get("indent", (("4 4 4 2",),))
        self.indents = str(indents[0][0]).split()

    def file(self, random: Random) -> str:
        """Return a made-up file: a head or not, then units; or loose statements."""
        expansion = Expansion(self.language, random)
        if expansion.has("stmt") and random.random() < _LOOSE:
            parts = [expansion.expand("stmt", 2) for _ in range(random.randint(3, 20))]
            return _indented("\n".join(parts), random.choice(self.indents))
        parts = [expansion.expand("unit", 1) for _ in range(random.choice((1, 2, 2, 3, 4, 5, 6)))]
        if expansion.has("head") and random.random() < _HEAD:
            parts.insert(0, expansion.expand("head", 1))
        if random.random() < _COMMENTED:
            place = random.randint(0, len(parts))
            parts.insert(place, comment(self.language, random))
        gap = "\n" if expansion.has("tight") else "\n\n"
        return _indented(gap.join(parts), random.choice(self.indents))

    def snippet(self, random: Random) -> str:
        """Return a window of 2 to 48 lines of a file."""
        lines = self.file(random).split("\n")
        while len(lines) < 5:
            lines += ["", *self.file(random).split("\n")]
        return window(lines, random)


def window(lines: list[str], random: Random) -> str:
    """Return some lines in a row: a third of the windows has at most ten."""
    draw = random.random()
    if draw < 0.15:
        return "\n".join(lines[:_LONGEST])
    count = random.randint(2, 10) if draw < 0.5 else random.randint(5, _LONGEST)
    start = random.randint(0, max(0, len(lines) - count))
    return "\n".join(lines[start : start + count])


def indented(language: str, text: str, random: Random) -> str:
    """Return a text of a grammar with an indentation that authors of the language use."""
    return _indented(text, random.choice(Snippets(language).indents))


def _indented(text: str, unit: str) -> str:
    step = "\t" if unit == "tab" else " " * int(unit)
    lines = []
    for line in text.split("\n"):
        bare = line.lstrip(" ")
        levels, rest = divmod(len(line) - len(bare), _WRITTEN_INDENT)
        lines.append(step * levels + " " * rest + bare if bare else "")
    return "\n".join(lines)


def classes() -> list[str]:
    """Return every class that snippets can be made of, sorted."""
    return sorted((*languages(), *MADE_OTHERWISE))


def snippet_of(language: str, random: Random) -> str:
    """Return a snippet of a class."""
    if language == "text":
        return window(document(random).split("\n"), random)
    if language == "diff":
        lines = Snippets(random.choice(languages())).file(random).split("\n")
        return window(diff_of(lines, random).split("\n"), random)
    return Snippets(language).snippet(random)


def code_or_text(name: str, random: Random) -> str:
    """Return a snippet of "code" in any language, or a "text": a document, in one of four cases with markup."""
    if name == "code":
        return snippet_of(random.choice([one for one in classes() if one not in (*TEXTS, "text")]), random)
    draw = random.random()
    return snippet_of("markdown" if draw < 0.18 else "rst" if draw < 0.25 else "text", random)
