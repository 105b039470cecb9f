"""The query language: words, phrases, prefixes, filters and exclusions.

    parse http          both words                  "http header"     adjacent words, in this order
    pars*               words with this prefix      -draft            without this word
    lang:py  tag:http   filters                     -tag:"old stuff"  a negated filter

An identifier (`parse_http_header`, `std::vector`) matches by its parts, in order. Parsing is pure; a malformed
query raises `UsageError`.
"""

import re
from dataclasses import dataclass
from typing import Final

from satchel.errors import UsageError
from satchel.index.words import indexed, is_unspaced, names_in, parts_of, singular, whole_of
from satchel.pieces.fields import language as normal_language
from satchel.pieces.fields import tag as normal_tag

MAX_QUERY_CHARS: Final = 4_000
MAX_ITEMS: Final = 64
MIN_PREFIX_CHARS: Final = 2

_EXAMPLE: Final = "for example: satchel search 'parse \"http header\" lang:py'"
_ITEM: Final = re.compile(
    r"""
    (?P<minus>-?)
    (?:(?P<filter>lang|language|tag):)?
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


@dataclass(frozen=True, slots=True)
class Filter:
    """A language or tag: `kind` is "lang" or "tag", `value` is in the store's form."""

    kind: str
    value: str
    is_prefix: bool = False


Item = Phrase | Filter


@dataclass(frozen=True, slots=True)
class Query:
    """What must match and what must not. `must` is never empty."""

    must: tuple[Item, ...]
    must_not: tuple[Item, ...]

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """The phrases that must match; empty if there are only filters."""
        return tuple(item for item in self.must if isinstance(item, Phrase))


def parse(text: str) -> Query:
    """Parse a query. UsageError if it is empty, malformed, or has nothing but exclusions."""
    if len(text) > MAX_QUERY_CHARS:
        raise UsageError(
            f"the query has {len(text)} characters", hint=f"at most {MAX_QUERY_CHARS} are allowed"
        )
    if not text.strip():
        raise UsageError("the query is empty", hint=_EXAMPLE)
    must: list[Item] = []
    must_not: list[Item] = []
    for found in _items(text):
        item = _item(found)
        if item is not None:
            (must_not if found["minus"] else must).append(item)
    if len(must) + len(must_not) > MAX_ITEMS:
        raise UsageError(f"the query has more than {MAX_ITEMS} words", hint="leave some out")
    if not must:
        what = "nothing but exclusions" if must_not else "no letter or digit"
        raise UsageError(f"the query has {what}", hint=_EXAMPLE)
    return Query(tuple(dict.fromkeys(must)), tuple(dict.fromkeys(must_not)))


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
    value = normal_tag(text.rstrip("*")) if name == "tag" else normal_language(text)
    if not value:
        raise UsageError(f"'{name}:' needs a value", hint=f"for example {name}:{_SAMPLES[name]}")
    return Filter("tag", value, text.endswith("*")) if name == "tag" else Filter("lang", value)


_SAMPLES: Final = {"tag": "http", "lang": "py", "language": "python"}


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
