"""Made-up sentences, for comments and documents: patterns with words of the shared vocabulary."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Final

from models.oracles.lexicon import ADJECTIVES, NAMES, NOUNS, PLAIN, VERBS, camel, snake, words_of_identifier

_SLOT: Final = re.compile(r"\{(\w+)\}")

# {n} noun, {ns} nouns, {v} verb, {vs} "writes", {ving} "writing", {ved} "written"-like, {a} adjective, {name}, {id}.


def _read() -> dict[str, tuple[str, ...]]:
    blocks = Path(__file__).with_name("sentences.txt").read_text("utf-8").split("§ ")[1:]
    return {name: tuple(lines.splitlines()) for name, _, lines in (block.partition("\n") for block in blocks)}


_PATTERNS: Final = _read()
SENTENCES: Final = _PATTERNS["sentences"]
TECHNICAL: Final = _PATTERNS["technical"]
SHORT: Final = _PATTERNS["short"]


def plural(noun: str) -> str:
    """Return the plural of a noun."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"


def _third(verb: str) -> str:
    return plural(verb)


def _ing(verb: str) -> str:
    return f"{verb[:-1]}ing" if verb.endswith("e") and not verb.endswith("ee") else f"{verb}ing"


def _past(verb: str) -> str:
    return f"{verb}d" if verb.endswith("e") else f"{verb}ed"


def filled(pattern: str, random: Random) -> str:
    """Return a pattern with words in its slots."""
    return _SLOT.sub(lambda slot: _slot(slot.group(1), random), pattern)


def _slot(name: str, random: Random) -> str:
    if name in _MADE:
        return _MADE[name](random)
    if name in _VERBS:
        return _VERBS[name](random.choice(VERBS))
    return PLAIN[name](random)


_VERBS: Final[Mapping[str, Callable[[str], str]]] = {
    "v": lambda verb: verb,
    "V": lambda verb: verb.capitalize(),
    "vs": _third,
    "ving": _ing,
    "ved": _past,
}
_MADE: Final[Mapping[str, Callable[[Random], str]]] = {
    "n": lambda random: random.choice(NOUNS),
    "ns": lambda random: plural(random.choice(NOUNS)),
    "a": lambda random: random.choice(ADJECTIVES),
    "name": lambda random: random.choice(NAMES),
    "id": lambda random: random.choice((snake, camel))(words_of_identifier(random)),
    "ID": lambda random: snake(words_of_identifier(random)).upper(),
    "kebab": lambda random: "-".join(words_of_identifier(random)),
}


def sentence(random: Random) -> str:
    """Return a sentence; one in six is about code."""
    return filled(random.choice(TECHNICAL if random.random() < 0.17 else SENTENCES), random)


def plain_sentence(random: Random) -> str:
    """Return a sentence that names no code."""
    return filled(random.choice(SENTENCES), random)


def short_sentence(random: Random) -> str:
    """Return a few words, as they stand in comments."""
    text = filled(random.choice(SHORT), random)
    return text.capitalize() if random.random() < 0.4 else text


def paragraph(random: Random, width: int = 0) -> str:
    """Return one to six sentences, wrapped at `width` characters if it is given."""
    text = " ".join(sentence(random) for _ in range(random.randint(1, 6)))
    return wrapped(text, width) if width else text


def wrapped(text: str, width: int) -> str:
    """Return a text with lines of at most `width` characters."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return "\n".join(lines)
