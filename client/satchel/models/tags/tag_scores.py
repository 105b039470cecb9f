"""Scoring tags for a text: how strongly its words and libraries tell each tag."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from satchel.models.tags.ontology import libraries_of_tags, load, relations, words_of_tags
from satchel.models.titles.names import tiers

EXAMINED_CHARS: Final = 24_000
HEAD_CHARS: Final = 200
START_CHARS: Final = 1_500
COUNT: Final = 0.5  # of the logarithm of how often a word occurs
START: Final = 0.5  # of that among the first characters
HEAD: Final = 0.5
DESCRIPTION: Final = 4.5
TITLE: Final = 3.0
LIBRARY: Final = 2.2
PLUMBING: Final = 0.3
SHORT_CHARS: Final = 800  # of a text with few words, where an import tells the most
GENERIC: Final = 0.4  # of the score of a tag that most texts would get
SPREAD: Final = 0.3  # of a tag's score, to its related tags
SPREADING: Final = 20  # tags with the highest scores
OWN_WORD: Final = 0.5  # of a frequent word that is no tag of the ontology
OWNERS_WORD: Final = 1.0  # of a word that the owner has made a tag of another Piece
RARE_OWN_WORD: Final = 0.4  # of a word of the title or description that is not frequent

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


_LICENCE: Final = re.compile(
    r"^(?:#{1,6}[ ]{0,4}|\*\*)?(?:the |mit )?licen[sc]e\b[^\n]{0,40}\n(?:(?!#)[^\n]{0,2000}\n?){0,60}",
    re.IGNORECASE | re.MULTILINE,
)


def without_noise(text: str) -> str:
    """Return a text without badges, images, addresses, HTML, commands that install it, and its licence."""
    return _NOISE.sub(" ", _LICENCE.sub("", text)).lstrip()


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


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a content: its title, what is said of it in a sentence or two, its text, its libraries.

    `vocabulary` are the tags that the owner uses.
    """

    title: str
    said: str
    text: str = field(repr=False)
    libraries: tuple[str, ...] = ()
    vocabulary: frozenset[str] = frozenset()


def scores_of(told: Told) -> dict[str, float]:
    """Return the score of each tag that something in a content tells."""
    text = without_noise(told.text[:EXAMINED_CHARS])
    counts = Counter(words_in(f"{told.title}\n{told.said}\n{text}"))
    weights = _weights(told, text, counts)
    scores: dict[str, float] = defaultdict(float)
    words = words_of_tags()
    for word, weight in weights.items():
        for tag, strength in words.get(word, ()):
            scores[tag] += strength * weight
    for library in told.libraries:
        for tag in libraries_of_tags().get(library.lower(), ()):
            is_told = library.lower() not in _PLUMBING or len(text) < SHORT_CHARS
            scores[tag] += LIBRARY if is_told else PLUMBING
    for tag in scores:
        scores[tag] *= GENERIC if tag in _GENERIC else 1.0
    for word, weight in _own_words(weights, counts, told):
        scores[word] += weight
    return _spread(scores)


def _weights(told: Told, text: str, counts: Counter[str]) -> dict[str, float]:
    """Return the weight of each word: its logarithmic frequency, more near the beginning, most where it is said."""
    start = Counter(words_in(f"{told.title}\n{told.said}\n{text}"[:START_CHARS]))
    head = frozenset(words_in(text[:HEAD_CHARS]))
    said = frozenset(words_in(told.said))
    title = frozenset(words_in(told.title[:START_CHARS]))
    return {
        word: COUNT * math.log1p(count)
        + START * math.log1p(start[word])
        + HEAD * (word in head)
        + DESCRIPTION * (word in said)
        + TITLE * (word in title)
        for word, count in counts.items()
    }


