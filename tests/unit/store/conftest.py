"""A store in a temporary directory, with a clock that ticks and ids that are always the same.

Also child processes: Python code with arguments, perhaps under the permissions of everybody else.
"""

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from satchel.store import Store


class TickingClock:
    """Each look at it is a second later, unless it is told otherwise."""

    def __init__(self) -> None:
        self.now = datetime(2025, 11, 22, 12, tzinfo=UTC)
        self.step = timedelta(seconds=1)

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


def child(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Start Python code in a process of its own; its output is a pipe."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for a child that must succeed; gives what it printed."""
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output


def run_bound_by_permissions(code: str, *arguments: object) -> str:
    """Run Python code to which permissions apply even if the tests run as root; gives what it printed."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, preexec_fn=_give_up_override
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _give_up_override() -> None:
    """A root without CAP_DAC_OVERRIDE (1) and CAP_DAC_READ_SEARCH (2); linux/prctl.h: PR_CAPBSET_DROP is 24."""
    if os.geteuid() == 0:
        prctl = ctypes.CDLL(None).prctl
        assert prctl(24, 1, 0, 0, 0) == prctl(24, 2, 0, 0, 0) == 0


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def store(home: Path, clock: TickingClock) -> Iterator[Store]:
    with Store.create(home, clock=clock, entropy=Random(1).randbytes) as made:
        yield made
