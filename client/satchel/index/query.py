"""The query language: words, phrases, prefixes, filters and exclusions.

    parse http          both words                  "http header"     adjacent words, in this order
    pars*               words with this prefix      -draft            without this word
    lang:py  tag:http   filters                     -tag:"old stuff"  a negated filter
    collection:release  in this collection          is:pinned         favourites
    http OR ftp parse   "parse", and one of the other two

A word that begins with two hyphens (`--force-with-lease`) is an option of some program, not an exclusion. An identifier (`parse_http_header`, `std::vector`) matches by its parts, in order. Parsing is pure; a malformed
query raises `UsageError`.
"""

import re
from dataclasses import dataclass
from typing import Final

from satchel.errors import UsageError
from satchel.index.words import indexed, is_unspaced, names_in, parts_of, singular, whole_of
from satchel.pieces.collections import PINNED, collection_tag
from satchel.pieces.fields import language as normal_language
from satchel.pieces.fields import tag as normal_tag

MAX_QUERY_CHARS: Final = 4_000
MAX_ITEMS: Final = 64
MIN_PREFIX_CHARS: Final = 2

_EXAMPLE: Final = "for example: satchel search 'parse \"http header\" lang:py'"
_ITEM: Final = re.compile(
    r"""
    (?P<minus>(?:-(?!-))?)
    (?:(?P<filter>lang|language|tag|collection|is):)?
    (?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]*))
    (?P<star>\*?)
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Adjacent words, the last one perhaps a prefix; or the joined name `whole`.

    `words` are as indexed. `parts` are as typed, in lower case, to find the match in a text.
    """

    words: tuple[str, ...]
    parts: tuple[str, ...]
    is_prefix: bool = False
    whole: str = ""

    @property
    def is_word(self) -> bool:
        """Whether it is one word, or the prefix of one."""
        return len(self.words) == 1 and not self.whole


@dataclass(frozen=True, slots=True)
class Filter:
    """A language or tag: `kind` is "lang" or "tag", `value` is in the store's form."""

    kind: str
    value: str
    is_prefix: bool = False


Item = Phrase | Filter


@dataclass(frozen=True, slots=True)
class Either:
    """Items of which one must match: `http OR ftp`."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What must match and what must not. `must` is never empty."""

    must: tuple[Item | Either, ...]
    must_not: tuple[Item, ...]

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """The phrases that must or may match; empty if there are only filters."""
        items = (item.items if isinstance(item, Either) else (item,) for item in self.must)
        return tuple(item for alternatives in items for item in alternatives if isinstance(item, Phrase))


def parse(text: str) -> Query:
    """Parse a query. UsageError if it is empty, malformed, or has nothing but exclusions."""
    if len(text) > MAX_QUERY_CHARS:
        raise UsageError(
            f"the query has {len(text)} characters", hint=f"at most {MAX_QUERY_CHARS} are allowed"
        )
    if not text.strip():
        raise UsageError("the query is empty", hint=_EXAMPLE)
    must: list[Item | Either] = []
    must_not: list[Item] = []
    count = 0
    for alternatives in _grouped(_items(text)):
        items = [item for item in map(_item, alternatives) if item is not None]
        count += len(items)
        if count > MAX_ITEMS:
            raise UsageError(f"the query has more than {MAX_ITEMS} words", hint="leave some out")
        if not items:
            continue
        if len(alternatives) == 1:
            (must_not if alternatives[0]["minus"] else must).append(items[0])
        else:
            must.append(items[0] if len(set(items)) == 1 else Either(tuple(dict.fromkeys(items))))
    if not must:
        raise _nothing_to_find(has_exclusions=bool(must_not))
    return Query(tuple(dict.fromkeys(must)), tuple(dict.fromkeys(must_not)))


def plain_words(text: str) -> str:
    """Return the words of a query without its filters and exclusions, those of identifiers apart.

    Empty if there are none, or if a phrase in quotation marks, a prefix or an OR asks for exact words.
    """
    words = []
    for match in _items(text):
        if match["quoted"] is not None and not match["filter"] and not match["minus"]:
            return ""
        if match["filter"] or match["minus"]:
            continue
        if match[0] == "OR" or match["star"] or match["plain"].endswith("*"):
            return ""
        words += [part for name in names_in(match["plain"]) for part in parts_of(name)]
    return " ".join(words)


def _nothing_to_find(*, has_exclusions: bool) -> UsageError:
    if has_exclusions:
        return UsageError(
            "the query has nothing but exclusions",
            hint="to find a word that begins with a hyphen, quote it: satchel search '\"-f\"'",
        )
    return UsageError("the query has no letter or digit", hint=_EXAMPLE)


def _grouped(found: list[re.Match[str]]) -> list[list[re.Match[str]]]:
    """Group the items that OR joins. UsageError if a side of an OR is missing or excluded."""
    groups: list[list[re.Match[str]]] = []
    is_joined = False
    for match in found:
        if match[0] == "OR":
            if is_joined or not groups:
                raise _misplaced_or()
            is_joined = True
        elif is_joined:
            groups[-1].append(match)
            is_joined = False
        else:
            groups.append([match])
    if is_joined:
        raise _misplaced_or()
    if any(match["minus"] for group in groups if len(group) > 1 for match in group):
        raise UsageError(
            "OR cannot join exclusions", hint="exclude each word separately: satchel search http -ftp -smtp"
        )
    return groups


def _misplaced_or() -> UsageError:
    return UsageError(
        "OR needs a word on both sides",
        hint="for example: satchel search 'http OR ftp'; the word itself: satchel search or",
    )


def _items(text: str) -> list[re.Match[str]]:
    found = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = _ITEM.match(text, at)
        if match is None or match.end() == at:
            raise UsageError(f"the quotation mark at character {at + 1} is not closed", hint=_EXAMPLE)
        found.append(match)
        at = match.end()
    return found


def _item(found: re.Match[str]) -> Item | None:
    text = found["quoted"] if found["quoted"] is not None else found["plain"]
    if found["filter"]:
        return _filter(found["filter"].lower(), text)
    return phrase(text.rstrip("*"), is_prefix=bool(found["star"]) or text.endswith("*"))


def _filter(name: str, text: str) -> Filter:
    if name in {"collection", "is"} and text:
        return Filter("tag", tag_of_filter(name, text))
    value = normal_tag(text.rstrip("*")) if name == "tag" else normal_language(text)
    if not value:
        raise UsageError(f"'{name}:' needs a value", hint=f"for example {name}:{_SAMPLES[name]}")
    return Filter("tag", value, text.endswith("*")) if name == "tag" else Filter("lang", value)


def tag_of_filter(name: str, text: str) -> str:
    """Return the tag that `tag:`, `collection:` or `is:` asks for. UsageError for anything but `is:pinned`."""
    if name == "is":
        if text.casefold() != PINNED:
            raise UsageError(f"'is:{text}' is not a filter", hint="is:pinned finds your favourites")
        return PINNED
    return collection_tag(text) if name == "collection" else normal_tag(text)


_SAMPLES: Final = {"tag": "http", "lang": "py", "language": "python", "collection": "release", "is": "pinned"}


def phrase(text: str, *, is_prefix: bool = False) -> Phrase | None:
    """Return the words of a text as a phrase; None if it has none."""
    names = names_in(text)
    parts = [part for name in names for part in parts_of(name)]
    if not parts:
        return None
    *before, last = parts
    words = [word for part in before for word in indexed(part)]
    if is_unspaced(last):
        pairs = indexed(last)
        words += pairs[:-1] or pairs
        return Phrase(tuple(words), tuple(parts), is_prefix=is_prefix or len(last) == 1)
    whole = "".join(parts) if len(names) == 1 and whole_of(parts) else ""
    if is_prefix and not whole and len(last) < MIN_PREFIX_CHARS:
        raise UsageError(
            f"the prefix '{last}*' is too short", hint=f"give at least {MIN_PREFIX_CHARS} letters before *"
        )
    if not is_prefix:
        last, whole = singular(last), singular(whole)
    return Phrase((*words, last), tuple(parts), is_prefix, whole)
