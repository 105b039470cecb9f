"""Episodes of the memory as materials of an answer."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from tests.unit.memory.days import all_days, events_of

from satchel.asking import extract, prepare
from satchel.asking.memories import recalled
from satchel.memory.database import MemoryStore
from satchel.memory.forming import form_new
from satchel.prompts import Filter

BERLIN: Final = ZoneInfo("Europe/Berlin")
NOW: Final = dt.datetime(2026, 11, 24, 9, 0, tzinfo=BERLIN)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[MemoryStore]:
    with MemoryStore.create(tmp_path) as opened:
        opened.add(events_of(all_days()))
        form_new(opened, BERLIN, budget_s=None)
        yield opened


def test_an_episode_is_quoted_with_its_day_and_what_was_done(memory: MemoryStore) -> None:
    question = "what did I try against the flaky lexer test last week?"
    first, *_ = found = recalled(memory, question, NOW)
    assert first.source == "episode"
    assert "(2026-11-1" in first.title
    assert "lexer" in first.text.lower()
    assert first.score == max(one.score for one in found) <= 1
    prepared = prepare(question, found, Filter())
    assert prepared.prompt.pieces == ()
    assert prepared.references[0].source == "episode"
    assert "/home/ann" not in prepared.prompt.user
    assert "[1]" in extract(question, found).text


def test_what_nobody_did_is_no_material(memory: MemoryStore) -> None:
    assert recalled(memory, "the submarine", NOW) == []
