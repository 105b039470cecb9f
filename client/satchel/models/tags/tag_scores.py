"""Scoring tags for a text: the odds of each tag, by the words and libraries that indicate it.

    odds_of(Told("slugify", "Turn a title into a slug", text))  # {"slug": 2.3, "url": 0.4, …}

The odds are those that the author of a package gives the tag as a keyword. What is found adds to their logarithm.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from satchel.models.tags.generic import GENERIC, NO_TAGS, PLUMBING
from satchel.models.tags.ontology import libraries_of_tags, load, relations, words_of_tags
from satchel.models.tags.text_words import without_noise, words_in
from satchel.models.titles.names import tiers

EXAMINED_CHARS: Final = 24_000
START_CHARS: Final = 1_500
FIRST_CHARS: Final = 40  # of what is said
SHORT_CHARS: Final = 800  # of a text with few words, where an import tells the most

# What adds to the logarithm of the odds of a tag.
BASE: Final = -4.9
SHORT: Final = 1.5  # of a text with few words, each of which tells more
TITLE: Final = 1.9
SAID: Final = 1.6
FIRST: Final = 0.6
OTHER: Final = 1.0  # of a word that tells the tag and is not the tag, in the title or in what is said
COUNT: Final = 0.25  # of the logarithm of how often the word occurs
START: Final = 0.3  # of that among the first characters
LIBRARY: Final = 0.2
LIBRARY_OF_SHORT: Final = 3.0
SPREAD: Final = 4.4  # of the logarithm of what related tags pass on
ONLY_OTHERS: Final = -0.4  # a tag that only other words tell
ONLY_RELATED: Final = -1.2  # a tag that only related tags tell
IS_GENERIC: Final = -0.5
GENERIC_IN_SAID: Final = -1.0
IS_LANGUAGE: Final = -0.9
COMMON: Final[Mapping[int, float]] = {1: -1.0, 2: -0.8, 3: -0.3}  # by the tier of the word
CHARACTER: Final = -0.03
PAIR: Final = -1.1  # two words that are no tag of the ontology
NO_NOUN: Final = -0.9
OWNERS: Final = 1.0  # a word that the owner uses as a tag, and that is none of the ontology

SPREADING: Final = 20  # tags that most is found of
LEAST_PASSED: Final = 1.5  # to a tag that only related tags tell; with less it is below every suggestion
SHARE: Final = 0.2  # of what is found of a tag, times the closeness, is passed on to a related tag

_LANGUAGES: Final = frozenset(
    [
        *(tag.name for tag in load().values() if tag.group == "languages"),
        *("js", "node", "nodejs", "web", "browser", "library", "npm", "module", "package"),
    ]
)
_NO_NOUN: Final = re.compile(r"(?:ing|ed|ly|ful|able|ible|ous|ive|less|est|ent|ant|ish|ize|ized)$")


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


@dataclass(slots=True)
class _Found:
    """The most that one word tells of a tag, by the place where it stands."""

    title: float = 0.0
    said: float = 0.0
    other: float = 0.0
    first: float = 0.0
    count: float = 0.0
    start: float = 0.0
    library: float = 0.0
    is_named: bool = False

    @property
    def weight(self) -> float:
        """What is added to the logarithm of the odds."""
        return (
            TITLE * self.title
            + SAID * self.said
            + OTHER * self.other
            + FIRST * self.first
            + COUNT * self.count
            + START * self.start
            + self.library
        )


def odds_of(told: Told) -> dict[str, float]:
    """Return the odds of each tag that something in a content tells."""
    text = without_noise(told.text[:EXAMINED_CHARS])
    is_short = len(text) < SHORT_CHARS
    found = _found_in(told, text)
    _add_libraries(found, told.libraries, is_short=is_short)
    passed = _passed_on({tag: one.weight for tag, one in found.items() if tag in load()})
    base = BASE + SHORT * is_short
    logarithms = {
        tag: base
        + _of_tag(tag, found.get(tag), told.vocabulary)
        + SPREAD * math.log1p(SHARE * passed.get(tag, 0.0))
        for tag in {*found, *(tag for tag, weight in passed.items() if weight > LEAST_PASSED)}
    }
    return {tag: math.exp(logarithm) for tag, logarithm in logarithms.items()}


def _found_in(told: Told, text: str) -> dict[str, _Found]:
    """Return what the words of a content tell of each tag."""
    whole = f"{told.title}\n{told.said}\n{text}"
    counts, start = Counter(words_in(whole)), Counter(words_in(whole[:START_CHARS]))
    title, said = frozenset(words_in(told.title[:START_CHARS])), frozenset(words_in(told.said))
    first = frozenset(words_in(told.said[:FIRST_CHARS]))
    known = words_of_tags()
    found: dict[str, _Found] = defaultdict(_Found)
    for word, count in counts.items():
        for tag, strength in known.get(word) or _own_tag(word, count, title | said, told.vocabulary):
            one = found[tag]
            if strength == 1:
                one.is_named = True
                one.title = max(one.title, word in title)
                one.said = max(one.said, word in said)
                one.start = max(one.start, math.log1p(start[word]))
                one.count = max(one.count, math.log1p(count))
            elif word in title or word in said:
                one.other = max(one.other, strength)
            if word in first:
                one.first = max(one.first, strength)
    return found


def _own_tag(
    word: str, count: int, said: frozenset[str], vocabulary: frozenset[str]
) -> Iterable[tuple[str, float]]:
    """Return the word as a tag if it is telling, frequent or said, and of the form of a tag or one of the owner's."""
    is_told = count >= _LEAST_COUNT or word in said
    return ((word, 1.0),) if is_told and (word in vocabulary or _is_tag(word)) else ()


