"""A move that is killed at any call leaves at most one cloud that can acknowledge; finishing or undoing leaves one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.unit.moving.conftest import CLOUD, NEW_URL, OLD_URL, settings_of
from tests.unit.moving.places import is_open, objects_of

from satchel_service.moving import move, undo

ROOT = Path(__file__).parents[3]
# Calls from one kill to the next; `make moves` kills at each.
STRIDE = {"move": 1, "undo": 1} if "SATCHEL_MOVES" in os.environ else {"move": 17, "undo": 7}


def killed(operation: str, folder: Path) -> Iterator[Path]:
    """Kill an operation at every few calls, and yield the folder after each; last that of the complete run."""
    folder.mkdir()
    words = [str(CLOUD), str(folder), str(STRIDE[operation]), operation]
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.moving.killed_moves", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    last = int(done.stdout)
    assert last > 5 * STRIDE[operation]
    return (folder / str(number) for number in range(1, last + 1, STRIDE[operation]))


def test_a_killed_move_is_finished_or_undone(tmp_path: Path) -> None:
    reached = set()
    for number, place in enumerate(killed("move", tmp_path / "killed")):
        old, new = settings_of(place / "old", OLD_URL), settings_of(place / "new", NEW_URL)
        was_open = (is_open(old), is_open(new))
        assert was_open != (True, True)
        reached.add(was_open)
        if number % 2 and was_open != (False, True):
            undo(old, new)
            assert (is_open(old), is_open(new)) == (True, False)
            continue
        move(old, new, url=NEW_URL)
        assert (is_open(old), is_open(new)) == (False, True)
        assert objects_of(new) == objects_of(old)
    assert reached == {(True, False), (False, False), (False, True)}


def test_a_killed_undo_is_undone_by_the_next(tmp_path: Path) -> None:
    reached = set()
    for place in killed("undo", tmp_path / "killed"):
        old, new = settings_of(place / "old", OLD_URL), settings_of(place / "new", NEW_URL)
        was_open = (is_open(old), is_open(new))
        reached.add(was_open)
        undo(old, new)
        assert (is_open(old), is_open(new)) == (True, False)
    assert reached == {(True, False), (False, False)}
