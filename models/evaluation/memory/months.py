"""The people of a split, with their projects, months and questions.

    for month in built("dev"):
        month.diary, month.questions

The projects' changes are slices of the histories that packages record, in their order, so no two people share a change.
The examples are from a published collection of commands.
"""

import gzip
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from models.evaluation.archives import file_in, members
from models.evaluation.fetching import Source, fetch, read_table
from models.evaluation.memory.questions import Question, asked, read_phrases, time_phrases
from models.oracles.memory.diary import Diary, Person, work
from models.oracles.memory.histories import Change, changes
from models.oracles.memory.tasks import Example, Project, Split, read_troubles

DEV_SOURCES: Final = Path(__file__).with_name("dev.toml")
PEOPLE: Final = Path(__file__).with_name("people")
DAYS: Final = 120
RANGES: Final = 200  # questions of each split that are only about a range
_COMMENTED: Final = re.compile(r"(?m)^# ([A-Z][^\n]{8,90}?):?\n(?!#)(\S[^\n]{3,110})$")
_INDENTED: Final = re.compile(r"(?m)^([A-Za-z][^\n`]{8,90}?):?\n\n    (\S[^\n]{3,110})\n\n")
_BLANK: Final = re.compile(r"<([^<>]+)>")


@dataclass(frozen=True, slots=True)
class Part:
    """A slice of a package's history, as one project."""

    package: str
    kit: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Role:
    """A person of a split before the packages are read."""

    name: str
    zone: str
    first: date
    seed: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of a split, the package of its examples, and the seed of its questions about times alone."""

    examples: str
    seed: int
    people: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """One person's months and the questions about them."""

    diary: Diary
    questions: tuple[Question, ...]


def read_cast(split: Split) -> Cast:
    """Return the table of a split."""
    return msgspec.convert(tomllib.loads((PEOPLE / f"{split}.toml").read_text("utf-8")), Cast)


def sources(split: Split) -> dict[str, Source]:
    """Return the packages of a split by their names, fetched."""
    table = {one.name: one for one in (read_table(DEV_SOURCES) if split == "dev" else read_table())}
    cast = read_cast(split)
    wanted = {part.package for role in cast.people for part in role.parts} | {cast.examples}
    found = {name: table[name] for name in sorted(wanted)}
    fetch(found.values())
    return found


def people(split: Split) -> list[Person]:
    """Return the people of a split, whose packages are fetched."""
    cast, packages = read_cast(split), sources(split)
    examples = tuple(published_examples(packages[cast.examples]))
    return [
        Person(
            role.name,
            role.zone,
            role.first,
            DAYS,
            tuple(_project(role, part, packages[part.package]) for part in role.parts),
            read_troubles(split),
            examples[number :: len(cast.people)],
        )
        for number, role in enumerate(cast.people)
    ]


def built(split: Split) -> list[Month]:
    """Return the months of every person of a split: the same in every run."""
    phrases, seeds = read_phrases(split), [role.seed for role in read_cast(split).people]
    diaries = [work(one, seed) for one, seed in zip(people(split), seeds, strict=True)]
    return [Month(one, tuple(asked(one, phrases, seed))) for one, seed in zip(diaries, seeds, strict=True)]


def ranges(split: Split) -> list[tuple[str, Question]]:
    """Return questions about ranges only, each with its zone."""
    cast, phrases = read_cast(split), read_phrases(split)
    count = RANGES // len(cast.people)
    return [
        (role.zone, question)
        for number, role in enumerate(cast.people)
        for question in time_phrases(phrases, role.zone, 2026, cast.seed + number, count)
    ]


def _project(role: Role, part: Part, source: Source) -> Project:
    name = source.package.removesuffix("-1-0").rstrip("0123456789")
    return Project(f"/home/{role.name}/src/{name}", part.kit, tuple(history(source)[part.start : part.end]))


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
    """Return a command with its placeholders filled in."""
    named = _BLANK.sub(lambda found: re.sub(r"\W+", "-", found[1].split("|")[0]).strip("-"), command)
    return named.replace("/path/to/", "work/")


def items(months: Sequence[Month]) -> list[object]:
    """Return what the hash of a split covers: every event with its episode, and every question."""
    return [
        item
        for month in months
        for item in (*zip(month.diary.events, month.diary.episode_of, strict=True), *month.questions)
    ]
