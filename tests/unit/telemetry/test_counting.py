"""Counting commands: one line each, of every process, with consent only, and never at the command's expense."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from satchel.errors import NotFoundError
from satchel.telemetry.consent import is_on, turn_off, turn_on
from satchel.telemetry.counting import COUNTS_FILE, MAX_COUNTS_BYTES, count
from satchel.telemetry.runs import Run, runs_in

NOW_S: Final = 1_796_000_000.0  # 2026-11-30


@pytest.fixture
def home(tmp_path: Path) -> Path:
    turn_on(tmp_path)
    return tmp_path


def counted(home: Path) -> list[Run]:
    return list(runs_in((home / COUNTS_FILE).read_bytes()))


def test_a_line_has_the_day_the_command_and_the_exit_code(home: Path) -> None:
    count(str(home), "list", 0, NOW_S)
    count(str(home), "show", 3, NOW_S + 86_400)
    assert (home / COUNTS_FILE).read_bytes() == b"2026-11-30 list 0\n2026-12-01 show 3\n"
    assert (home / COUNTS_FILE).stat().st_mode & 0o777 == 0o600


def test_without_consent_nothing_is_written(tmp_path: Path) -> None:
    count(str(tmp_path), "list", 0, NOW_S)
    count(str(tmp_path / "none"), "list", 0, NOW_S)
    assert list(tmp_path.iterdir()) == []


def test_looking_at_telemetry_is_not_counted(home: Path) -> None:
    count(str(home), "telemetry", 0, NOW_S)
    count(str(home), "crash", 0, NOW_S)
    assert not (home / COUNTS_FILE).exists()


def test_processes_at_once_lose_no_line(home: Path) -> None:
    script = (
        "import sys; from satchel.telemetry.counting import count\n"
        f"for _ in range(400): count({str(home)!r}, sys.argv[1], 0, {NOW_S})"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, name]) for name in ("list", "save", "show")]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    assert Counter(run.command for run in counted(home)) == {"list": 400, "save": 400, "show": 400}


def test_the_file_does_not_grow_without_end(home: Path) -> None:
    (home / COUNTS_FILE).write_bytes(b"\n" * MAX_COUNTS_BYTES)
    count(str(home), "list", 0, NOW_S)
    assert (home / COUNTS_FILE).stat().st_size == MAX_COUNTS_BYTES


@pytest.mark.parametrize("obstacle", ["directory", "link", "pipe", "read-only", "device"])
def test_a_failure_to_count_is_ignored(home: Path, obstacle: str) -> None:
    path = home / COUNTS_FILE
    if obstacle == "directory":
        path.mkdir()
    elif obstacle == "link":
        path.symlink_to(home / "elsewhere")
    elif obstacle == "pipe":
        os.mkfifo(path)
    elif obstacle == "device":
        path.symlink_to("/dev/full")
    else:
        path.touch(mode=0o400)
        path.parent.chmod(0o500)
    count(str(home), "list", 0, NOW_S)
    path.parent.chmod(0o700)
    assert not (home / "elsewhere").exists()


@pytest.mark.parametrize("now_s", [1e30, float("nan"), -1e30])
def test_an_impossible_clock_is_ignored(home: Path, now_s: float) -> None:
    count(str(home), "list", 0, now_s)


def test_consent_is_asked_for_a_home_that_exists(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        turn_on(tmp_path / "none")


def test_turning_off_deletes_everything_and_counting_does_not_bring_it_back(home: Path) -> None:
    (home / "telemetry" / "crashes").mkdir()
    (home / "telemetry" / "crashes" / "1.json").write_bytes(b"{}")
    count(str(home), "list", 0, NOW_S)
    assert turn_off(home)
    count(str(home), "list", 0, NOW_S)
    assert list(home.iterdir()) == []
    assert not is_on(home)
    assert not turn_off(home)


def test_an_interrupted_deletion_is_finished_later(home: Path) -> None:
    (home / "telemetry" / "id.json").write_bytes(b"{}")
    (home / "telemetry").rename(home / ".telemetry-0123")
    assert turn_off(home)
    assert list(home.iterdir()) == []
    (home / ".telemetry-0123").mkdir()
    assert turn_on(home)
    assert [path.name for path in home.iterdir()] == ["telemetry"]
