"""The people of a split, with their projects, months and questions.

    for month in built("dev"):
        month.diary, month.questions

The projects' changes are slices of the histories that packages record, in their order, so that nobody has the changes
of another. The examples are from a published collection of commands.
"""

import gzip
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from models.evaluation.archives import file_in, members
from models.evaluation.fetching import Source, fetch, read_table
from models.evaluation.memory.questions import Question, asked, read_phrases, time_phrases
from models.oracles.memory.diary import Diary, Person, work
from models.oracles.memory.histories import Change, changes
from models.oracles.memory.tasks import Example, Project, Split, read_troubles

DEV_SOURCES: Final = Path(__file__).with_name("dev.toml")
DAYS: Final = 120
RANGES: Final = 200  # questions of each split that are only about a range
_COMMENTED: Final = re.compile(r"(?m)^# ([A-Z][^\n]{8,90}?):?\n(?!#)(\S[^\n]{3,110})$")
_INDENTED: Final = re.compile(r"(?m)^([A-Za-z][^\n`]{8,90}?):?\n\n    (\S[^\n]{3,110})\n\n")
_BLANK: Final = re.compile(r"<([^<>]+)>")


@dataclass(frozen=True, slots=True)
class _Part:
    """A slice of a package's history, as one project."""

    package: str
    kit: str
    start: int = 0
    end: int = 400


@dataclass(frozen=True, slots=True)
class _Cast:
    """A person of a split before the packages are read."""

    name: str
    zone: str
    first: date
    seed: int
    parts: tuple[_Part, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """One person's months and the questions about them."""

    diary: Diary
    questions: tuple[Question, ...]


PEOPLE: Final[dict[Split, tuple[_Cast, ...]]] = {
    "dev": (
        _Cast(
            "ada",
            "Europe/Berlin",
            date(2025, 12, 1),
            11,
            (
                _Part("debian/libxi6", "meson", 60, 420),
                _Part("debian/grep", "make", 400, 750),
                _Part("npm/karma", "npm", 200, 560),
            ),
        ),
        _Cast(
            "tom",
            "America/Chicago",
            date(2026, 1, 12),
            12,
            (
                _Part("debian/libxcb1", "meson", 100, 500),
                _Part("debian/findutils", "make", 100, 500),
                _Part("npm/karma", "npm", 0, 200),
            ),
        ),
    ),
    "evaluation": (
        _Cast(
            "noor",
            "Europe/Lisbon",
            date(2026, 1, 5),
            21,
            (
                _Part("debian/libpixman-1-0", "meson", 300, 750),
                _Part("debian/bison", "make", 900, 1300),
                _Part("npm/node-gyp", "npm", 0, 270),
            ),
        ),
        _Cast(
            "kai",
            "America/New_York",
            date(2025, 9, 15),
            22,
            (
                _Part("debian/gnulib", "make", 7400, 7900),
                _Part("debian/recutils", "make", 0, 400),
                _Part("npm/standard-version", "npm", 0, 120),
            ),
        ),
        _Cast(
            "mei",
            "Australia/Sydney",
            date(2026, 2, 9),
            23,
            (
                _Part("debian/coreutils", "make", 100, 500),
                _Part("debian/gnulib", "meson", 3000, 3400),
                _Part("debian/libpixman-1-0", "meson", 1400, 1800),
            ),
        ),
    ),
}
EXAMPLES: Final[dict[Split, str]] = {"dev": "pypi-source/cheat", "evaluation": "pypi-source/eg"}
SEEDS: Final[dict[Split, int]] = {"dev": 100, "evaluation": 200}


def sources(split: Split) -> dict[str, Source]:
    """Return the packages of a split by their names, fetched."""
    table = {one.name: one for one in (read_table(DEV_SOURCES) if split == "dev" else read_table())}
    wanted = {part.package for cast in PEOPLE[split] for part in cast.parts} | {EXAMPLES[split]}
    found = {name: table[name] for name in sorted(wanted)}
    fetch(found.values())
    return found


def people(split: Split) -> list[Person]:
    """Return the people of a split, whose packages are fetched."""
    packages = sources(split)
    examples = tuple(published_examples(packages[EXAMPLES[split]]))
    casts = PEOPLE[split]
    return [
        Person(
            cast.name,
            cast.zone,
            cast.first,
            DAYS,
            tuple(_project(cast, part, packages[part.package]) for part in cast.parts),
            read_troubles(split),
            examples[number :: len(casts)],
        )
        for number, cast in enumerate(casts)
    ]


def built(split: Split) -> list[Month]:
    """Return the months of every person of a split: the same in every run."""
    phrases = read_phrases(split)
    diaries = [work(one, cast.seed) for one, cast in zip(people(split), PEOPLE[split], strict=True)]
    seeds = (cast.seed for cast in PEOPLE[split])
    return [Month(one, tuple(asked(one, phrases, seed))) for one, seed in zip(diaries, seeds, strict=True)]


def ranges(split: Split) -> list[tuple[str, Question]]:
    """Return questions about ranges only, each with its zone."""
    zones = [cast.zone for cast in PEOPLE[split]]
    phrases, count = read_phrases(split), RANGES // len(zones)
    return [
        (zone, question)
        for number, zone in enumerate(zones)
        for question in time_phrases(phrases, zone, 2026, SEEDS[split] + number, count)
    ]


def _project(cast: _Cast, part: _Part, source: Source) -> Project:
    name = source.package.removesuffix("-1-0").rstrip("0123456789")
    return Project(f"/home/{cast.name}/src/{name}", part.kit, tuple(history(source)[part.start : part.end]))


def history(source: Source) -> list[Change]:
    """Return the changes that a package records, the oldest first."""
    if source.registry == "npm":
        return changes(file_in(source, "CHANGELOG.md").decode("utf-8"))
    packed = file_in(source, f"usr/share/doc/{source.package}/changelog.gz")
    return changes(gzip.decompress(packed).decode("utf-8", "replace"))


def published_examples(source: Source) -> Iterator[Example]:
    """Yield the examples of a collection of commands, each once."""
    seen: set[str] = set()
    for member in members(source):
        pattern = _INDENTED if member.suffix == ".md" else _COMMENTED
        if "/cheatsheets/" not in f"/{member.path}" and "/examples/" not in f"/{member.path}":
            continue
        for said, command in pattern.findall(member.text):
            plain = re.sub(r"^To ", "", said).strip()
            if plain.isascii() and 3 <= len(plain.split()) <= 12 and not {plain, command} & seen:
                seen |= {plain, command}
                yield Example(plain, _filled(command))


def _filled(command: str) -> str:
    """Return a command with names in the place of what its author left open."""
    named = _BLANK.sub(lambda found: re.sub(r"\W+", "-", found[1].split("|")[0]).strip("-"), command)
    return named.replace("/path/to/", "work/")


def items(months: Sequence[Month]) -> list[object]:
    """Return what the hash of a split is over: every event with its episode, and every question."""
    return [
        item
        for month in months
        for item in (*zip(month.diary.events, month.diary.episode_of, strict=True), *month.questions)
    ]
