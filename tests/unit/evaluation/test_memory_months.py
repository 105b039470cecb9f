"""The made-up months: the same in every run, with plain truth, and two splits that share nothing."""

import re
from collections import Counter
from datetime import date, datetime, timedelta
from random import Random
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from models.evaluation.fetching import read_table
from models.evaluation.memory.cues import Cues, stems
from models.evaluation.memory.months import DEV_SOURCES, read_cast
from models.evaluation.memory.questions import asked, read_phrases, time_phrases
from models.evaluation.memory.times import said_times
from models.oracles.memory.diary import Diary, Person, local, work
from models.oracles.memory.histories import Change, changes
from models.oracles.memory.tasks import Example, Project, Split, read_troubles
from models.oracles.memory.workdays import stretches

SPLITS: tuple[Split, ...] = get_args(Split)
BERLIN = ZoneInfo("Europe/Berlin")
WORDS = re.findall(r"\S+", "parser cursor buffer socket layout theme queue timer pixel gamma")


@pytest.fixture(scope="module")
def person() -> Person:
    made = tuple(
        Change(f"{one}: handle a missing {other} of the {third}", "", (f"src/{one}.c",))
        for one in WORDS
        for other in WORDS
        for third in WORDS[:3]
        if one != other
    )
    projects = (
        Project("/home/ada/src/one", "meson", made[:130]),
        Project("/home/ada/src/two", "npm", made[130:]),
    )
    examples = (Example("Extract an archive", "tar --extract --file archive.tar"),)
    return Person("ada", "Europe/Berlin", date(2026, 3, 2), 40, projects, read_troubles("dev"), examples)


@pytest.fixture(scope="module")
def diary(person: Person) -> Diary:
    return work(person, 3)


def test_same_seed_makes_the_same_months(person: Person, diary: Diary) -> None:
    assert work(person, 3).events == diary.events
    assert work(person, 4).events != diary.events
    phrases = read_phrases("dev")
    assert asked(diary, phrases, 5) == asked(diary, phrases, 5)


def test_events_are_in_order_and_each_is_in_one_episode(diary: Diary) -> None:
    times = [one.at_ms for one in diary.events]
    assert times == sorted(set(times))
    assert len(diary.episode_of) == len(diary.events) > 1_000
    for number, episode in enumerate(diary.episodes):
        assert all(diary.episode_of[place] == number for place in episode.events)


def test_episode_is_work_of_one_day_on_one_task(diary: Diary) -> None:
    for episode in diary.episodes:
        days = {local(diary.events[place].at_ms, "Europe/Berlin").date() for place in episode.events}
        assert len(days) == 1


def test_work_has_failures_slips_all_sources_and_two_terminals(diary: Diary) -> None:
    assert set(Counter(one.source for one in diary.events)) == {"shell", "git", "agents", "files"}
    failed = [one for one in diary.events if one.exit_code]
    assert 0.05 < len(failed) / len(diary.events) < 0.4
    assert any(one.exit_code == 127 for one in failed)
    assert diary.episode_of != sorted(diary.episode_of)


def test_days_keep_the_clock_on_the_wall_when_it_changes() -> None:
    found = list(stretches(Random(1), date(2026, 3, 23), 14, BERLIN))
    assert {one.start.utcoffset() for one in found} == {timedelta(hours=1), timedelta(hours=2)}
    assert all(6 < one.start.hour < 22 for one in found)


def test_questions_have_answers(diary: Diary) -> None:
    questions = asked(diary, read_phrases("dev"), 5)
    assert {one.kind for one in questions} == {"topic", "command", "last", "place", "time"}
    for question in questions:
        assert question.text
        assert "{" not in question.text
        assert question.right
        assert bool(question.ranges) == (question.kind == "time")
        assert bool(question.evidence) >= (question.kind == "command")


@pytest.mark.parametrize("split", SPLITS)
def test_every_time_that_can_be_said_has_phrases(split: Split) -> None:
    kinds: set[str] = set()
    for day in range(8):
        now = datetime(2026, 6, 15 + day, 17, 30, tzinfo=BERLIN)
        for said in said_times(now):
            kinds.add(said.kind)
            assert all(start < end <= now.timestamp() * 1000 for start, end in said.ranges)
    assert kinds == set(read_phrases(split).times)


