"""Splitting names into words, and writing these as in prose."""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from satchel.models.titles.abbreviations import ABBREVIATIONS
from satchel.models.titles.lexicon import (
    ACRONYMS,
    EITHER,
    LIBRARY_CASE,
    VERBS,
    takes_article,
    with_article,
    word_set,
)

_PARTS: Final = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_A-Za-z]+")


@lru_cache(maxsize=1_024)
def parts_of(name: str) -> tuple[str, ...]:
    """Split a name into words in lower case: `parseHTTPHeader` is parse, http, header."""
    found: list[str] = []
    for part in _PARTS.findall(name[:120]):
        if part.isdigit() and found and not found[-1].isdigit():
            joined = found[-1] + part
            if joined in ACRONYMS or joined in LIBRARY_CASE or len(part) == 1:
                found[-1] = joined
                continue
        found += compounds(part.lower())
    return tuple(found)


def compounds(word: str) -> tuple[str, ...]:
    """Cut a word that is written without a boundary: "getvalue" is get, value. Unknown words stay whole."""
    if len(word) < 6 or word in tiers() or word in _WHOLE:
        return (word,)
    known = tiers()
    cuts = (
        at
        for at in range(len(word) - 3, 1, -1)
        if (word[:at] in _FIRST_HALVES or (at > 2 and known.get(word[:at], 0) > 1))
        and (known.get(word[at:], 0) > 0 or word[at:] in ABBREVIATIONS)
    )
    at = next(cuts, 0)
    if at and (word[:at] in _FIRST_HALVES) and len(word) - at > 3:
        return word[:at], word[at:]
    if word.startswith(_QUESTIONS) and len(word) > 6:
        rest = word[2:] if word.startswith("is") else word[3:]
        if rest in known or rest.removesuffix("s") in known:
            return word.removesuffix(rest), rest
    if word.endswith(_SECOND_HALVES):
        end = next(one for one in _SECOND_HALVES if word.endswith(one))
        if word.removesuffix(end) in known or word.removesuffix(end) in ABBREVIATIONS:
            return word.removesuffix(end), end
    return (word,)


_QUESTIONS: Final = ("is", "has")
_SECOND_HALVES: Final = (
    "path",
    "name",
    "list",
    "file",
    "size",
    "type",
    "count",
    "index",
    "map",
    "set",
    "obj",
    "dir",
    "func",
)


@cache
def tiers() -> dict[str, int]:
    """Return the tier of each common word: 1 for the most common, 4 for the least."""
    found: dict[str, int] = {}
    tier = 0
    for line in _COMMON_WORDS.read_text("utf-8").splitlines():
        if line.startswith("["):
            tier = int(line.strip("[]"))
        elif not line.startswith("#"):
            for word in line.split():
                found.setdefault(word, tier)
    return found


_COMMON_WORDS: Final = Path(__file__).with_name("common_words.txt")
# Words that are not cut, although they look as if they were made of two.
_WHOLE: Final = word_set(
    "backend backup callback database dataset download filename format formats framework input keyboard keyword "
    "keywords network offset output charset dataset island isolate isotope password string strings subgraph subsystem substring timedelta timeframe "
    "timeout timestamp timezone teardown cleanup setup lookup login logout shutdown startup traceback typeerror update upload username workflow"
)
_FIRST_HALVES: Final = VERBS | EITHER


def plain(words: tuple[str, ...], *, with_articles: bool = False) -> str:
    """Write the words of a name as in prose, with an article if one is wanted and needed."""
    text = " ".join(written(word) for word in words)
    return (
        with_article(text)
        if with_articles and words and takes_article(words[-1]) and text.islower()
        else text
    )


def written(word: str) -> str:
    """Write a word of a name as in prose: "http" is "HTTP", "msg" is "message"."""
    if word in LIBRARY_CASE:
        return LIBRARY_CASE[word]
    if word in ACRONYMS:
        return word.upper()
    return ABBREVIATIONS.get(word, word)


def noun(name: str) -> str:
    """Write a name as a noun phrase: `HeaderParser` is "header parser"."""
    return plain(parts_of(name))
