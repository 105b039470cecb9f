"""Hostile events: broken clocks, endless commands, escape sequences. They break neither forming nor recall."""

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from satchel.memory import MemoryStore
from satchel.memory.formation import form, summarize
from satchel.memory.forming import form_new
from satchel.memory.model import Event
from satchel.memory.recall import recall

BERLIN: Final = ZoneInfo("Europe/Berlin")
NOW: Final = dt.datetime(2026, 10, 26, 18, tzinfo=BERLIN)
MINUTE_MS: Final = 60_000
FEW_S: Final = 20
MOST_CHARS: Final = 500

ORDINARY: Final = (
    "git switch -c fix-lexer",
    "vim src/lexer.c",
    "make test",
    "git commit -m 'Skip comments in the lexer'",
)


def ms(*when: int) -> int:
    return int(dt.datetime(*when, tzinfo=BERLIN).timestamp() * 1000)  # type: ignore[misc,arg-type]


def commands(start_ms: int, texts: Sequence[str] = ORDINARY, step_ms: int = MINUTE_MS) -> list[Event]:
    place = "/home/ann/parser"
    return [
        Event(
            "shell",
            start_ms + number * step_ms,
            text,
            place=place,
            repository=place,
            session="1",
            exit_code=0,
        )
        for number, text in enumerate(texts)
    ]


MONDAY: Final = ms(2026, 10, 26, 9)
HOSTILE: Final = {
    "escape sequences": commands(
        MONDAY, [*ORDINARY, "echo '\x1b[31mred\x1b[0m\x1b]0;title\x07'", "\x1b[2J\x1b[H"]
    ),
    "control characters": commands(
        MONDAY, [*ORDINARY, "printf 'a\x00b\x08\x7f\r\nc'", "\u202egnp.exe\u2066"]
    ),
    "a command of 10 MB": commands(MONDAY, [*ORDINARY, "echo " + "a" * 10_000_000]),
    "a command of 2 MB of words": commands(MONDAY, [*ORDINARY, "echo " + "ab " * 700_000]),
    "a command of 100,000 lines": commands(MONDAY, [*ORDINARY, "cat <<E\n" + "a\n" * 100_000 + "E"]),
    "nested quotes": commands(MONDAY, [*ORDINARY, "'\"" * 50_000, "$(" * 50_000, "(" * 50_000]),
    "no text at all": commands(MONDAY, [*ORDINARY, "", " ", "\n", "\t"]),
    "only separators": commands(MONDAY, [*ORDINARY, ";;&&||", "|", "&", "#", "--"]),
    "one time for all": commands(MONDAY, [*ORDINARY] * 20, step_ms=0),
    "a clock that jumps back": [
        *commands(MONDAY),
        *commands(MONDAY - 3_600_000),
        *commands(MONDAY - 86_400_000),
        *commands(MONDAY + MINUTE_MS),
    ],
    "the future": [
        *commands(MONDAY),
        *commands(ms(2099, 1, 1)),
        *commands(253_402_300_799_000 - 4 * MINUTE_MS),
    ],
    "before 1970": [*commands(MONDAY), *commands(-86_400_000), *commands(0)],
    "the night in which clocks go back": commands(
        ms(2026, 10, 25, 1, 30), list(ORDINARY) * 12, step_ms=5 * MINUTE_MS
    ),
    "the night in which clocks go forward": commands(
        ms(2026, 3, 29, 1, 30), list(ORDINARY) * 12, step_ms=5 * MINUTE_MS
    ),
    "impossible durations": [
        replace(one, duration_ms=duration)
        for one, duration in zip(commands(MONDAY), (-1, 2**53, -(2**53), 0), strict=True)
    ],
    "impossible exit codes": [
        replace(one, exit_code=code)
        for one, code in zip(commands(MONDAY), (-1, 2**31, 255, -(2**31)), strict=True)
    ],
    "the longest path": [replace(one, place="/a" * 2_048, repository="") for one in commands(MONDAY)],
    "a commit of 100,000 files": [
        *commands(MONDAY),
        Event(
            "git",
            MONDAY + 5 * MINUTE_MS,
            "Import the world",
            place="/home/ann/parser",
            repository="/home/ann/parser",
            detail={"commit": "ab", "branch": "main", "files": "\n".join(f"d/{n}.c" for n in range(100_000))},
        ),
    ],
}


@pytest.fixture(params=HOSTILE, ids=lambda name: str(name).replace(" ", "-"))
def events(request: pytest.FixtureRequest) -> list[Event]:
    return HOSTILE[request.param]


def test_hostile_events_are_formed_in_any_order_and_in_time(events: list[Event]) -> None:
    numbered = [replace(one, id=number) for number, one in enumerate(events, 1)]
    began = time.process_time()
    formed = form(numbered)
    assert time.process_time() - began < FEW_S
    assert form(reversed(numbered)) == formed
    times = {one.id: one.at_ms for one in numbered}
    for episode in formed:
        assert episode.events
        assert episode.title.strip()
        assert len(episode.title.splitlines()) == 1
        assert len(episode.title) < MOST_CHARS
        assert sum(map(len, (episode.done, *episode.commands, *episode.files))) < 100 * MOST_CHARS
        assert episode.start_ms <= min(times[key] for key in episode.events)
        assert episode.end_ms >= max(times[key] for key in episode.events)
    assert len({key for one in formed for key in one.events}) == sum(len(one.events) for one in formed)
    assert summarize(formed, BERLIN) or not formed


def test_ordinary_work_is_found_beside_hostile_events(tmp_path: Path, events: list[Event]) -> None:
    with MemoryStore.create(tmp_path) as memory:
        memory.add(events)
        assert form_new(memory, BERLIN, budget_s=None) == 0
        assert len(list(memory.events())) == len(events)
        assert memory.counts()["shell"] == sum(one.source == "shell" for one in events)
        found = recall(memory, "comments in the lexer", NOW)
        assert any(
            "lexer" in one.episode.title + one.episode.done + str(one.episode.commands) for one in found
        )
        assert recall(memory, "what did I do today", NOW) is not None


@pytest.mark.parametrize(
    "question",
    [
        "",
        " ",
        "?",
        '"',
        '" OR "',
        "NEAR(",
        "a" * 100_000,
        "yesterday " * 10_000,
        "\x00",
        "\x1b[31m",
        "AND NOT *",
        "in repo",
        "-",
    ],
)
def test_hostile_question_gets_an_answer(tmp_path: Path, question: str) -> None:
    with MemoryStore.create(tmp_path) as memory:
        memory.add(commands(MONDAY))
        form_new(memory, BERLIN, budget_s=None)
        began = time.process_time()
        assert isinstance(recall(memory, question, NOW), list)
        assert time.process_time() - began < FEW_S


def test_events_of_the_future_are_not_what_was_done_last(tmp_path: Path) -> None:
    with MemoryStore.create(tmp_path) as memory:
        memory.add(
            [*commands(MONDAY), *commands(ms(2099, 1, 1), ["make future", "git commit -m 'From the future'"])]
        )
        form_new(memory, BERLIN, budget_s=None)
        for question in ("what did I do today", "what did I do this week", "what did I do since Monday"):
            found = recall(memory, question, NOW)
            assert found, question
            assert all(one.episode.start_ms <= NOW.timestamp() * 1000 for one in found), question
