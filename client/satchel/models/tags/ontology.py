"""The ontology of tags: which words and libraries indicate a tag, and which tags are related.

    ontology = load()
    ontology["http"].words    # ("http", "https", "httpclient", …)
    ontology["http"].related  # ("request", "client", …), the closest first

It is read from ontology.toml and topics.txt, which are written by hand.
"""

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from satchel.models.titles.names import tiers

FILE: Final = Path(__file__).with_name("ontology.toml")
TOPICS: Final = Path(__file__).with_name("topics.txt")


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag. `words` begin with the tag itself; `libraries` are names of imports; `group` is its table."""

    name: str
    group: str
    words: tuple[str, ...]
    libraries: tuple[str, ...]
    related: tuple[str, ...]


@cache
def load() -> Mapping[str, Tag]:
    """Return the tags by name."""
    tables = tomllib.loads(FILE.read_text("utf-8"))
    found = {name: _tag(name, group, text) for group, tags in tables.items() for name, text in tags.items()}
    for topic in topics():
        for word in topic:
            found.setdefault(word, Tag(word, "", (word,), (), ()))
    return found


@cache
def topics() -> tuple[tuple[str, ...], ...]:
    """Return the tags that go together, the most typical of each topic first."""
    lines = (line.partition("#")[0] for line in TOPICS.read_text("utf-8").splitlines())
    common = {word for word, tier in tiers().items() if tier == 1}
    return tuple(
        tuple(word for word in dict.fromkeys(line.split()) if word not in common)
        for line in lines
        if line.strip()
    )


def _tag(name: str, group: str, text: str) -> Tag:
    told, _, related = text.partition(">") if "> " in text else (text, "", "")
    words = told.split()
    return Tag(
        name,
        group,
        tuple(dict.fromkeys([name, *(word for word in words if not word.startswith("@"))])),
        tuple(word.removeprefix("@") for word in words if word.startswith("@")),
        tuple(related.split()),
    )


@cache
def words_of_tags() -> Mapping[str, tuple[tuple[str, float], ...]]:
    """Return for each word the tags that it tells, with weights. A word of many tags weighs less for each."""
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for tag in load().values():
        for word in tag.words:
            if len(word) == 1:  # the languages C and R: letters tell nothing
                continue
            found[word].append((tag.name, 1.0 if word == tag.name else OTHER_WORD))
    return {
        word: tuple((name, weight if weight == 1 else weight / len(tags) ** 0.5) for name, weight in tags)
        for word, tags in found.items()
    }


OTHER_WORD: Final = 0.45


@cache
def libraries_of_tags() -> Mapping[str, tuple[str, ...]]:
    """Return for each library the tags that it tells."""
    found: dict[str, list[str]] = defaultdict(list)
    for tag in load().values():
        for library in tag.libraries:
            found[library].append(tag.name)
    return {library: tuple(names) for library, names in found.items()}


@cache
def relations() -> Mapping[str, Mapping[str, float]]:
    """Return how closely tags are related, from 0 to 1, in both directions."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for tag in load().values():
        for place, other in enumerate(tag.related):
            closeness = 1 / (1 + FALL * place)
            _relate(found, tag.name, other, closeness, BACK * closeness)
        for word in tag.words[1:]:
            if word in load():
                _relate(found, tag.name, word, AMONG_WORDS, AMONG_WORDS)
            elif word.replace("-", "").isalnum() and len(word) > 2:
                _relate(found, tag.name, word, TO_WORD, FROM_WORD)
    for one, others in _together().items():
        for other, closeness in others.items():
            found[one][other] = max(found[one].get(other, 0), closeness)
    return found


@cache
def _together() -> Mapping[str, Mapping[str, float]]:
    """Return how closely words of topics are related: more in several topics, and more to the first of a topic."""
    apart: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(lambda: 1.0))
    for topic in topics():
        for place, other in enumerate(topic):
            for one in topic:
                if one != other:
                    apart[one][other] *= 1 - TOPIC / (1 + TOPIC_FALL * place)
    return {one: {other: 1 - share for other, share in others.items()} for one, others in apart.items()}


TOPIC: Final = 0.5
TOPIC_FALL: Final = 0.1


FALL: Final = 0.15  # of the closeness, with each place in the list
BACK: Final = 0.6  # of the closeness, in the other direction
AMONG_WORDS: Final = 0.4
TO_WORD: Final = 0.25
FROM_WORD: Final = 0.9


def _relate(found: dict[str, dict[str, float]], one: str, other: str, there: float, back: float) -> None:
    found[one][other] = max(found[one].get(other, 0), there)
    found[other][one] = max(found[other].get(one, 0), back)
