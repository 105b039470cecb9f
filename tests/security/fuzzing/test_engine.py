"""The engine finds wrong exceptions, hangs, blow-ups and broken promises, with both input choosers."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from tests.security.fuzzing.engine import HAS_ATHERIS, Plan, run
from tests.security.fuzzing.table import Target, require

CHOOSERS: Final = [False, True] if HAS_ATHERIS else [False]


def wrong_exception(data: bytes) -> None:
    if b"x" in data:
        raise KeyError("a planted fault")
    raise ValueError("refused")


def hang(data: bytes) -> None:
    if b"x" in data:
        time.sleep(3600)


def blow_up(data: bytes) -> None:
    if b"x" in data:
        bytearray(4 << 30)


def broken_promise(data: bytes) -> None:
    require(b"x" not in data, "a planted fault")


def exit_at_once(data: bytes) -> None:
    if b"x" in data:
        raise SystemExit(0)


def sound(data: bytes) -> None:
    raise ValueError("refused")


def planted(read: Callable[[bytes], None]) -> Target:
    return Target("planted", read, lambda: [b"abc"], (ValueError,), (b"x",))


@pytest.mark.parametrize("uses_atheris", CHOOSERS)
@pytest.mark.parametrize("read", [wrong_exception, hang, blow_up, broken_promise, exit_at_once])
def test_a_planted_fault_is_found_and_kept(
    read: Callable[[bytes], None], uses_atheris: bool, tmp_path: Path
) -> None:
    plan = Plan(runs=3000, input_s=1, wait_s=2, uses_atheris=uses_atheris, crashes=tmp_path)
    report = run(planted(read), plan)
    assert report.fault is not None, report.text
    assert b"x" in report.fault.read_bytes()


@pytest.mark.parametrize("uses_atheris", CHOOSERS)
def test_a_sound_target_has_no_fault_and_leaves_no_file(uses_atheris: bool, tmp_path: Path) -> None:
    report = run(planted(sound), Plan(runs=500, pumped=2, uses_atheris=uses_atheris, crashes=tmp_path))
    assert report.fault is None
    assert not list(tmp_path.iterdir())


def test_quadratic_time_is_found_by_repetition(tmp_path: Path) -> None:
    def quadratic(data: bytes) -> None:
        for _ in range(20):  # one takes about the limit, and a faster computer less
            re.search(rb"x+y", data)

    plan = Plan(pumped=30, input_s=1, uses_atheris=False, crashes=tmp_path)
    target = Target("planted", quadratic, lambda: [b"abc" * 100], (), (b"x",))
    assert run(target, plan).fault is not None
