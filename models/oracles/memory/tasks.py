"""The tasks of a person, in order: changes of their projects, troubles, lookups, reviews."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Final, Literal

import msgspec

from models.oracles.memory.histories import Change
from models.oracles.memory.steps import KITS, NOISE, Step, around, files_of, pushed, review, slipped, words_of

Kind = Literal["change", "trouble", "example", "review"]
Split = Literal["dev", "evaluation"]

TABLES: Final = Path(__file__).with_name("troubles")
SLIPS: Final = 0.035
IDLE: Final = 0.10  # of the steps are followed by a command without a purpose
BRANCHES: Final = 0.5
NOTED: Final = 0.12
AGENTS: Final = ("claude-code", "cursor", "zed")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that goes wrong or is done now and then, with the later questions about it."""

    name: str
    where: str
    slots: Mapping[str, tuple[str, ...]]
    steps: tuple[str, ...]
    answer: str
    command: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    often: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """A published example: what it does, in its author's words, and the command."""

    said: str
    command: str


@dataclass(frozen=True, slots=True)
class Project:
    """A repository of a person, with the changes that are still to be made."""

    root: str
    kit: str
    changes: tuple[Change, ...]

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.root.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Task:
    """One topic. `name` is the same each time that it is worked on."""

    name: str
    kind: Kind
    place: str
    repository: str
    steps: tuple[Step, ...]
    subjects: tuple[str, ...] = ()  # of its changes
    trouble: Trouble | None = None
    example: Example | None = None
    slots: Mapping[str, str] = field(default_factory=dict)


def read_troubles(split: Split) -> tuple[Trouble, ...]:
    """Return the table of a split."""
    rows = tomllib.loads((TABLES / f"{split}.toml").read_text("utf-8"))["trouble"]
    return tuple(msgspec.convert(row, Trouble) for row in rows)


