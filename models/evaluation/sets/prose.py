"""Text that is no code: paragraphs of documentation, change logs, and the sayings of two languages."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from models.evaluation.archives import Member, Packages
from models.evaluation.sampling import number, spread
from models.evaluation.sets.languages import Window, long_windows, short_windows

DOCUMENTATION: Final = 500
CHANGES: Final = 250
SAYINGS: Final = 450

_DOCUMENTED: Final = [
    "pypi/djangorestframework",
    "pypi/docutils",
    "pypi/nilearn",
    "npm/eslint",
    "npm/webpack",
    "npm/koa",
    "npm/mocha",
    "npm/fastify",
    "npm/ajv",
    "npm/joi",
    "npm/pino",
    "npm/luxon",
    "debian-source/libuv1",
    "debian-source/fmtlib",
    "debian-source/pandoc",
    "debian-source/antlr4",
    "debian-source/composer",
    "debian-source/php-monolog",
    "debian-source/golang-github-spf13-cobra",
    "debian-source/rust-clap",
    "debian-source/elixir-lang",
    "debian-source/leiningen-clojure",
    "debian-source/fish",
    "debian-source/rails",
    "debian/developers-reference",
    "debian/debian-policy",
    "debian/debian-faq",
    "debian/librust-hyper-dev",
    "debian/librust-regex-dev",
]
_CHANGED: Final = [
    "npm/socket.io",
    "npm/ioredis",
    "npm/undici",
    "npm/sinon",
    "npm/pg",
    "npm/mongoose",
    "debian-source/rails",
    "debian-source/symfony",
    "debian-source/r-cran-ggplot2",
    "debian-source/r-cran-dplyr",
    "debian-source/libmoose-perl",
    "debian-source/lwt",
    "debian-source/rust-clap",
    "debian-source/elixir-lang",
    "debian-source/haskell-lens",
]
_SAID: Final = ("debian/fortunes", "debian/fortunes-de")
_CODE_LINE: Final = re.compile(r"^(\s{4,}|\t|\s*[`~]{3}|\s*>>>|\s*\$ |\s*\.\. |\s*[|+<{}])|[;{}]\s*$|::\s*$")
_LEAST_WORDS: Final = 12
_LEAST_LETTERS: Final = 0.8  # of all characters, spaces included


@dataclass(frozen=True, slots=True)
class Passage:
    """A text, and whether it is code."""

    is_code: bool
    origin: str
    text: str

    @property
    def package(self) -> str:
        """The package of the file."""
        return self.origin.split(":")[0]


def passages(packages: Packages) -> list[Passage]:
    """Return as many passages of code, of every language, as of text."""
    text = [*_documentation(packages), *_changes(packages), *_sayings(packages)]
    windows = [*long_windows(packages), *short_windows(packages)]
    code = spread(windows, len(text), lambda one: one.language, lambda one: one.origin)
    return text + [_of_window(window) for window in code]


def _of_window(window: Window) -> Passage:
    return Passage(is_code=True, origin=window.origin, text=window.text)


def _documentation(packages: Packages) -> list[Passage]:
    files = (one for one in packages.named(_DOCUMENTED) if one.suffix in {".md", ".rst", ".txt", ".markdown"})
    found = [passage for file in files if not _is_list_of_changes(file) for passage in _of_file(file)]
    return spread(found, DOCUMENTATION, lambda one: one.package, lambda one: one.origin)


def _changes(packages: Packages) -> list[Passage]:
    files = (one for one in packages.named(_CHANGED) if _is_list_of_changes(one))
    found = [passage for file in files for passage in _of_file(file)]
    return spread(found, CHANGES, lambda one: one.package, lambda one: one.origin)


def _is_list_of_changes(file: Member) -> bool:
    return re.search(r"(?i)(change|news|history|release)[^/]*$", file.path) is not None


def _sayings(packages: Packages) -> list[Passage]:
    files = (one for one in packages.named(_SAID) if "/games/fortunes" in f"/{one.path}" and not one.suffix)
    found = [
        Passage(is_code=False, origin=f"{file.identity}#{place}", text=saying.strip("\n") + "\n")
        for file in files
        for place, saying in enumerate(re.split(r"(?m)^%\n", file.text))
        if len(saying.split()) >= _LEAST_WORDS and "\x08" not in saying
    ]
    return spread(found, SAYINGS, lambda one: one.package, lambda one: one.origin)


def _of_file(file: Member) -> Iterator[Passage]:
    """Yield runs of one to four paragraphs without a line that looks like code."""
    paragraphs = re.split(r"\n\s*\n", file.text)
    place = 0
    while place < len(paragraphs):
        length = 1 + number(file.identity, place) % 4
        run = paragraphs[place : place + length]
        if is_prose(run):
            yield Passage(
                is_code=False, origin=f"{file.identity}#{place}", text="\n\n".join(run).strip("\n") + "\n"
            )
        place += length


def is_prose(paragraphs: Sequence[str]) -> bool:
    """Return whether paragraphs are text throughout: enough words, and no line of code, of a table or of markup."""
    lines = [line for paragraph in paragraphs for line in paragraph.split("\n")]
    text = " ".join(lines)
    letters = sum(char.isalpha() or char.isspace() for char in text)
    has_words = len(text.split()) >= _LEAST_WORDS and letters >= _LEAST_LETTERS * len(text)
    return has_words and not any(map(_CODE_LINE.search, lines))
