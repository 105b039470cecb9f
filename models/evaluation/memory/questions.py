"""Questions about a diary whose answers are known.

A question about a topic shares some words with the task, and any other task with all of these words is right too. A
time or a place in a question narrows the answer. The answer to a time question is a range.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final, Literal
from zoneinfo import ZoneInfo

from models.evaluation.memory.cues import Cues, stems
from models.evaluation.memory.judging import Range, overlap
from models.evaluation.memory.times import Said, said_times
from models.oracles.memory.diary import Diary, local
from models.oracles.memory.tasks import Split, Task

Kind = Literal["topic", "command", "last", "place", "time"]

PHRASES: Final = Path(__file__).with_name("phrases")
MOST_RIGHT: Final = 5  # right episodes of one question
CHANGES: Final = 60  # questions about each kind of task, of each person
TROUBLES: Final = 45
EXAMPLES: Final = 20
REVIEWS: Final = 10
LASTS: Final = 20
TIMES: Final = 60
LOWERED: Final = 0.3
MARKED: Final = 0.4
RARE: Final = 6  # tasks that have a word


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `right` are true episodes, `evidence` the places of the commands or changes that it is about."""

    text: str
    kind: Kind
    now_ms: int
    right: tuple[int, ...] = ()
    evidence: tuple[int, ...] = ()
    ranges: tuple[Range, ...] = ()
    repository: str = ""


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words of a split."""

    times: Mapping[str, Sequence[str]]
    frames: Mapping[str, Sequence[str]]
    synonyms: Mapping[str, Sequence[str]]


def read_phrases(split: Split) -> Phrases:
    """Return the table of a split."""
    table = tomllib.loads((PHRASES / f"{split}.toml").read_text("utf-8"))
    return Phrases(table["times"], table["frames"], table["synonyms"])


def asked(diary: Diary, phrases: Phrases, seed: int) -> list[Question]:
    """Return the questions about a diary, asked on the evening of its last day."""
    return list(dict.fromkeys(_Asker(diary, phrases, Random(seed)).all()))


def time_phrases(phrases: Phrases, zone: str, year: int, seed: int, count: int) -> list[Question]:
    """Return questions whose only answer is a range, each asked at another time of a year."""
    chance = Random(seed)
    kinds = sorted(phrases.times)
    found: list[Question] = []
    while len(found) < count:
        days = timedelta(days=chance.randrange(365), minutes=chance.randrange(8 * 60, 22 * 60))
        now = (datetime(year, 1, 1) + days).replace(tzinfo=ZoneInfo(zone))  # noqa: DTZ001 - the zone is set after
        kind = kinds[len(found) % len(kinds)]
        said = [one for one in said_times(now) if one.kind == kind]
        if said:
            one = chance.choice(said)
            text = _at_a_time(chance, phrases, phrases.frames["time"], one)
            found.append(Question(text, "time", int(now.timestamp() * 1000), ranges=one.ranges))
        else:
            kinds.append(kinds.pop(len(found) % len(kinds)))
    return found


class _Asker:
    def __init__(self, diary: Diary, phrases: Phrases, chance: Random) -> None:
        self._diary = diary
        self._phrases = phrases
        self._chance = chance
        last = local(diary.events[-1].at_ms, diary.person.zone)
        self._now = last + timedelta(minutes=7)
        self._now_ms = int(self._now.timestamp() * 1000)
        self._said = list(said_times(self._now))
        events = diary.events
        self._spans = [
            (events[one.events[0]].at_ms, events[one.events[-1]].at_ms + 1) for one in diary.episodes
        ]
        self._roots = [one.task.repository for one in diary.episodes]
        self._by_task: dict[str, list[int]] = {}
        for number, one in enumerate(diary.episodes):
            self._by_task.setdefault(one.task.name, []).append(number)
        self._tasks = {one.task.name: one.task for one in diary.episodes}
        self._stems = [
            frozenset[str]().union(*(self._stems_of(place) for place in one.events)) for one in diary.episodes
        ]
        by_task = (self._stems[number] for numbers in self._by_task.values() for number in numbers[:1])
        self._cues = Cues(by_task, phrases.synonyms)

    def all(self) -> Iterator[Question]:
        yield from self._of_kind("change", CHANGES, self._changes)
        yield from self._of_kind("trouble", TROUBLES, self._troubles)
        yield from self._of_kind("example", EXAMPLES, self._examples)
        yield from self._of_kind("review", REVIEWS, self._reviews)
        yield from self._lasts()
        yield from self._places()
        yield from self._times()

    def _of_kind(self, kind: str, count: int, ask: Callable[[Task], Question | None]) -> Iterator[Question]:
        tasks = [task for task in self._tasks.values() if task.kind == kind]
        found = (question for task in self._chance.sample(tasks, len(tasks)) if (question := ask(task)))
        yield from (question for question, _ in zip(found, range(count), strict=False))

    def _changes(self, task: Task) -> Question | None:
        cued = self._cues.cue(self._chance, self._chance.choice(task.subjects))
        if cued is None:
            return None
        cue, kept = cued
        right = self._with(kept)
        draw = self._chance.random()
        if draw < 0.3:
            return self._when("topic-when", cue, task, right, kept)
        if draw < 0.5:
            in_place = [one for one in right if self._diary.episodes[one].task.repository == task.repository]
            frame = self._frame("topic-where")
            return self._question(
                frame.format(cue=cue, repo=task.repository.rsplit("/", 1)[-1]), "topic", in_place
            )
        return self._question(self._frame("topic").format(cue=cue), "topic", right, kept)

    def _reviews(self, task: Task) -> Question | None:
        cued = self._cues.cue(self._chance, task.subjects[0])
        if cued is None:
            return None
        right = [one for one in self._with(cued[1]) if self._diary.episodes[one].task.kind == "review"]
        return self._question(self._frame("review").format(cue=cued[0]), "topic", right, cued[1])

    def _troubles(self, task: Task) -> Question | None:
        trouble = task.trouble
        if trouble is None or trouble.often:
            return None
        right = self._by_task[task.name]
        if self._chance.random() < 0.5 and trouble.command:
            return self._question(self._chance.choice(trouble.command).format(**task.slots), "command", right)
        text = self._chance.choice(trouble.topic).format(**task.slots)
        if self._chance.random() < 0.3:
            return self._when("", text, task, right)
        return self._question(text, "topic", right)

    def _examples(self, task: Task) -> Question | None:
        if task.example is None:
            return None
        shared = stems(task.example.said) & stems(task.example.command)
        if not any(self._cues.commonness(frozenset({one})) <= RARE for one in shared):
            return None
        said = task.example.said[0].lower() + task.example.said[1:].rstrip(".:")
        return self._question(self._frame("example").format(cue=said), "command", self._by_task[task.name])

    def _lasts(self) -> Iterator[Question]:
        tasks = [task for task in self._tasks.values() if task.trouble is not None and task.trouble.last]
        for task in self._chance.sample(tasks, min(LASTS, len(tasks))):
            if task.trouble is not None:
                text = self._chance.choice(task.trouble.last).format(**task.slots)
                if question := self._question(text, "last", self._by_task[task.name][-1:]):
                    yield question

    def _places(self) -> Iterator[Question]:
        for project in self._diary.person.projects:
            right = [
                number
                for number, one in enumerate(self._diary.episodes)
                if one.task.repository == project.root
            ]
            for frame in self._phrases.frames["place-last"]:
                if question := self._question(frame.format(repo=project.name), "place", right[-1:]):
                    yield question

    def _times(self) -> Iterator[Question]:
        turn: dict[str, int] = {}
        turns: list[tuple[int, int]] = []
        said = self._chance.sample(self._said, len(self._said))
        for number, one in enumerate(said):
            turns.append((turn.setdefault(one.kind, 0), number))
            turn[one.kind] += 1
        found = 0
        for one in (said[number] for _, number in sorted(turns)):
            if found == TIMES:
                return
            if not self._inside(one, ""):
                continue
            projects = [project for project in self._diary.person.projects if self._inside(one, project.root)]
            found += 1
            if projects and self._chance.random() < 0.4:
                project = self._chance.choice(projects)
                frames = [
                    frame.replace("{repo}", project.name) for frame in self._phrases.frames["time-where"]
                ]
                text = _at_a_time(self._chance, self._phrases, frames, one)
                yield Question(
                    text,
                    "time",
                    self._now_ms,
                    self._inside(one, project.root),
                    ranges=one.ranges,
                    repository=project.root,
                )
            else:
                text = _at_a_time(self._chance, self._phrases, self._phrases.frames["time"], one)
                yield Question(text, "time", self._now_ms, self._inside(one, ""), ranges=one.ranges)

    def _inside(self, said: Said, repository: str) -> tuple[int, ...]:
        """Return the episodes that overlap the usual reading, in a repository if one is named."""
        start, end = said.ranges[0]
        return tuple(
            number
            for number, (first, last) in enumerate(self._spans)
            if first < end and start < last and self._roots[number].startswith(repository)
        )

    def _when(
        self, frame: str, cue: str, task: Task, right: Sequence[int], kept: frozenset[str] = frozenset()
    ) -> Question | None:
        """Return the question with a time that covers one of the task's episodes."""
        on = self._spans[self._chance.choice(self._by_task[task.name])]
        suited = [one for one in self._said if one.ranges[0][0] <= on[0] and on[1] <= one.ranges[0][1]]
        if not suited:
            return None
        kind = self._chance.choice(sorted({one.kind for one in suited}))
        said = self._chance.choice([one for one in suited if one.kind == kind])
        frames = self._phrases.frames[frame] if frame else ["{cue} {time}"]
        text = _timed(self._chance, self._phrases, frames, said)
        inside = [one for one in right if any(overlap(self._spans[one], each) > 0 for each in said.ranges)]
        return self._question(text.replace("{cue}", cue), "topic", inside, kept)

    def _with(self, kept: frozenset[str]) -> list[int]:
        """Return the episodes that have all of these stems."""
        return [number for number, found in enumerate(self._stems) if kept <= found]

    def _question(
        self, text: str, kind: Kind, right: Sequence[int], kept: frozenset[str] = frozenset()
    ) -> Question | None:
        """Return a question about these episodes; None if there are none, or too many."""
        evidence: tuple[int, ...] = ()
        if kind == "command":
            right = [one for one in right if self._diary.episodes[one].answers]
            evidence = tuple(place for one in right for place in self._diary.episodes[one].answers)
        elif kept:
            places = (place for one in right for place in self._diary.episodes[one].events)
            evidence = tuple(place for place in places if kept <= self._stems_of(place))
        if not 0 < len(right) <= MOST_RIGHT:
            return None
        return Question(_as_typed(self._chance, text), kind, self._now_ms, tuple(right), evidence)

    def _frame(self, name: str) -> str:
        return self._chance.choice(list(self._phrases.frames[name]))

    def _stems_of(self, place: int) -> frozenset[str]:
        event = self._diary.events[place]
        return stems(f"{event.text}\n{event.detail.get('files', '')}")


def _at_a_time(chance: Random, phrases: Phrases, frames: Sequence[str], said: Said) -> str:
    return _as_typed(chance, _timed(chance, phrases, frames, said))


def _timed(chance: Random, phrases: Phrases, frames: Sequence[str], said: Said) -> str:
    phrase = chance.choice(list(phrases.times[said.kind])).format(**said.slots)
    return chance.choice(list(frames)).replace("{time}", phrase)


def _as_typed(chance: Random, text: str) -> str:
    if chance.random() < LOWERED:
        text = text.lower()
    return f"{text}?" if chance.random() < MARKED else text