class Backlog:
    """The tasks of a person, without end."""

    def __init__(
        self,
        chance: Random,
        home: str,
        projects: Sequence[Project],
        troubles: Sequence[Trouble],
        examples: Sequence[Example],
    ) -> None:
        self._chance = chance
        self._home = home
        self._projects = list(projects)
        self._left = [list(one.changes) for one in projects]
        self._current = 0
        self._numbers = iter(range(101, 1_000_000))
        self._once = _instances(chance, troubles)
        self._often = [
            (one, value) for one in troubles if one.often for value in next(iter(one.slots.values()))
        ]
        self._examples = chance.sample(list(examples), len(examples))

    def next(self) -> Task:
        """Return the next task."""
        draw = self._chance.random()
        if draw < 0.16 and self._once:
            return self._troubled(*self._once.pop())
        if draw < 0.26:
            return self._troubled(*self._chance.choice(self._often))
        if draw < 0.36 and self._examples:
            return self._looked_up(self._examples.pop())
        if draw < 0.42:
            return self._reviewed()
        return self._changed()

    def interruption(self) -> Task:
        """Return an urgent task."""
        draw = self._chance.random()
        if draw < 0.4 and self._once:
            return self._troubled(*self._once.pop())
        return self._reviewed() if draw < 0.7 else self._troubled(*self._chance.choice(self._often))

    def _project(self, stay: float = 0.6) -> int:
        """Return the number of the project that is worked on: often the last one, never one without changes left."""
        if not any(self._left):
            self._left = [list(one.changes) for one in self._projects]
        if self._chance.random() > stay or not self._left[self._current]:
            self._current = self._chance.choice([number for number, left in enumerate(self._left) if left])
        return self._current

    def _changed(self) -> Task:
        number = self._project()
        left, project = self._left[number], self._projects[number]
        taken = [left.pop(0)]
        kit = KITS[project.kit]
        while left and len(taken) < 4 and _go_together(taken[-1], left[0], project):
            taken.append(left.pop(0))
        branch = "main" if self._chance.random() > BRANCHES else _branch(self._chance, taken[0])
        steps: list[Step] = []
        if branch != "main":
            steps += [Step("git switch main", seconds=0.3), Step("git pull", seconds=3, pause_s=5)][
                self._chance.randrange(3) :
            ]
            steps.append(Step(f"git switch -c {branch}", seconds=0.2, pause_s=6))
        elif self._chance.random() < 0.4:
            steps.append(Step("git pull --rebase", seconds=3))
        for change in taken:
            steps += around(self._chance, change, kit, branch)
        steps += pushed(self._chance, taken[0], branch)
        steps += self._noted(taken, project)
        name = f"{project.name}/{next(self._numbers)}"
        subjects = tuple(one.subject for one in taken)
        return Task(name, "change", project.root, project.root, tuple(self._as_typed(steps)), subjects)

    def _noted(self, taken: Sequence[Change], project: Project) -> Iterator[Step]:
        """Yield what the person, or an agent, notes about the change."""
        if self._chance.random() > NOTED:
            return
        words = " ".join(words_of(taken[-1].subject)[:5])
        files = files_of(taken[-1], KITS[project.kit])
        if self._chance.random() < 0.5:
            text = f"Changed {files[0]} ({words}). The tests pass. Open: documentation."
            yield Step(
                text, "agents", pause_s=60, detail={"client": self._chance.choice(AGENTS), "version": "1.0"}
            )
        else:
            yield Step(
                f"{project.name}.md\n{words}: done, see {files[0]}; ask for a review",
                "files",
                pause_s=90,
                place=f"{self._home}/notes/{project.name}.md",
            )

    def _reviewed(self) -> Task:
        number = self._chance.randrange(len(self._projects))
        project = self._projects[number]
        change = self._chance.choice(project.changes)
        pull = next(self._numbers)
        steps = review(self._chance, change, KITS[project.kit], pull)
        return Task(
            f"{project.name}/review-{pull}",
            "review",
            project.root,
            project.root,
            tuple(self._as_typed(steps)),
            (change.subject,),
        )

    def _troubled(self, trouble: Trouble, value: str) -> Task:
        slots = {next(iter(trouble.slots)): value}
        root = self._projects[self._project(0.9)].root if trouble.where == "repo" else ""
        place = root or trouble.where.replace("~", self._home)
        steps = [self._told(line, trouble, slots) for line in trouble.steps]
        kept = [
            one for one in steps if one.is_answer or one.writer != "shell" or self._chance.random() > 0.12
        ]
        name = f"{trouble.name}/{value}"
        return Task(name, "trouble", place, root, tuple(self._as_typed(kept)), trouble=trouble, slots=slots)

    def _told(self, line: str, trouble: Trouble, slots: Mapping[str, str]) -> Step:
        text, pause_s = line.format(**slots), min(self._chance.lognormvariate(3.6, 1.0), 1500)
        if text.startswith("@note "):
            name = text.removeprefix("@note ").split("\n", 1)[0]
            return Step(text.removeprefix("@note "), "files", pause_s=60, place=f"{self._home}/notes/{name}")
        if text.startswith("@agent "):
            detail = {"client": self._chance.choice(AGENTS), "version": "1.0"}
            return Step(text.removeprefix("@agent "), "agents", pause_s=60, detail=detail)
        seconds = self._chance.lognormvariate(1.0, 1.3)
        is_answer = line.removeprefix("!") == trouble.answer
        return Step(
            text.removeprefix("!"),
            failed=text.startswith("!"),
            seconds=seconds,
            pause_s=pause_s,
            is_answer=is_answer,
        )

    def _looked_up(self, example: Example) -> Task:
        program = example.command.split()[0]
        place = self._chance.choice((self._home, f"{self._home}/scratch", f"{self._home}/data"))
        steps = [Step(f"man {program}", seconds=60), Step(f"{program} --help", seconds=4)][
            self._chance.randrange(3) :
        ]
        if self._chance.random() < 0.5:
            steps.append(Step(example.command.rsplit(" ", 1)[0], failed=True))
        steps.append(Step(example.command, seconds=self._chance.lognormvariate(1.0, 1.2), is_answer=True))
        if self._chance.random() < 0.5:
            steps.append(Step(self._chance.choice(("ls -l", "echo $?", "ls -lh", f"which {program}"))))
        return Task(
            f"example/{example.said}", "example", place, "", tuple(self._as_typed(steps)), example=example
        )

    def _as_typed(self, steps: Sequence[Step] | Iterator[Step]) -> Iterator[Step]:
        """Yield the steps with slips before some, and idle commands after some."""
        for step in steps:
            if (
                step.writer == "shell"
                and self._chance.random() < SLIPS
                and (typo := slipped(self._chance, step))
            ):
                yield typo
                yield replace(step, pause_s=4)
            else:
                yield step
            if step.writer == "shell" and self._chance.random() < IDLE:
                yield Step(self._chance.choice(NOISE), pause_s=10)


def _instances(chance: Random, troubles: Sequence[Trouble]) -> list[tuple[Trouble, str]]:
    """Return the troubles with their values, some of them twice, in random order."""
    found = [(one, value) for one in troubles if not one.often for value in next(iter(one.slots.values()))]
    found += chance.sample(found, len(found) // 4)
    return chance.sample(found, len(found))


def _go_together(one: Change, other: Change, project: Project) -> bool:
    """Return whether two commits that follow each other are about the same: a file, or two words."""
    kit = KITS[project.kit]
    if set(files_of(one, kit)) & set(files_of(other, kit)):
        return True
    return (
        len(
            {word.lower() for word in words_of(one.subject)}
            & {word.lower() for word in words_of(other.subject)}
        )
        > 1
    )


def _branch(chance: Random, change: Change) -> str:
    slug = "-".join(word.lower() for word in words_of(change.subject)[:3]) or "work"
    return chance.choice((slug, f"fix/{slug}", f"wip/{slug}", f"{chance.randrange(100, 3000)}-{slug}"))
