"""Time and memory of a command, from the kernel's accounting."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


def as_installed() -> dict[str, str]:
    """Return the environment of an installed satchel, in which Python caches compiled modules."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a command: wall-clock and processor seconds, and the largest resident set of its processes."""

    wall_s: float
    cpu_s: float
    peak_rss_mib: float
    output: str


def cost(command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Cost:
    """Run a command and return its cost. Raise RuntimeError with its standard error if it fails."""
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=as_installed() if env is None else env,
        cwd=cwd,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        output = process.stdout.read()
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {errors.strip()[-500:]}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output)


def seconds_of(act: Callable[[], object]) -> float:
    """Return how long a call takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def p95(values: Sequence[float]) -> float:
    """Return the 95th percentile of measurements."""
    return sorted(values)[int(len(values) * 0.95)]


def disk_bytes(folder: Path) -> int:
    """Return the total size of the regular files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
