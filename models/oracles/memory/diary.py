"""Months of work: the events as a device records them, with the episode of each one.

An episode is work on one task on one day. Whether work after an interruption or after lunch begins a new episode is a
matter of taste, so such a border is marked as open and counts neither way.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from models.oracles.memory.steps import Step, Writer
from models.oracles.memory.tasks import Backlog, Example, Project, Task, Trouble
from models.oracles.memory.workdays import Stretch, stretches

INTERRUPTED: Final = 0.10  # of the tasks
INTERLEAVED: Final = 0.35  # of the interruptions: both go on in two terminals
MEETINGS: Final = 0.012  # of the steps follow a pause of 20 to 70 minutes
BETWEEN_S: Final = 6.6  # the logarithm of the median pause between tasks, in seconds


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the device records of one step."""

    source: Writer
    at_ms: int
    text: str
    place: str
    repository: str
    session: str
    host: str
    duration_ms: int
    exit_code: int | None
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class TrueEpisode:
    """Work on one task on one day: the places of its events, and of those that answer questions about a command."""

    task: Task
    events: list[int] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Person:
    """A person: their zone, working days, projects, troubles and lookups."""

    name: str
    zone: str
    first: date
    days: int
    projects: tuple[Project, ...]
    troubles: tuple[Trouble, ...]
    examples: tuple[Example, ...]

    @property
    def home(self) -> str:
        """The home directory."""
        return f"/home/{self.name}"


@dataclass(slots=True)
class Diary:
    """The events in their order, the episode of each, and the places of events that are open borders."""

    person: Person
    events: list[Recorded] = field(default_factory=list)
    episode_of: list[int] = field(default_factory=list)
    episodes: list[TrueEpisode] = field(default_factory=list)
    open_borders: set[int] = field(default_factory=set)


def work(person: Person, seed: int) -> Diary:
    """Return a person's months; the same for the same seed."""
    chance = Random(seed)
    diary = Diary(person)
    days = list(stretches(chance, person.first, person.days, ZoneInfo(person.zone)))
    backlog = Backlog(chance, person.home, person.projects, person.troubles, person.examples)
    _Writer(chance, diary, days, backlog).write()
    return diary


class _OverError(Exception):
    """The last day has ended."""


