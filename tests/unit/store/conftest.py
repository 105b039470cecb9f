"""A store in a temporary directory, with a ticking clock and reproducible ids.

Also helpers that run Python code in child processes, optionally subject to file permissions.
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
    """A clock that advances by `step`, one second by default, each time it is read."""

    def __init__(self) -> None:
        self.now = datetime(2025, 11, 22, 12, tzinfo=UTC)
        self.step = timedelta(seconds=1)

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


def child(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Start Python code in a child process with piped output."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for a child process, require success, and return its output."""
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output


def run_bound_by_permissions(code: str, *arguments: object) -> str:
    """Run Python code subject to file permissions, even if the tests run as root. Return its output."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=_drop_override_capabilities,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _drop_override_capabilities() -> None:
    """Drop CAP_DAC_OVERRIDE (1) and CAP_DAC_READ_SEARCH (2). PR_CAPBSET_DROP is 24 (linux/prctl.h)."""
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
