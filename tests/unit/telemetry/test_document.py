"""The telemetry document: counts and versions, rounded, and nothing else."""

import json
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.telemetry import COMMANDS, FACTS, TODAY, identity

from satchel.telemetry.document import EXIT_CODES, Facts, family_of, make_document, python_of, release_of
from satchel.telemetry.facts import EXTRAS, UNNAMED_EXTRAS, gather_facts
from satchel.telemetry.runs import Run, runs_in
from satchel_wire.telemetry import MAX_DOCUMENT_BYTES, SIZES, STEPS, TelemetryDocument, round_down

ROOT: Final = Path(__file__).resolve().parents[3]


def document(runs: list[Run], facts: Facts = FACTS) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(make_document(identity(), TODAY, facts, runs, COMMANDS))
    return found


def test_commands_and_outcomes_are_counted_and_rounded() -> None:
    found = document([Run(TODAY, "list", 0)] * 7 + [Run("2026-11-28", "show", 3)])
    assert found["commands"] == {"list": 5, "show": 1}
    assert found["outcomes"] == {"0": 5, "3": 1}
    assert found["days"] == 2


@pytest.mark.parametrize(
    "run",
    [
        Run(TODAY, "frobnicate", 0),
        Run(TODAY, "telemetry", 0),
        Run(TODAY, "crash", 0),
        Run("2026-08-01", "list", 0),
        Run("2026-12-01", "list", 0),
        Run("2026-02-31", "list", 0),
    ],
    ids=["unknown", "telemetry", "crash", "too-old", "future", "no-day"],
)
def test_other_runs_are_left_out(run: Run) -> None:
    found = document([run])
    assert (found["commands"], found["outcomes"], found["days"]) == ({}, {}, 0)


def test_an_exit_code_that_satchel_does_not_have_is_left_out() -> None:
    assert document([Run(TODAY, "list", 77)])["outcomes"] == {}


@given(
    st.lists(st.tuples(st.sampled_from([*COMMANDS, "Zq"]), st.integers(0, 255)), max_size=200),
    st.integers(0, 10**12),
    st.integers(0, 10**15),
)
def test_every_number_is_one_of_few(runs: list[tuple[str, int]], pieces: int, size: int) -> None:
    facts = Facts(satchel="0.1.0", python="3.12", system="linux", pieces=pieces, store_bytes=size)
    data = make_document(identity(), TODAY, facts, [Run(TODAY, *run) for run in runs], COMMANDS)
    found = msgspec.json.decode(data, type=TelemetryDocument)
    assert {found.days, *found.commands.values(), *found.outcomes.values()} <= set(STEPS)
    assert {found.sizes.pieces, found.sizes.store_mib} <= set(SIZES)
    assert set(found.commands) <= set(COMMANDS)
    assert {int(code) for code in found.outcomes} <= EXIT_CODES
    assert len(data) <= MAX_DOCUMENT_BYTES


@given(st.integers(-5, 10**9))
def test_rounding_never_exceeds_the_number(number: int) -> None:
    found = round_down(number)
    assert found in STEPS
    assert found <= max(0, number)
    assert all(step <= found or step > number for step in STEPS)


def test_values_that_few_have_become_other() -> None:
    assert [release_of(text) for text in ("0.1.0", "0.1.0+ann.laptop", "1.2", "1.2.3.dev4")] == [
        "0.1.0", "other", "other", "other",
    ]  # fmt: skip
    assert [python_of(text) for text in ("3.12.4", "3.12", "3.13.0+ann", "4.0", "other")] == [
        "3.12", "3.12", "3.13", "other", "other",
    ]  # fmt: skip
    assert [family_of(text) for text in ("linux", "linux2", "darwin", "win32", "haiku1")] == [
        "linux", "linux", "macos", "windows", "other",
    ]  # fmt: skip


def test_every_extra_is_named_or_belongs_to_operators() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(project["optional-dependencies"]) <= set(EXTRAS) | UNNAMED_EXTRAS


def test_the_facts_of_a_home_without_a_store(tmp_path: Path) -> None:
    found = gather_facts(tmp_path)
    assert (found.pieces, found.store_bytes) == (0, 0)
    assert not list(tmp_path.iterdir())


def test_a_damaged_count_does_not_spoil_the_others() -> None:
    data = b"2026-11-30 list 0\n2026-11-30 li2026-11-30 list 0\n\xff\x00\n2026-11-30 show 0\n2026-11-30 list"
    assert [run.command for run in runs_in(data)] == ["list", "show"]