def _is_tag(word: str) -> bool:
    """Whether a word could be a tag: of a usual form, and not common in code."""
    common = tiers()
    return (
        3 <= len(word) <= _LONGEST
        and not word[0].isdigit()
        and not any(sign in word for sign in "_./")
        and not any(common.get(part, _RARE) < _RARE or part in NO_TAGS for part in (word, *word.split("-")))
    )


_LEAST_COUNT: Final = 3
_LONGEST: Final = 30
_RARE: Final = 4


def _add_libraries(found: dict[str, _Found], libraries: Iterable[str], *, is_short: bool) -> None:
    for library in libraries:
        weight = LIBRARY_OF_SHORT if is_short else 0.0 if library.lower() in PLUMBING else LIBRARY
        for tag in libraries_of_tags().get(library.lower(), ()):
            found[tag].library = max(found[tag].library, weight)


def _passed_on(weights: Mapping[str, float]) -> dict[str, float]:
    """Return what each tag gets from its related tags, of which most is found."""
    related, known = relations(), load()
    passed: dict[str, float] = defaultdict(float)
    for tag, weight in sorted(weights.items(), key=lambda one: (-one[1], one[0]))[:SPREADING]:
        for other, closeness in related.get(tag, {}).items():
            if other in known:
                passed[other] += closeness * weight
    return passed


def _of_tag(tag: str, found: _Found | None, vocabulary: frozenset[str]) -> float:
    """Return what the tag itself adds, and what is found of it."""
    is_language = tag in _LANGUAGES
    weight = CHARACTER * len(tag) + COMMON.get(tiers().get(tag, 0), 0.0) + IS_LANGUAGE * is_language
    if tag not in load():
        weight += OWNERS if tag in vocabulary else PAIR * ("-" in tag) + NO_NOUN * bool(_NO_NOUN.search(tag))
    is_generic = tag in GENERIC
    weight += IS_GENERIC * is_generic
    if found is None:
        return weight + ONLY_RELATED
    weight += GENERIC_IN_SAID * found.said * (is_generic or is_language)
    return weight + found.weight + (0.0 if found.is_named else ONLY_OTHERS)
