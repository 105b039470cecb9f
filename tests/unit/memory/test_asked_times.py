"""Hundreds of time expressions, asked at several times, mean what a person means; other words are not times."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from satchel.memory.time_expressions import find_time

HERE: Final = Path(__file__).parent
FRAMES: Final = ("{}", "what did I do {}", "{}, what did I do?", "did I fix the parser {} in repo satchel?")


def lines(name: str) -> list[str]:
    text = (HERE / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def asked() -> Iterator[tuple[dt.datetime, str, str, str]]:
    """Yield the time of asking, the words, and the first and the last minute that they mean."""
    now = dt.datetime.now(dt.UTC)
    for line in lines("asked_times.txt"):
        if line.startswith("now "):
            day, hour, zone = line.split(",")[0].split()[1:]
            now = dt.datetime.fromisoformat(f"{day} {hour}").replace(tzinfo=ZoneInfo(zone))
            continue
        words, start, *end = (part.strip() for part in line.split("|"))
        begin = wall(start, now)
        yield now, words, shown(begin), shown(wall(end[0], now) if end else begin + dt.timedelta(days=1))


def wall(text: str, now: dt.datetime) -> dt.datetime:
    if text == "NOW":
        return now + dt.timedelta(minutes=1)
    has_year = text.partition(" ")[0].count("-") == 2
    return dt.datetime.fromisoformat(text if has_year else f"2026-{text}").replace(tzinfo=now.tzinfo)


def shown(time: dt.datetime) -> str:
    return time.isoformat(" ", "minutes")


ROWS: Final = list(asked())


@pytest.mark.parametrize("now", sorted({row[0] for row in ROWS}), ids=lambda now: f"{now:%Y-%m-%d}")
def test_words_mean_their_span(now: dt.datetime) -> None:
    wrong = []
    for _, words, start, end in (row for row in ROWS if row[0] == now):
        for question in (frame.format(words) for frame in FRAMES):
            span = find_time(question, now).span
            ends = (span.start_ms, span.end_ms) if span else ()
            got = [shown(dt.datetime.fromtimestamp(ms / 1000, now.tzinfo)) for ms in ends]
            wrong += [] if got == [start, end] else [(question, got, [start, end])]
    assert not wrong


@pytest.mark.parametrize("frame", ["{}", "what did I do about {}", "{}, how did I fix it"])
def test_other_words_are_no_times(frame: str) -> None:
    questions = [frame.format(question) for question in lines("no_times.txt")]
    found = [(find_time(question, ROWS[0][0]), question) for question in questions]
    assert not [(one.words, question) for one, question in found if one.words or one.rest != question]
