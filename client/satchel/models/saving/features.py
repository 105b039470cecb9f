"""Features of a text that tell a snippet from a window cut out of a file. All are from 0 to 1.

They read lines, columns, brackets and words, and know no language. What the parser knows is in three of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from satchel.models.parsing import Outline
from satchel.models.saving.patterns import (
    BARE_CALL,
    CALL,
    COMMAND,
    COMMENT,
    CONTINUES,
    DATA,
    DECLARES,
    DOCUMENTS,
    ELLIPSIS,
    EXPORT,
    IMPORT,
    KNOWN_CALLS,
    LICENCE,
    METHOD,
    OWN_MODULE,
    PLACEHOLDER,
    PRIVATE,
    PROMPT,
    RESULT,
    STRINGS,
    TEST,
    UNFINISHED,
    WORDS,
)

if TYPE_CHECKING:
    import re

FEATURES: Final = (
    "balanced",
    "closes_more",
    "opens_more",
    "starts_at_margin",
    "starts_deep",
    "starts_clean",
    "dedents",
    "ends_clean",
    "ends_deep",
    "imports_first",
    "imports_used",
    "parses",
    "size",
    "inside_comment",
    "open_comment",
    "comments",
    "documentation",
    "calls_at_margin",
    "statements_at_margin",
    "declarations",
    "unknown_calls",
    "commands",
    "prompts",
    "results",
    "ellipsis",
    "placeholders",
    "private_names",
    "tests",
    "flat",
    "licence",
    "data",
    "own_modules",
    "exports",
)
_EXAMINED_CHARS: Final = 16_384
_EXAMINED_LINES: Final = 400
_LINE_CHARS: Final = 1_000
_TAB_COLUMNS: Final = 4


@dataclass(frozen=True, slots=True)
class _Text:
    """A text, read once: its lines that are not blank, without and with their columns."""

    raw: str
    lines: Sequence[str]
    columns: Sequence[int]

    @property
    def lowest(self) -> int:
        return min(self.columns)

    def share(self, pattern: "re.Pattern[str]", *, at_start: bool = False) -> float:
        """Return the share of the lines that have a pattern."""
        found = pattern.match if at_start else pattern.search
        return sum(found(line) is not None for line in self.lines) / len(self.lines)

    def at_margin(self) -> list[str]:
        return [line for line, column in zip(self.lines, self.columns, strict=True) if column == self.lowest]


def features_of(text: str, language: str, outline: Outline) -> tuple[float, ...]:
    """Return the features of a text, in the order of FEATURES."""
    shown = text[:_EXAMINED_CHARS]
    kept = [line for line in shown.splitlines()[:_EXAMINED_LINES] if line.strip()] or [""]
    lines = [line.strip()[:_LINE_CHARS] for line in kept]
    read = _Text(shown, lines, [_column(line) for line in kept])
    return (*_form(read), *_ends(read), *_content(read, outline), *_kinds(read, language))


def _column(line: str) -> int:
    rest = line.lstrip(" \t")
    return sum(_TAB_COLUMNS if char == "\t" else 1 for char in line[: len(line) - len(rest)])


def _form(read: _Text) -> tuple[float, ...]:
    opened, closed = _unbalanced(STRINGS.sub("''", read.raw))
    first, lowest = read.columns[0], read.lowest
    return (
        float(opened == 0 and closed == 0),
        min(1.0, closed / 2),
        min(1.0, opened / 2),
        float(first == 0),
        min(1.0, first / 8),
        float(not CONTINUES.match(read.lines[0]) and first == lowest),
        min(1.0, 3 * sum(column < first for column in read.columns) / len(read.lines)),
    )


def _ends(read: _Text) -> tuple[float, ...]:
    is_closed = _unbalanced(STRINGS.sub("''", read.raw)) == (0, 0)
    last = 0 if is_closed and read.lines[-1][-1:] in ")]};" else read.columns[-1] - read.lowest
    return (
        float(not UNFINISHED.search(read.lines[-1])),
        min(1.0, last / 8),
    )


def _content(read: _Text, outline: Outline) -> tuple[float, ...]:
    count = len(read.lines)
    margin = read.at_margin()
    calls = sum(CALL.match(line) is not None and not DECLARES.match(line) for line in margin)
    statements = sum(
        not (DECLARES.match(line) or COMMENT.match(line) or line[:1] in ")]}") for line in margin
    )
    declared = sum(bool(DECLARES.match(line) or METHOD.match(line)) for line in read.lines)
    return (
        float(any(IMPORT.match(line) for line in read.lines[:3])),
        _imports_used(read.raw, outline),
        float(outline.is_parsed and not outline.has_errors),
        min(1.0, count / 40),
        float(_starts_inside_comment(read.raw)),
        float(_ends_inside_comment(read.raw)),
        read.share(COMMENT, at_start=True),
        min(1.0, 4 * read.share(DOCUMENTS)),
        min(1.0, calls / 3),
        statements / count,
        min(1.0, declared / 4),
        _unknown_calls(read, outline),
    )


def _kinds(read: _Text, language: str) -> tuple[float, ...]:
    count = len(read.lines)
    return (
        read.share(COMMAND, at_start=True),
        read.share(PROMPT, at_start=True),
        min(1.0, 3 * read.share(RESULT)),
        float(read.share(ELLIPSIS) > 0),
        min(1.0, 2 * read.share(PLACEHOLDER)),
        min(1.0, len(PRIVATE.findall(read.raw)) / (2 * count)),
        min(1.0, 3 * read.share(TEST)),
        sum(column == read.lowest for column in read.columns) / count,
        float(bool(LICENCE.search(read.raw[:1_000]))),
        float(language in DATA),
        float(bool(OWN_MODULE.search(read.raw))),
        min(1.0, 3 * read.share(EXPORT, at_start=True)),
    )


def _unbalanced(text: str) -> tuple[int, int]:
    """Return how many brackets stay open, and how many close what the text does not open."""
    depth = closed = 0
    for char in text:
        if char in "([{":
            depth += 1
        elif char in ")]}":
            if depth:
                depth -= 1
            else:
                closed += 1
    return depth, closed


def _starts_inside_comment(text: str) -> bool:
    start, end = text.find("/*"), text.find("*/")
    return (end >= 0 and (start < 0 or end < start)) or text.lstrip()[:2] in ("* ", "*\n")


def _ends_inside_comment(text: str) -> bool:
    return text.rfind("/*") > text.rfind("*/") or text.count('"""') % 2 == 1 or text.count("'''") % 2 == 1


def _imports_used(text: str, outline: Outline) -> float:
    """Return the share of the imported names that the text uses; 0 without imports."""
    names = [bound.local for one in outline.imports for bound in one.bindings if bound.local != "*"]
    if not names:
        return 0.0
    words = WORDS.findall(text)
    return sum(words.count(name.split(".")[0]) > 1 for name in names[:50]) / len(names[:50])


def _unknown_calls(read: _Text, outline: Outline) -> float:
    """Return how many functions are called by a bare name that the text neither imports nor declares, a line."""
    known = {bound.local for one in outline.imports for bound in one.bindings}
    known |= {one.name for one in outline.declarations}
    called = set(BARE_CALL.findall(STRINGS.sub("''", read.raw))) - known - KNOWN_CALLS
    return min(1.0, 2 * len(called) / len(read.lines))
