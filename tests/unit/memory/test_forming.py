"""Episodes are formed from what is new, and are the same as if all had been formed at once."""

import random
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from tests.unit.memory.days import DAYS, all_days, at_ms, events_of, parse

from satchel.memory import MemoryStore, Range, forming
from satchel.memory.formation import form, form_block, summarize
from satchel.memory.forming import form_new
from satchel.memory.model import Episode, Event
from satchel.store.database import rows

BERLIN: Final = ZoneInfo("Europe/Berlin")
SECRET: Final = "marmalade"


def without_ids(episodes: Sequence[Episode]) -> list[Episode]:
    return [
        replace(one, id=0, events=()) for one in sorted(episodes, key=lambda one: (one.start_ms, one.title))
    ]


def texts_of(memory: MemoryStore, episodes: Sequence[Episode]) -> list[list[str]]:
    """Return the texts of the events of each episode."""
    return sorted(sorted(event.text for event in memory.events_of(one.events)) for one in episodes)


def formed(home: Path, events: Sequence[Event]) -> list[Episode]:
    with MemoryStore.create(home) as memory:
        memory.add(events)
        assert form_new(memory, BERLIN, budget_s=None) == 0
        return list(memory.episodes())


def test_what_is_formed_step_by_step_is_what_is_formed_at_once(tmp_path: Path) -> None:
    events = events_of(all_days())
    with MemoryStore.create(tmp_path / "steps") as memory:
        for event in events:
            memory.add([event])
            form_new(memory, BERLIN, budget_s=None)
        by_step = list(memory.episodes())
        assert memory.summaries(0, 2**60) == sorted(
            summarize(by_step, BERLIN), key=lambda one: (one.start_ms, one.kind)
        )
    assert without_ids(by_step) == without_ids(formed(tmp_path / "once", events)) == without_ids(form(events))


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_arrival_is_irrelevant(tmp_path: Path, seed: int) -> None:
    events = events_of(all_days())
    chance = random.Random(seed)
    chance.shuffle(events)
    with MemoryStore.create(tmp_path) as memory:
        while events:
            count = chance.randint(1, 20)
            memory.add(events[:count])
            del events[:count]
            form_new(memory, BERLIN, budget_s=None)
        expected = form(memory.events())
        found = list(memory.episodes())
        assert texts_of(memory, found) == texts_of(memory, expected)
    assert without_ids(found) == without_ids(expected)


def test_only_new_work_is_formed_again(tmp_path: Path) -> None:
    with MemoryStore.create(tmp_path) as memory:
        memory.add(events_of(parse(DAYS[0])))
        form_new(memory, BERLIN, budget_s=None)
        before = {one.id for one in memory.episodes()}
        memory.add(events_of(parse(DAYS[1], 1)))
        seen: list[int] = []
        form_new(memory, BERLIN, budget_s=None, advance=seen.append)
        assert sum(seen) == 10
        form_new(memory, BERLIN, budget_s=None, advance=seen.append)
        assert sum(seen) == 10
        assert before < {one.id for one in memory.episodes()}


def test_an_unchanged_episode_keeps_its_id_and_vector(tmp_path: Path) -> None:
    with MemoryStore.create(tmp_path) as memory:
        memory.add(events_of(parse(DAYS[0])))
        form_new(memory, BERLIN, budget_s=None)
        first, *_ = memory.episodes()
        memory.add(events_of(parse("1 | 12:10 | a | parser | 0 | make wheels")))
        form_new(memory, BERLIN, budget_s=None)
        again, *others = memory.episodes()
        assert again == first
        assert others[-1].title == "make wheels"


def test_a_budget_forms_the_newest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    with MemoryStore.create(tmp_path) as memory:
        memory.add(events_of(all_days()))
        assert form_new(memory, BERLIN, budget_s=2) > 0  # the clock ticks once for each span
        newest = [one.start_ms for one in memory.episodes()]
        assert min(newest) >= at_ms("00:00", 2)
        monkeypatch.undo()
        assert form_new(memory, BERLIN, budget_s=None) == 0
        assert len(list(memory.episodes())) == len(form(events_of(all_days())))


def test_forgotten_events_take_their_episodes_and_words_along(tmp_path: Path) -> None:
    table = f"""
    1 | 09:00 | a | parser | 0 | make {SECRET}
    1 | 09:05 | a | parser | 0 | make lexer
    """
    with MemoryStore.create(tmp_path) as memory:
        memory.add(events_of(parse(table)))
        form_new(memory, BERLIN, budget_s=None)
        memory.forget(memory.find(Range(text=SECRET)))
        assert not list(memory.episodes())
        assert not memory.summaries(0, 2**60)
        form_new(memory, BERLIN, budget_s=None)
        assert [one.commands for one in memory.episodes()] == [("make lexer",)]
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"lexer" in content
    assert SECRET.encode() not in content


def test_episodes_outlive_the_events_and_can_be_forgotten_by_themselves(tmp_path: Path) -> None:
    with MemoryStore.create(tmp_path) as memory:
        memory.add(events_of(parse(f"1 | 09:00 | a | parser | 0 | make {SECRET}")))
        memory.add(events_of(parse("1 | 09:05 | a | parser | 0 | make lexer")))
        form_new(memory, BERLIN, budget_s=None)
        [before] = memory.episodes()
        memory.prune(at_ms("09:01"))
        memory.add(events_of(parse("1 | 09:10 | a | parser | 0 | make docs")))
        form_new(memory, BERLIN, budget_s=None)
        kept, new = memory.episodes()
        assert (kept, new.commands) == (before, ("make docs",))
        assert memory.forget_episodes(Range(text="no such text")) == 0
        assert memory.forget_episodes(Range(until_ms=at_ms("09:09"))) == 1
        form_new(memory, BERLIN, budget_s=None)
        assert SECRET not in repr([(one.title, one.commands) for one in memory.episodes()])
    assert SECRET.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_events_that_arrive_while_a_block_is_formed_are_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = events_of(parse("1 | 09:06 | a | parser | 0 | make late"))
    with MemoryStore.create(tmp_path) as memory, MemoryStore.create(tmp_path) as shell:
        memory.add(events_of(parse("1 | 09:05 | a | parser | 0 | make lexer")))

        def form_slowly(block: Sequence[Event]) -> list[Episode]:
            if late:
                shell.add([late.pop()])
            return form_block(block)

        monkeypatch.setattr(forming, "form_block", form_slowly)
        form_new(memory, BERLIN, budget_s=None)
        form_new(memory, BERLIN, budget_s=None)
        [episode] = memory.episodes()
        assert episode.commands == ("make lexer", "make late")


def test_two_processes_form_the_same_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with MemoryStore.create(tmp_path) as memory, MemoryStore.create(tmp_path) as other:
        memory.add(events_of(parse(DAYS[0])))
        calls: list[Any] = []

        def form_twice(block: Sequence[Event]) -> list[Episode]:
            calls.append(block)
            if len(calls) == 1:
                form_new(other, BERLIN, budget_s=None)
            return form_block(block)

        monkeypatch.setattr(forming, "form_block", form_twice)
        form_new(memory, BERLIN, budget_s=None)
        assert len(calls) > 1
        assert without_ids(list(memory.episodes())) == without_ids(form(events_of(parse(DAYS[0]))))
        assert rows(memory.connection, "SELECT count(*) FROM episode_words") == [(3,)]
