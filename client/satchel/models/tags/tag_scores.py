"""Scoring tags for a text: how strongly its words and libraries tell each tag."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from satchel.models.tags.ontology import libraries_of_tags, load, relations, words_of_tags
from satchel.models.titles.names import tiers

EXAMINED_CHARS: Final = 24_000
HEAD_CHARS: Final = 160  # the title and the first sentences tell more
START_CHARS: Final = 1_500
LIBRARY: Final = 2.2
SPREAD: Final = 0.3  # of a tag's score, to its related tags
OWN_WORD: Final = 0.7  # of a frequent word that is no tag of the ontology

_TOKEN: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[.+#_/-]+[A-Za-z0-9]+)*(?:\+\+|#)?|[0-9]{3}")
_CASED: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_SPLIT: Final = re.compile(r"[._/-]+")
# Badges, images, links, and tags of HTML: not what a text is about.
_NOISE: Final = re.compile(
    r"\[?!\[[^\]\n]{0,200}\](?:\([^)\n]{0,300}\)|\[[^\]\n]{0,100}\])(?:\](?:\([^)\n]{0,300}\)|\[[^\]\n]{0,100}\]))?|^\[[^\]\n]{1,100}\]:[^\n]{0,400}$|"
    r"https?://[^\s)>\"']{1,300}|</?[a-z][^>\n]{0,300}>|^[ \t]{0,8}\.\. (?:image|_)[^\n]{0,300}$|"
    r"^[ \t]{0,8}[$>]?[ \t]{0,4}(?:npm|yarn|pnpm|pip|pip3|bower) (?:install|i|add)[^\n]{0,200}$",
    re.MULTILINE,
)


def without_noise(text: str) -> str:
    """Return a text without badges, images, addresses, HTML and commands that install it."""
    return _NOISE.sub(" ", text).lstrip()


def words_in(text: str) -> list[str]:
    """Return the words of a text in lower case: names whole and in parts, and pairs of adjacent words."""
    found: list[str] = []
    before = ""
    for match in _TOKEN.finditer(text):
        token = match[0]
        lower = token.lower().strip("._/-")
        found.append(lower)
        parts = [part for piece in _SPLIT.split(token) for part in _CASED.findall(piece)]
        if len(parts) > 1:
            lowered = [part.lower() for part in parts]
            found += lowered
            found += ["-".join(pair) for pair in pairwise(lowered)]
        if before and len(before) > 1:
            found.append(f"{before}-{lower}")
        before = lower
        if text[match.end() : match.end() + 1] in ".,;:)\n":
            before = ""
    return found


def scores_of(text: str, libraries: Iterable[str]) -> dict[str, float]:
    """Return the score of each tag that something in the text tells."""
    clean = without_noise(text[:EXAMINED_CHARS])
    counts = Counter(words_in(clean))
    weights = _weights(clean, counts)
    scores: dict[str, float] = defaultdict(float)
    words = words_of_tags()
    for word, weight in weights.items():
        for tag, strength in words.get(word, ()):
            scores[tag] += strength * weight
    for library in libraries:
        for tag in libraries_of_tags().get(library.lower(), ()):
            scores[tag] += LIBRARY
    for tag in scores:
        scores[tag] *= _GENERIC.get(tag, 1.0)
    for word, weight in _own_words(weights, counts):
        scores[word] += OWN_WORD * weight
    return _spread(scores)


COUNT: Final = 0.7
START: Final = 1.0
HEAD: Final = 2.5


def _weights(text: str, counts: Counter[str]) -> dict[str, float]:
    """Return the weight of each word: its logarithmic frequency, more near the beginning."""
    start = Counter(words_in(text[:START_CHARS]))
    head = set(words_in(text[:HEAD_CHARS]))
    title = set(words_in(text.partition("\n")[0][:TITLE_CHARS]))
    return {
        word: COUNT * math.log1p(count)
        + START * math.log1p(start[word])
        + HEAD * (word in head)
        + TITLE * (word in title)
        for word, count in counts.items()
    }


TITLE: Final = 2.0
TITLE_CHARS: Final = 100


# Tags that most texts about code would get: a text must tell them more strongly than others.
_GENERIC: Final = dict.fromkeys(
    [
        "node",
        "nodejs",
        "module",
        "modules",
        "npm",
        "function",
        "functions",
        "image",
        "url",
        "license",
        "version",
        "package",
        "type",
        "types",
        "require",
        "js",
        "object",
        "options",
        "option",
        "code",
        "name",
        "file",
        "files",
        "path",
        "docs",
        "documentation",
        "example",
        "parse",
        "console",
        "array",
        "string",
        "list",
        "class",
        "import",
        "python",
        "library",
        "log",
        "error",
        "errors",
        "data",
        "test",
        "property",
        "index",
        "usage",
        "script",
        "release",
        "standard",
        "api",
        "assert",
        "text",
        "null",
        "ci",
        "arguments",
        "define",
        "write",
        "read",
        "set",
        "style",
        "java",
        "c",
        "warning",
        "software",
        "copyright",
        "id",
        "simple",
        "call",
        "output",
        "request",
        "build",
        "number",
        "limit",
        "support",
        "tool",
        "time",
        "index",
    ],
    0.4,
)


def _own_words(weights: dict[str, float], counts: Counter[str]) -> list[tuple[str, float]]:
    """Return telling words that are no tags of the ontology: frequent, near the beginning, and not common."""
    known, common = words_of_tags(), tiers()
    found = [
        (word, weight)
        for word, weight in weights.items()
        if word not in known
        and weight > _LEAST_WEIGHT
        and counts[word] >= _LEAST_COUNT
        and 3 <= len(word) <= 30
        and not word[0].isdigit()
        and "_" not in word
        and "." not in word
        and not any(
            (part in common and common[part] < 4) or part in _NO_TAGS for part in [word, *word.split("-")]
        )
    ]
    return sorted(found, key=lambda one: (-one[1], one[0]))[:10]


_LEAST_WEIGHT: Final = 3.0
_LEAST_COUNT: Final = 3
_NO_TAGS: Final = frozenset(
    ["npm", "install", "readme", "badge", "license", "build", "status", "github", "www", "com", "org"]
)


def _spread(scores: dict[str, float]) -> dict[str, float]:
    """Add to each tag a part of the scores of its related tags."""
    related = relations()
    known = load()
    added: dict[str, float] = defaultdict(float)
    for tag, score in sorted(scores.items(), key=lambda one: (-one[1], one[0]))[:20]:
        for other, closeness in related.get(tag, {}).items():
            if other in known:
                added[other] += SPREAD * closeness * score
    return {tag: scores.get(tag, 0.0) + added.get(tag, 0.0) for tag in {*scores, *added}}
