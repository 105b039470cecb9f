"""Shared fixtures for the age format."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# Not getrusage: on Linux its maximum survives exec, so it would report the size of pytest.
REPORT = """
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(int(status["VmHWM"].split()[0]) * 1024)
"""


@pytest.fixture
def measure_peak() -> Callable[[str], int]:
    """Run a script in a fresh interpreter and return its peak memory in bytes."""
    if not Path("/proc/self/status").exists():
        pytest.skip("needs Linux's account of a process's memory")

    def measure(script: str) -> int:
        run = subprocess.run(
            [sys.executable, "-c", script + REPORT], capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr
        return int(run.stdout)

    return measure