def test_range_of_a_day_is_by_the_clock_on_the_wall() -> None:
    now = datetime(2026, 3, 30, 9, tzinfo=BERLIN)
    (yesterday,) = [one for one in said_times(now) if one.kind == "yesterday"]
    assert [local(one, "Europe/Berlin") for one in yesterday.ranges[0]] == [
        datetime(2026, 3, 29, tzinfo=BERLIN),
        datetime(2026, 3, 30, tzinfo=BERLIN),
    ]
    assert yesterday.ranges[0][1] - yesterday.ranges[0][0] == 23 * 3_600_000


def test_time_questions_are_asked_all_year() -> None:
    found = time_phrases(read_phrases("dev"), "Europe/Berlin", 2026, 1, 24)
    assert len({local(one.now_ms, "Europe/Berlin").month for one in found}) > 6


def test_splits_share_no_package_trouble_or_seed() -> None:
    casts = [read_cast(split) for split in SPLITS]
    packages = [
        {part.package for role in cast.people for part in role.parts} | {cast.examples} for cast in casts
    ]
    assert not packages[0] & packages[1]
    assert not {one.name for one in read_table(DEV_SOURCES)} & {one.name for one in read_table()}
    assert not {one.name for one in read_troubles("dev")} & {one.name for one in read_troubles("evaluation")}
    seeds = [{role.seed for role in cast.people} for cast in casts]
    assert not seeds[0] & seeds[1]


@pytest.mark.parametrize("split", SPLITS)
def test_every_trouble_has_its_answer_and_says_its_slots(split: Split) -> None:
    for trouble in read_troubles(split):
        assert trouble.answer in {step.removeprefix("!") for step in trouble.steps}, trouble.name
        slots = {name: values[0] for name, values in trouble.slots.items()}
        assert len(slots) == 1
        for text in (*trouble.steps, *trouble.command, *trouble.topic, *trouble.last):
            assert text.format(**slots)
        assert trouble.command or trouble.last
        assert bool(trouble.last) == trouble.often


def test_cue_shares_some_words_and_suits_few_tasks() -> None:
    subjects = [
        f"{one}: reject an empty {other}" for one in ("parser", "cursor") for other in ("pixel", "gamma")
    ]
    cues = Cues([stems(one) for one in subjects], {"empty": ["blank"]})
    found = [cues.cue(Random(seed), subjects[0]) for seed in range(50)]
    assert any(found)
    for cue, kept in filter(None, found):
        assert kept <= stems(subjects[0])
        assert kept & stems(cue)


HISTORIES = {
    "log": "".join(
        f"commit {number:040x}\nAuthor: A B <a@example.org>\nDate:   Mon Jan 5\n\n    parser: reject the value {number}\n"
        f"    \n    It was read in xkb.c only.\n    \n    Signed-off-by: A B <a@example.org>\n\n"
        for number in range(12, 0, -1)
    ),
    "gnu": "".join(
        f"2022-01-{day:02}  A B  <a@example.org>\n\n\tparser: reject the value {day}\n\t* src/parse.c (next): Check.\n\n"
        for day in range(12, 0, -1)
    ),
    "conventional": "## 1.2.0\n\n### Bug Fixes\n\n"
    + "".join(
        f"* **parser:** reject the value {number} ([{number + 0x1000000:07x}](https://example.org/c)), closes [#1](u)\n"
        for number in range(12, 0, -1)
    ),
}


@pytest.mark.parametrize("kind", HISTORIES)
def test_history_is_read_from_the_oldest_change_on(kind: str) -> None:
    found = changes(HISTORIES[kind])
    assert len(found) == 12
    assert found[0].subject.endswith("reject the value 1")
    assert "Signed-off" not in found[0].body
    expected = {"log": ("xkb.c",), "gnu": ("src/parse.c",), "conventional": ()}
    assert found[0].files == expected[kind]