# Tags that most texts about code would get: a text must tell them more strongly than others.
_GENERIC: Final = frozenset(
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
        "req",
        "res",
        "window",
        "resolve",
        "remove",
        "move",
        "views",
        "variables",
        "once",
        "commit",
        "demo",
        "development",
        "controller",
        "input",
        "touch",
        "button",
        "scroll",
        "document",
        "documents",
        "difference",
        "messages",
        "message",
        "tables",
        "mean",
        "keyboard",
        "native",
        "deferred",
        "listener",
        "globals",
        "prototype",
        "tokens",
        "sign",
        "attributes",
        "strategy",
        "interactive",
        "metadata",
        "compatible",
        "deprecated",
    ]
)
# Libraries that come with a language, or that everything uses: an import of them says little about a text.
_PLUMBING: Final = frozenset(
    [
        "typing",
        "logging",
        "os",
        "sys",
        "re",
        "collections",
        "functools",
        "contextlib",
        "copy",
        "enum",
        "abc",
        "dataclasses",
        "argparse",
        "config",
        "datetime",
        "time",
        "json",
        "warnings",
        "types",
        "inspect",
        "io",
        "pathlib",
        "itertools",
        "string",
        "random",
        "math",
        "operator",
        "struct",
        "tempfile",
        "shutil",
        "threading",
        "weakref",
        "traceback",
        "textwrap",
        "importlib",
        "platform",
        "urllib",
        "hashlib",
        "uuid",
        "base64",
        "decimal",
        "numbers",
        "bisect",
        "heapq",
        "codecs",
        "locale",
        "gettext",
        "glob",
        "fnmatch",
        "pickle",
        "subprocess",
        "signal",
        "errno",
        "stat",
        "csv",
        "html",
        "http",
        "xml",
        "socket",
        "ssl",
        "email",
        "zlib",
        "gzip",
        "binascii",
        "ast",
        "tokenize",
        "keyword",
        "token",
        "pprint",
        "queue",
        "concurrent",
        "multiprocessing",
        "asyncio",
        "unittest",
        "configparser",
        "difflib",
        "getpass",
        "select",
        "calendar",
        "zoneinfo",
        "statistics",
        "secrets",
        "six",
        "typing_extensions",
        "fs",
        "path",
        "util",
        "events",
        "stream",
        "buffer",
        "assert",
        "url",
        "querystring",
        "crypto",
        "child_process",
        "inherits",
        "process",
        "debug",
        "tslib",
    ]
)


def _own_words(weights: Mapping[str, float], counts: Counter[str], told: Told) -> list[tuple[str, float]]:
    """Return telling words that are no tags of the ontology, not common, and frequent or in what is said."""
    known = words_of_tags()
    said = {*words_in(told.said), *words_in(told.title)}
    found = [
        (word, weight * _share(word, counts, told))
        for word, weight in weights.items()
        if word not in known
        and weight > _LEAST_WEIGHT
        and (counts[word] >= _LEAST_COUNT or word in said)
        and (word in told.vocabulary or _is_tag(word))
    ]
    return sorted(found, key=lambda one: (-one[1], one[0]))[:_MOST_OWN_WORDS]


def _share(word: str, counts: Counter[str], told: Told) -> float:
    if word in told.vocabulary:
        return OWNERS_WORD
    return OWN_WORD if counts[word] >= _LEAST_COUNT else RARE_OWN_WORD


def _is_tag(word: str) -> bool:
    """Whether a word could be a tag: of a usual form, and not common in code."""
    common = tiers()
    return (
        3 <= len(word) <= _LONGEST
        and not word[0].isdigit()
        and not any(sign in word for sign in "_./")
        and not any(common.get(part, _RARE) < _RARE or part in _NO_TAGS for part in (word, *word.split("-")))
    )


_LEAST_WEIGHT: Final = 3.0
_LEAST_COUNT: Final = 3
_LONGEST: Final = 30
_RARE: Final = 4
_MOST_OWN_WORDS: Final = 10
_NO_TAGS: Final = frozenset(
    [
        "npm",
        "install",
        "readme",
        "badge",
        "license",
        "build",
        "status",
        "github",
        "www",
        "com",
        "org",
        "copyright",
        "software",
        "warranty",
        "under",
        "permission",
        "hereby",
        "granted",
        "apache",
    ]
)


def _spread(scores: Mapping[str, float]) -> dict[str, float]:
    """Add to each tag a part of the scores of its related tags."""
    related = relations()
    known = load()
    added: dict[str, float] = defaultdict(float)
    for tag, score in sorted(scores.items(), key=lambda one: (-one[1], one[0]))[:SPREADING]:
        for other, closeness in related.get(tag, {}).items():
            if other in known:
                added[other] += SPREAD * closeness * score
    return {tag: scores.get(tag, 0.0) + added.get(tag, 0.0) for tag in {*scores, *added}}
