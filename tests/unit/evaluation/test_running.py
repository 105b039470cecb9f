"""A row runs in a process of its own: its limit ends it and what it started, whatever it does."""

import os
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.waiting import wait_until

from models.evaluation import running
from models.evaluation.figures import Figure, table, timed_out
from models.evaluation.keeping import page_with
from models.evaluation.running import RowError, TimedOutError, cpu_s, run
from models.evaluation.sets.planting import NoOracleError

FIGURE = Figure("row", "F1", None)
LIMIT_S = 0.5


def catastrophic() -> list[Figure]:
    re.match(r"(a|a)*b", "a" * 64)
    return [FIGURE]


def deaf() -> list[Figure]:
    while True:
        try:
            time.sleep(60)
        except BaseException:  # noqa: BLE001 - what a library may do
            continue


def test_figures_of_a_row_come_back() -> None:
    assert run(lambda: [FIGURE], 60) == [FIGURE]


@pytest.mark.parametrize("row", [catastrophic, deaf])
def test_a_row_ends_at_its_limit(row: Callable[[], list[Figure]]) -> None:
    started = time.monotonic()
    with pytest.raises(TimedOutError, match=r"timed out after (0\.5 s of processor time|1\.5 s)"):
        run(row, LIMIT_S)
    assert time.monotonic() - started < 20


def test_a_row_that_waits_has_longer_than_one_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    assert running.LONGEST > 2
    monkeypatch.setattr(running, "LONGEST", 100)  # a busy machine may need long to end a short sleep

    def waiting() -> list[Figure]:
        time.sleep(1.5 * LIMIT_S)
        return [FIGURE]

    assert run(waiting, LIMIT_S) == [FIGURE]
    assert cpu_s(os.getpid()) > 0
    assert cpu_s(2**30) == 0


def test_what_a_row_started_ends_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"

    def row() -> list[Figure]:
        child = subprocess.Popen(["/bin/sleep", "600"])
        note.with_suffix(".new").write_text(str(child.pid))
        note.with_suffix(".new").rename(note)
        return deaf()

    with pytest.raises(TimedOutError):
        run(row, 2)
    pid = int(note.read_text())
    wait_until(lambda: not is_running(pid))


def is_running(pid: int) -> bool:
    """Return whether a process lives; a killed one that its parent has not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_exceptions_of_a_row_are_raised_by_the_run() -> None:
    def row() -> list[Figure]:
        raise NoOracleError("it is not there")

    with pytest.raises(NoOracleError, match="it is not there"):
        run(row, 60)


def test_a_row_that_dies_is_an_error() -> None:
    with pytest.raises(RowError, match=r"without figures \(exit code 3\)"):
        run(lambda: os._exit(3), 60)


def test_the_table_says_that_a_row_timed_out_until_it_is_measured() -> None:
    page = "<!-- figures -->\n<!-- end -->\n"
    ended = timed_out("secrets", "timed out after 600 s")
    assert "| secrets |  |  | timed out after 600 s |" in table([ended])
    after = page_with(page, [ended], ["secrets"])
    assert "timed out" in after
    assert "timed out" in page_with(after, [FIGURE], ["links"])
    assert "timed out" not in page_with(after, [FIGURE], ["secrets"])
