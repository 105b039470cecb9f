"""The words that distinguish a text from others: frequent in it, and rare elsewhere."""

import math
import re
from dataclasses import dataclass
from typing import Final

from satchel.models.titles.lexicon import word_set
from satchel.models.titles.names import tiers

EXAMINED_CHARS: Final = 16_384
MAX_WORD_CHARS: Final = 20
# How much a word of each tier of the common words tells, and how likely a person is to type it.
_TELLING: Final = {1: 0.0, 2: 0.35, 3: 0.8, 4: 1.0}
_UNKNOWN: Final = 0.8  # it may be an abbreviation of one author

_NAME: Final = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z][A-Za-z0-9_]*")
# As the index splits names.
_PART: Final = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_VOWEL: Final = re.compile(r"[aeiouy]")
_CONSONANTS: Final = re.compile(r"[^aeiouy]{5}|(.)\1\1")
_SHORT: Final = word_set(
    "api app aws cli cpu css csv dns dom ftp gcp gif git gpu gui hex http ip ios jpg jwt lru md5 npm oop orm os pdf php pid png rpc rsa s3 sha sql ssh ssl svg tcp tls ttl udp ui uri url utc utf uuid vm xml yaml zip log map set sum max min key add pop bit dot row end env bar box bin sys ast"
)


@dataclass(frozen=True, slots=True)
class TellingWord:
    """A word with its score and the place of its first occurrence, in words."""

    word: str
    score: float
    place: int


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, names split as the index splits them."""
    names = (name for name in _NAME.findall(text[:EXAMINED_CHARS]) if not _is_key(name))
    return [part.lower() for name in names for part in _PART.findall(name[:64])]


def _is_key(name: str) -> bool:
    """Whether a name looks like a key, a digest or an encoded text, which nobody types."""
    digits = sum(map(str.isdigit, name))
    return len(name) >= _KEY_CHARS and (digits > 2 or ("_" not in name and name.isupper()))


_KEY_CHARS: Final = 12


def is_typeable(word: str) -> bool:
    """Whether a person would type a word: not a number, no key, no abbreviation of one or two letters."""
    if not word.isalpha() or len(word) > MAX_WORD_CHARS:
        return False
    if len(word) <= 3:
        return word in _SHORT
    return bool(_VOWEL.search(word)) and not _CONSONANTS.search(word)


def telling_words(text: str, favoured: frozenset[str] = frozenset()) -> list[TellingWord]:
    """Return the telling words of a text, the most telling first. Words in `favoured` count more."""
    counts: dict[str, int] = {}
    places: dict[str, int] = {}
    for place, word in enumerate(words_of(text)):
        counts[word] = counts.get(word, 0) + 1
        places.setdefault(word, place)
    common = tiers()
    found = []
    for word, count in counts.items():
        telling = _UNKNOWN if word not in common else _TELLING[common[word]]
        if telling == 0 or not is_typeable(word):
            continue
        score = telling * (1 + math.log(count)) * (_FAVOUR if word in favoured else 1)
        found.append(TellingWord(word, score, places[word]))
    return sorted(found, key=lambda one: (-one.score, one.place))


_FAVOUR: Final = 1.8
