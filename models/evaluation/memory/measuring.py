"""The figures of a split: borders of episodes, recall, and time questions, each beside its peers."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final, Protocol

from models.evaluation.figures import Figure
from models.evaluation.memory import judging
from models.evaluation.memory.judging import Range
from models.evaluation.memory.months import Month
from models.evaluation.memory.peers import FullText, grep
from models.evaluation.memory.questions import Question
from models.evaluation.metrics import Counts, Value, bootstrap, f1, mean
from models.oracles.memory.diary import Diary, local

FIRST: Final = 5
GAP_MS: Final = 30 * 60 * 1000
FLAT: Final = "a 30-minute gap"
BY_WORDS: Final = "without the model"

Former = Callable[[Diary], Sequence[int]]
Find = Callable[[str, datetime], Sequence[Sequence[int]]]
Understand = Callable[[str, datetime], Range | None]


class Memory(Protocol):
    """A memory that holds the events of a diary."""

    def find(self, question: str, now: datetime) -> Sequence[Sequence[int]]:
        """Return the places of the events of the first episodes."""
        ...

    def find_by_words(self, question: str, now: datetime) -> Sequence[Sequence[int]]:
        """Return the same without the model."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with what was found: a score between 0 and 1."""

    question: Question
    score: float
    found: tuple[tuple[int, ...], ...] = ()


def by_gap(diary: Diary) -> list[int]:
    """Return the episodes of the peer: a gap of more than half an hour begins a new one."""
    return judging.gaps([one.at_ms for one in diary.events], GAP_MS)


def border_counts(diary: Diary, episode_of: Sequence[int]) -> list[Counts]:
    """Return the counts of borders for each day, so that the days can be resampled."""
    found, true = judging.onsets(episode_of), judging.onsets(diary.episode_of)
    days = [local(one.at_ms, diary.person.zone).date() for one in diary.events]
    counts: list[Counts] = []
    for _, places in groupby(range(len(days)), lambda place: days[place]):
        day = list(places)
        inside = range(day[0], day[-1] + 1)
        counts.append(
            judging.matched(
                [place for place in found if place in inside],
                [place for place in true if place in inside],
                diary.open_borders,
            )
        )
    return counts


def border_figures(months: Sequence[Month], former: Former, what: str) -> list[Figure]:
    """Return F1 of the borders, and WindowDiff."""
    row = f"episode borders, {what}"
    diaries = [month.diary for month in months]
    flat = [by_gap(one) for one in diaries]
    own = [former(one) for one in diaries]
    return [
        Figure(row, "F1", _f1(diaries, own), least=0.8, peers={FLAT: _f1(diaries, flat)}),
        Figure(row, "WindowDiff", _diff(diaries, own), peers={FLAT: _diff(diaries, flat)}),
    ]


def _f1(diaries: Sequence[Diary], found: Sequence[Sequence[int]]) -> Value:
    counts = [one for diary, each in zip(diaries, found, strict=True) for one in border_counts(diary, each)]
    return bootstrap(counts, f1)


def _diff(diaries: Sequence[Diary], found: Sequence[Sequence[int]]) -> Value:
    pairs = zip(diaries, found, strict=True)
    changes = ((judging.changes(each), judging.changes(diary.episode_of)) for diary, each in pairs)
    return mean([one for each, true in changes for one in judging.window_diff(each, true)])


def all_answers(
    months: Sequence[Month], filled: Callable[[Diary], AbstractContextManager[Memory]]
) -> tuple[list[list[Answer]], dict[str, list[Answer]]]:
    """Return the memory's answers about each month, and those of each peer about all months."""
    own, peers = [], peer_answers(months)
    by_words = peers.setdefault(BY_WORDS, [])
    for month in months:
        with filled(month.diary) as memory:
            own.append(answered(month, memory.find))
            by_words += answered(month, memory.find_by_words)
    return own, peers


