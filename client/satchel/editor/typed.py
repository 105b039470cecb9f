"""The text before the cursor: the words that a completion replaces, and the question in a comment."""

import re
from dataclasses import dataclass
from typing import Final

MAX_RUN_CHARS: Final = 60  # a longer run of characters is no prefix of a snippet
MAX_QUESTION_CHARS: Final = 200
MIN_QUESTION_WORDS: Final = 2

_WORD: Final = re.compile(r"\w+\Z")
_ADDRESS: Final = re.compile(r"satchel://piece/\w+")
_IDENTIFIER: Final = re.compile(r"\w[\w-]*")
# The prefix of a snippet may hold other characters than letters: `for-each`, `.log`, `!`.
_RUN: Final = re.compile(r"[^\s\"'`()\[\]{},;]+\Z")
_COMMENT: Final = re.compile(
    r"\s*(?:#+|//+|--|;+|%+|/\*+|\*|<!--|\"|'|REM)\s+(?P<question>\S.*)\Z", re.IGNORECASE
)
_ASKED: Final = re.compile(r"\s*\?\s*(?P<question>\S.*)\Z")
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")
# In these languages a line that begins with such a mark is a heading or an item of a list.
_WITHOUT_COMMENTS: Final = frozenset(["markdown", "text", "rst", "tex"])


@dataclass(frozen=True, slots=True)
class Question:
    """Words that describe what is wanted, and the column at which what the answer follows or replaces begins.

    A comment stays, and the answer follows it. After a question mark, the answer replaces the line.
    """

    text: str
    start: int
    stays: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """A line up to the cursor. `prefixes` are the texts before the cursor that a snippet may be named by."""

    line: str
    prefixes: tuple[str, ...]
    question: Question | None = None


def read_typed(line: str, language: str | None) -> Typed:
    """Return what a line up to the cursor asks for; `language` is that of the document."""
    found = (pattern.search(line[-2 * MAX_RUN_CHARS :]) for pattern in (_RUN, _WORD))
    prefixes = dict.fromkeys(match[0] for match in found if match and len(match[0]) <= MAX_RUN_CHARS)
    return Typed(line, tuple(prefixes), _question(line, language))


def word_around(line: str, column: int) -> tuple[int, str] | None:
    """Return the word at a column with its start: an identifier, or an address such as `satchel://piece/ID`."""
    start = max(0, column - 2 * MAX_RUN_CHARS)
    part = line[start : column + 2 * MAX_RUN_CHARS]
    for pattern in (_ADDRESS, _IDENTIFIER):
        for match in pattern.finditer(part):
            if match.start() <= column - start <= match.end():
                return start + match.start(), match[0]
    return None


def _question(line: str, language: str | None) -> Question | None:
    asked = _ASKED.match(line)
    match = asked or (None if language in _WITHOUT_COMMENTS else _COMMENT.match(line))
    if match is None:
        return None
    text = match["question"].strip()
    if len(text) > MAX_QUESTION_CHARS or len(_LETTERS.findall(text)) < MIN_QUESTION_WORDS:
        return None
    return Question(text, len(line) - len(line.lstrip()), stays=asked is None)
