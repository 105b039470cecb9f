"""Features that distinguish a snippet from a random part of a file. All are from 0 to 1.

They read lines, columns, brackets and words, and know no language. What the parser knows is in three of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from satchel.models.parsing import Outline
from satchel.models.saving.patterns import (
    BARE_CALL,
    BRACKETS,
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
_CACHED_LINES: Final = 4_096


class _Traits(NamedTuple):
    """What a line has, 0 or 1, or the share of the lines that have it."""

    comment: float
    documents: float
    declares: float
    method: float
    call: float
    command: float
    prompt: float
    result: float
    ellipsis: float
    placeholder: float
    test: float
    export: float


@dataclass(frozen=True, slots=True)
class _Text:
    """A text, read once: its lines that are not blank, without and with their columns, and the traits of the lines.

    `brackets` count those that stay open, and those that close what the text does not open.
    """

    raw: str
    bare: str
    lines: Sequence[str]
    columns: Sequence[int]
    traits: Sequence[_Traits]
    brackets: tuple[int, int]

    @property
    def lowest(self) -> int:
        return min(self.columns)

    @property
    def shares(self) -> _Traits:
        """The share of the lines with each trait."""
        return _Traits(*(sum(column) / len(self.lines) for column in zip(*self.traits, strict=True)))


def features_of(text: str, language: str, outline: Outline) -> tuple[float, ...]:
    """Return the features of a text, in the order of FEATURES."""
    shown = text[:_EXAMINED_CHARS]
    kept = [line for line in shown.splitlines()[:_EXAMINED_LINES] if line.strip()] or [""]
    lines = [line.strip()[:_LINE_CHARS] for line in kept]
    bare = STRINGS.sub("''", shown)
    columns = [_column(line) for line in kept]
    read = _Text(shown, bare, lines, columns, [_traits(line) for line in lines], _unbalanced(bare))
    return (*_form(read), *_ends(read), *_content(read, outline), *_kinds(read, language))


@lru_cache(maxsize=_CACHED_LINES)
def _traits(line: str) -> _Traits:
    """Return the traits of a line. The regions of one text overlap, so that most lines are met many times."""
    return _Traits(
        comment=COMMENT.match(line) is not None,
        documents=DOCUMENTS.search(line) is not None,
        declares=DECLARES.match(line) is not None,
        method=METHOD.match(line) is not None,
        call=CALL.match(line) is not None,
        command=COMMAND.match(line) is not None,
        prompt=PROMPT.match(line) is not None,
        result=RESULT.search(line) is not None,
        ellipsis=ELLIPSIS.search(line) is not None,
        placeholder=PLACEHOLDER.search(line) is not None,
        test=TEST.search(line) is not None,
        export=EXPORT.match(line) is not None,
    )


@lru_cache(maxsize=_CACHED_LINES)
def _private_names(line: str) -> int:
    return len(PRIVATE.findall(line))


def _column(line: str) -> int:
    rest = line.lstrip(" \t")
    return sum(_TAB_COLUMNS if char == "\t" else 1 for char in line[: len(line) - len(rest)])


def _form(read: _Text) -> tuple[float, ...]:
    opened, closed = read.brackets
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
    is_closed = read.brackets == (0, 0)
    last = 0 if is_closed and read.lines[-1][-1:] in ")]};" else read.columns[-1] - read.lowest
    return (
        float(not UNFINISHED.search(read.lines[-1])),
        min(1.0, last / 8),
    )


def _content(read: _Text, outline: Outline) -> tuple[float, ...]:
    count = len(read.lines)
    lowest = read.lowest
    pairs = zip(read.lines, read.traits, read.columns, strict=True)
    margin = [(line, traits) for line, traits, column in pairs if column == lowest]
    calls = sum(traits.call and not traits.declares for _, traits in margin)
    statements = sum(not (traits.declares or traits.comment or line[:1] in ")]}") for line, traits in margin)
    declared = sum(traits.declares or traits.method for traits in read.traits)
    shares = read.shares
    return (
        float(any(IMPORT.match(line) for line in read.lines[:3])),
        _imports_used(read.raw, outline),
        float(outline.is_parsed and not outline.has_errors),
        min(1.0, count / 40),
        float(_starts_inside_comment(read.raw)),
        float(_ends_inside_comment(read.raw)),
        shares.comment,
        min(1.0, 4 * shares.documents),
        min(1.0, calls / 3),
        statements / count,
        min(1.0, declared / 4),
        _unknown_calls(read, outline),
    )


def _kinds(read: _Text, language: str) -> tuple[float, ...]:
    count = len(read.lines)
    lowest, shares = read.lowest, read.shares
    return (
        shares.command,
        shares.prompt,
        min(1.0, 3 * shares.result),
        float(shares.ellipsis > 0),
        min(1.0, 2 * shares.placeholder),
        min(1.0, sum(map(_private_names, read.raw.splitlines())) / (2 * count)),
        min(1.0, 3 * shares.test),
        sum(column == lowest for column in read.columns) / count,
        float(bool(LICENCE.search(read.raw[:1_000]))),
        float(language in DATA),
        float(bool(OWN_MODULE.search(read.raw))),
        min(1.0, 3 * shares.export),
    )


def _unbalanced(text: str) -> tuple[int, int]:
    """Return how many brackets stay open, and how many close what the text does not open."""
    depth = closed = 0
    for char in BRACKETS.findall(text):
        if char in "([{":
            depth += 1
        elif depth:
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
    called = set(BARE_CALL.findall(read.bare)) - known - KNOWN_CALLS
    return min(1.0, 2 * len(called) / len(read.lines))
