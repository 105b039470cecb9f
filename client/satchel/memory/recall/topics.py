"""The topic of a question: its distinctive words, and the full-text expression that finds any of them."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from satchel.index.words import COMMON, indexed, is_unspaced, names_in, parts_of

MOST_WORDS: Final = 24
_PREFIX_CHARS: Final = 4  # the shortest stem that stands for its endings
# Words of questions about one's own work, which tell nothing about the topic.
_ASKING: Final = frozenset(
    [
        "about",
        "latest",
        "newest",
        "recent",
        "recently",
        "ran",
        "again",
        "against",
        "all",
        "am",
        "any",
        "anything",
        "been",
        "before",
        "being",
        "both",
        "but",
        "came",
        "come",
        "could",
        "did",
        "didn",
        "doing",
        "done",
        "down",
        "during",
        "each",
        "else",
        "ever",
        "every",
        "few",
        "gave",
        "get",
        "give",
        "go",
        "going",
        "gone",
        "got",
        "had",
        "happen",
        "happened",
        "he",
        "her",
        "here",
        "him",
        "his",
        "just",
        "know",
        "last",
        "let",
        "like",
        "look",
        "made",
        "make",
        "many",
        "me",
        "more",
        "most",
        "much",
        "myself",
        "need",
        "no",
        "now",
        "off",
        "often",
        "once",
        "only",
        "other",
        "our",
        "out",
        "over",
        "own",
        "please",
        "quite",
        "really",
        "recall",
        "remember",
        "said",
        "same",
        "say",
        "see",
        "she",
        "should",
        "show",
        "since",
        "some",
        "something",
        "still",
        "stuff",
        "such",
        "take",
        "tell",
        "than",
        "thing",
        "things",
        "think",
        "those",
        "through",
        "time",
        "times",
        "too",
        "try",
        "trying",
        "tried",
        "under",
        "until",
        "up",
        "us",
        "very",
        "want",
        "wanted",
        "way",
        "we",
        "went",
        "were",
        "while",
        "who",
        "whom",
        "why",
        "will",
        "work",
        "worked",
        "working",
        "would",
        "yesterday",
        "today",
        "week",
        "day",
        "month",
        "year",
        "ago",
        "command",
        "commands",
        "episode",
        "episodes",
        "session",
        "sessions",
        "finally",
        "exactly",
        "end",
        "ended",
        "first",
    ]
)
# "the last backup", "what did I do last", but not "at last" or "the last line". Times such as "last week" are gone.
_LAST: Final = re.compile(
    r"(?<!\bat )\b(?:last|latest|newest|most recent(?:ly)?)\b"
    r"(?! (?:[0-9]+|line|element|item|argument|parameter|character|byte|column|row|field|page|step|part|one)s?\b)",
    re.IGNORECASE,
)
_STOPPED: Final = re.compile(
    r"\bwhere (?:did|had|have) (?:i|we) (?:stop|stopped|leave off|left off|leave|left|get to|got to|end up|ended up)\b"
    r"|\b(?:i|we) (?:left off|stopped)\b",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(
    r"\b(?:first time|(?:did|have|had) (?:i|we) first|(?:i|we) first)\b", re.IGNORECASE
)
_ENDING: Final = re.compile(r"(?:ings?|ed|ers?|ions?|ment|ly|es|s|e)$")
_DOUBLED: Final = re.compile(r"([bdglmnprt])\1$")


@dataclass(frozen=True, slots=True)
class Topic:
    """The telling words of a question, as they are indexed, and the text that its meaning is taken from.

    `wants` tells whether the question is about the last or the first time.
    """

    words: tuple[str, ...]
    text: str
    wants: Literal["best", "last", "first"] = "best"

    def expression(self, joined: Literal["OR", "AND"] = "OR") -> str:
        """Return the expression of FTS5 for episodes with some or all of the words, or with other endings of them."""
        return f" {joined} ".join(dict.fromkeys(_term(word) for word in self.words))

    def matches(self, text: str) -> bool:
        """Whether a text has one of the words."""
        return bool(self.found_in(text))

    def found_in(self, text: str) -> tuple[str, ...]:
        """Return the words that a text has."""
        here = _words_in(text)
        stems = ((word, _stem(word)) for word in self.words)
        return tuple(
            word
            for word, stem in stems
            if word in here or (stem and any(each.startswith(stem) for each in here))
        )


def topic_of(question: str) -> Topic:
    """Return the topic of a question from which time and place are removed."""
    about = _STOPPED.sub("", question)
    telling = tuple(word for word in _words_in(about) if word not in COMMON and word not in _ASKING)
    wants: Literal["best", "last", "first"] = "best"
    if about != question or _LAST.search(question):
        wants = "last"
    elif _FIRST.search(question):
        wants = "first"
    return Topic(telling[:MOST_WORDS], question.strip(), wants)


def _words_in(text: str) -> dict[str, None]:
    """Return the words of a text as they are indexed, each once, in order."""
    return {word: None for name in names_in(text) for part in parts_of(name) for word in indexed(part)}


def _term(word: str) -> str:
    stem = _stem(word)
    return f'"{stem}" *' if stem else f'"{word}"'


def _stem(word: str) -> str:
    """Return the start that a word shares with its other forms: "rounding" and "rounded"; empty for a short word."""
    if not (word.isascii() and word.isalpha()) or is_unspaced(word):
        return ""
    stem = _DOUBLED.sub(r"\1", _ENDING.sub("", word))
    return stem if len(stem) >= _PREFIX_CHARS else word if len(word) > _PREFIX_CHARS else ""
