"""The vocabulary that all oracles share: words, and the identifiers, numbers and names made of them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Final


def _read() -> dict[str, tuple[str, ...]]:
    blocks = Path(__file__).with_name("words.txt").read_text("utf-8").split("[")[1:]
    return {name: tuple(words.split()) for name, _, words in (block.partition("]") for block in blocks)}


_WORDS: Final = _read()
NOUNS: Final = _WORDS["nouns"]
VERBS: Final = _WORDS["verbs"]
ADJECTIVES: Final = _WORDS["adjectives"]
NAMES: Final = _WORDS["names"]
SYLLABLES: Final = _WORDS["syllables"]
_SHORT: Final = _WORDS["letters"]
_ABBREVIATED: Final = _WORDS["abbreviations"]
_ENDINGS: Final = _WORDS["endings"]

_HOSTS: Final = (
    "example.com",
    "example.org",
    "localhost",
    "api.example.com",
    "cdn.example.net",
    "test.local",
)


def words_of_identifier(random: Random) -> list[str]:
    """Return one to four lower-case words."""
    draw = random.random()
    if draw < 0.12:
        return [random.choice(_SHORT)]
    if draw < 0.24:
        return [random.choice(_ABBREVIATED)]
    if draw < 0.45:
        return [random.choice(NOUNS)]
    words = [random.choice(NOUNS)]
    if random.random() < 0.5:
        words.insert(0, random.choice(ADJECTIVES if random.random() < 0.6 else NOUNS))
    if random.random() < 0.5 or len(words) == 1:
        words.insert(0, random.choice(VERBS))
    return words


class Pool:
    """The identifiers of one snippet: a few are used again and again, as in real code."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._known = [words_of_identifier(random) for _ in range(random.randint(6, 16))]

    def words(self) -> list[str]:
        """Return the words of an identifier, most often of one that the snippet has used."""
        if self._random.random() < 0.7:
            return self._random.choice(self._known)
        return words_of_identifier(self._random)

    def long_words(self) -> list[str]:
        """Return words of an identifier without single letters."""
        words = self.words()
        return words if len(words[0]) > 1 else [self._random.choice(NOUNS)]


def snake(words: list[str]) -> str:
    """Return `parse_header`."""
    return "_".join(words)


def camel(words: list[str]) -> str:
    """Return `parseHeader`."""
    return words[0] + "".join(word.capitalize() for word in words[1:])


def pascal(words: list[str]) -> str:
    """Return `ParseHeader`."""
    return "".join(word.capitalize() for word in words)


def kebab(words: list[str]) -> str:
    """Return `parse-header`."""
    return "-".join(words)


def _integer(random: Random) -> str:
    return str(
        random.choice((0, 1, 1, 2, 3, 4, 5, 8, 10, 16, 24, 32, 64, 100, 200, 255, 256, 404, 500, 1000, 1024))
    )


def _float(random: Random) -> str:
    return f"{random.randint(0, 99)}.{random.randint(0, 99)}"


def _number(random: Random) -> str:
    return _float(random) if random.random() < 0.2 else _integer(random)


def _hexadecimal(random: Random) -> str:
    return f"{random.getrandbits(random.choice((4, 8, 16, 24, 32))):x}"


def _path(random: Random) -> str:
    parts = [kebab(words_of_identifier(random)) for _ in range(random.randint(1, 3))]
    lead = random.choice(("", "", "/", "./", "../", "/usr/local/", "/var/lib/", "src/", "~/"))
    ending = f".{random.choice(_ENDINGS)}" if random.random() < 0.6 else ""
    return lead + "/".join(parts) + ending


def _url(random: Random) -> str:
    scheme = random.choice(("http", "https", "https"))
    return f"{scheme}://{random.choice(_HOSTS)}/{'/'.join(words_of_identifier(random))}"


def _version(random: Random) -> str:
    return ".".join(str(random.randint(0, 20)) for _ in range(random.choice((2, 3, 3))))


def _date(random: Random) -> str:
    return f"{random.randint(1998, 2030)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"


def _time(random: Random) -> str:
    return f"{random.randint(0, 23):02}:{random.randint(0, 59):02}:{random.randint(0, 59):02}"


def _address(random: Random) -> str:
    return ".".join(str(random.randint(0, 255)) for _ in range(4))


def _email(random: Random) -> str:
    return f"{random.choice(NAMES).lower()}@{random.choice(_HOSTS[:2])}"


def _file(random: Random) -> str:
    return f"{snake(words_of_identifier(random))}.{random.choice(_ENDINGS)}"


def _words(random: Random) -> str:
    pools = (NOUNS, NOUNS, VERBS, ADJECTIVES)
    return " ".join(random.choice(random.choice(pools)) for _ in range(random.choice((1, 1, 2, 2, 3, 4))))


PLAIN: Final[Mapping[str, Callable[[Random], str]]] = {
    "word": lambda random: random.choice(NOUNS),
    "Word": lambda random: random.choice(NOUNS).capitalize(),
    "WORD": lambda random: random.choice(NOUNS).upper(),
    "verb": lambda random: random.choice(VERBS),
    "adjective": lambda random: random.choice(ADJECTIVES),
    "Name": lambda random: random.choice(NAMES),
    "letter": lambda random: random.choice(_SHORT),
    "Letter": lambda random: random.choice(_SHORT).upper(),
    "int": _integer,
    "float": _float,
    "num": _number,
    "hex": _hexadecimal,
    "path": _path,
    "url": _url,
    "version": _version,
    "date": _date,
    "time": _time,
    "ip": _address,
    "email": _email,
    "file": _file,
    "words": _words,
}
"""Terminals of a grammar that need only randomness."""
POOLED: Final[Mapping[str, Callable[[Pool], str]]] = {
    "snake": lambda pool: snake(pool.words()),
    "camel": lambda pool: camel(pool.words()),
    "Pascal": lambda pool: pascal(pool.long_words()),
    "UPPER": lambda pool: snake(pool.long_words()).upper(),
    "kebab": lambda pool: kebab(pool.words()),
    "flat": lambda pool: "".join(pool.words()),
}
"""Terminals that draw from the identifiers of the snippet."""