def answered(month: Month, find: Find) -> list[Answer]:
    """Return the answers to all questions of a month."""
    now = {one.now_ms: local(one.now_ms, month.diary.person.zone) for one in month.questions}
    return [
        Answer(one, _score(month.diary, one, found), tuple(tuple(each) for each in found))
        for one in month.questions
        for found in [find(one.text, now[one.now_ms])]
    ]


def _score(diary: Diary, question: Question, found: Sequence[Sequence[int]]) -> float:
    if question.kind == "time":
        return _in_time(diary, question, found)
    right = [diary.episodes[number].events for number in question.right]
    needs_evidence = question.kind == "command"
    return judging.recall(found, right, FIRST, question.evidence, needs_evidence=needs_evidence)


def _in_time(diary: Diary, question: Question, found: Sequence[Sequence[int]]) -> float:
    """Return the part of the shown episodes that are in the time and place of the question; 0 without any."""
    first = [one for one in found[:FIRST] if one]
    return sum(_is_in(diary, question, one) for one in first) / len(first) if first else 0.0


def _is_in(diary: Diary, question: Question, places: Sequence[int]) -> bool:
    events = [diary.events[place] for place in places]
    span = (min(one.at_ms for one in events), max(one.at_ms for one in events) + 1)
    is_there = not question.repository or any(one.repository == question.repository for one in events)
    return is_there and any(judging.overlap(span, one) > 0 for one in question.ranges)


def recall_figures(
    answers: Sequence[Answer], others: Mapping[str, Sequence[Answer]], what: str
) -> list[Figure]:
    """Return recall@5 beside that of others, of all questions and of each kind, and what time questions are shown."""
    row = f"recall, {what}"

    def figure(measure: str, kinds: Collection[str], least: float | None = None) -> Figure:
        peers = {name: _mean(each, kinds) for name, each in others.items()}
        return Figure(row, measure, _mean(answers, kinds), least=least, peers=peers)

    return [
        figure("recall@5", ("topic", "command", "last", "place"), 0.85),
        figure("recall@5, topics", ("topic",)),
        figure("recall@5, commands", ("command",)),
        figure("recall@5, the last time", ("last", "place")),
        _shown_figure(answers, what),
    ]


def range_figure(scores: Sequence[float], what: str) -> Figure:
    """Return how many time questions are understood."""
    return Figure(f"time questions, {what}", "right range", mean(scores), least=0.95)


def _shown_figure(answers: Sequence[Answer], what: str) -> Figure:
    """Return how much of what is shown for a time question is in its time and place."""
    measure = "of the first 5 episodes, in the time and place"
    return Figure(f"time questions, {what}", measure, _mean(answers, ("time",)), least=0.95)


def _mean(answers: Sequence[Answer], kinds: Collection[str]) -> Value:
    return mean([one.score for one in answers if one.question.kind in kinds])


def range_scores(questions: Sequence[tuple[str, Question]], understand: Understand) -> list[float]:
    """Return 1 for each question whose range is understood, else 0."""
    return [
        float(judging.is_meant(understand(one.text, local(one.now_ms, zone)), one.ranges))
        for zone, one in questions
    ]


def peer_answers(months: Sequence[Month]) -> dict[str, list[Answer]]:
    """Return what the peers answer to the questions about something."""
    asked = [Month(one.diary, tuple(each for each in one.questions if each.kind != "time")) for one in months]
    found: dict[str, list[Answer]] = {}
    for month in asked:
        for name, find in _peers(month.diary).items():
            found.setdefault(name, []).extend(answered(month, find))
    return found


def _peers(diary: Diary) -> dict[str, Find]:
    single, whole = FullText(diary), FullText(diary, whole_episodes=True)
    return {
        "FTS5 over events": lambda text, _: single.find(text),
        "FTS5 over the true episodes": lambda text, _: whole.find(text),
        "grep": lambda text, _: grep(diary, text),
    }