class _Writer:
    def __init__(self, chance: Random, diary: Diary, days: Sequence[Stretch], backlog: Backlog) -> None:
        self._chance = chance
        self._diary = diary
        self._days = iter(days)
        self._backlog = backlog
        self._today = next(self._days)
        self._now = self._today.start
        self._cwd = [diary.person.home, diary.person.home]
        self._sessions = self._new_sessions()
        self._moved = False

    def write(self) -> None:
        try:
            while True:
                task = self._backlog.next()
                terminal = int(self._chance.random() < 0.15)
                if self._chance.random() < INTERRUPTED:
                    self._interrupted(task, self._backlog.interruption(), terminal)
                else:
                    self._play(self._steps(task, terminal))
                self._wait(min(self._chance.lognormvariate(BETWEEN_S, 1.1), 5400))
        except _OverError:
            return

    def _interrupted(self, task: Task, other: Task, terminal: int) -> None:
        """Write a task that another one interrupts, or that alternates with it in two terminals."""
        main = list(self._steps(task, terminal))
        at = self._chance.randrange(1, len(main)) if len(main) > 1 else 1
        second = list(self._steps(other, 1 - terminal if self._chance.random() < 0.6 else terminal))
        self._play(main[:at])
        if self._chance.random() < INTERLEAVED:
            self._play(_in_turns(self._chance, main[at:], second), is_interleaved=True)
            return
        self._play(second)
        if main[at:]:
            self._diary.open_borders.add(len(self._diary.events))
        self._play(main[at:])

    def _steps(self, task: Task, terminal: int) -> Iterator["_Placed"]:
        episode = _Current(TrueEpisode(task))
        if self._cwd[terminal] != task.place:
            where = task.place.replace(self._diary.person.home, "~", 1)
            yield _Placed(Step(f"cd {where}", seconds=0.05), episode, terminal, goes_to=task.place)
        for step in task.steps:
            yield _Placed(step, episode, terminal)

    def _play(
        self, steps: Sequence["_Placed"] | Iterator["_Placed"], *, is_interleaved: bool = False
    ) -> None:
        for placed in steps:
            pause_s = placed.step.pause_s
            if self._chance.random() < MEETINGS and not is_interleaved:
                pause_s += self._chance.uniform(1200, 4200)
            day = self._now.date()
            self._wait(pause_s)
            if placed.episode.on not in (None, self._now.date()):
                placed.episode.begin_again()
            elif self._moved and self._now.date() == day:
                self._diary.open_borders.add(len(self._diary.events))
            self._moved = False
            self._record(placed)

    def _record(self, placed: "_Placed") -> None:
        step, episode, diary = placed.step, placed.episode, self._diary
        if episode.on is None:
            diary.episodes.append(episode.true)
            episode.number = len(diary.episodes) - 1
            episode.on = self._now.date()
        position = len(diary.events)
        episode.true.events.append(position)
        if step.is_answer:
            episode.true.answers.append(position)
        diary.events.append(self._recorded(placed))
        diary.episode_of.append(episode.number)
        if placed.goes_to:
            self._cwd[placed.terminal] = placed.goes_to
        self._now += timedelta(seconds=step.seconds)

    def _recorded(self, placed: "_Placed") -> Recorded:
        step, task = placed.step, placed.episode.true.task
        at_ms = int(self._now.timestamp() * 1000) + self._chance.randrange(1000)
        if self._diary.events:
            at_ms = max(at_ms, self._diary.events[-1].at_ms + 1)
        in_shell = step.writer == "shell"
        cwd = self._cwd[placed.terminal] if in_shell else task.place
        root = next((one.root for one in self._diary.person.projects if cwd == one.root), "")
        detail = dict(step.detail)
        if step.writer == "git":
            detail["commit"] = f"{self._chance.getrandbits(160):040x}"
        return Recorded(
            source=step.writer,
            at_ms=at_ms,
            text=step.text,
            place=step.place or cwd,
            repository="" if step.writer == "files" else root,
            session=self._sessions[placed.terminal] if in_shell else step.detail.get("client", ""),
            host="laptop",
            duration_ms=int(step.seconds * 1000) if in_shell else 0,
            exit_code=_exit_code(self._chance, step) if in_shell else None,
            detail=detail,
        )

    def _wait(self, seconds: float) -> None:
        """Let time pass; go on in the next stretch if this one is over, and tell by `_moved`."""
        self._now += timedelta(seconds=seconds)
        if self._now <= self._today.end:
            return
        day = self._today.start.date()
        try:
            while self._today.start <= self._now and self._today.end <= self._now:
                self._today = next(self._days)
        except StopIteration:
            raise _OverError from None
        self._now = max(self._now, self._today.start + timedelta(seconds=self._chance.uniform(0, 300)))
        self._moved = True
        if self._today.start.date() != day:
            self._sessions = self._new_sessions()
            self._cwd = [
                self._cwd[0] if self._chance.random() < 0.5 else self._diary.person.home,
                self._diary.person.home,
            ]

    def _new_sessions(self) -> list[str]:
        return [f"{self._chance.getrandbits(64):016x}" for _ in range(2)]


class _Current:
    """The episode that a task's steps belong to now."""

    def __init__(self, true: TrueEpisode) -> None:
        self.true = true
        self.number = -1
        self.on: date | None = None

    def begin_again(self) -> None:
        self.true = TrueEpisode(self.true.task)
        self.on = None


@dataclass(frozen=True, slots=True)
class _Placed:
    step: Step
    episode: _Current
    terminal: int
    goes_to: str = ""


def _in_turns(chance: Random, one: Sequence[_Placed], other: Sequence[_Placed]) -> Iterator[_Placed]:
    """Yield both sequences, in turns of one to three, the second one first."""
    left = [list(other), list(one)]
    turn = 0
    while left[0] or left[1]:
        for _ in range(chance.choice((1, 2, 3))):
            if left[turn]:
                yield left[turn].pop(0)
        turn = 1 - turn


def _exit_code(chance: Random, step: Step) -> int:
    if not step.failed:
        return 0
    return 127 if step.seconds <= 0.1 else chance.choice((1, 1, 1, 2, 130))


def local(at_ms: int, zone: str) -> datetime:
    """Return an instant in a time zone."""
    return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone))
