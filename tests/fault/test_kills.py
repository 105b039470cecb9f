"""A kill at any step leaves the old store or the new one, and the next run works."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.archives import (
    NOON,
    FolderDestination,
    add_pieces,
    back_up_into,
    context_of,
    make_store,
)

from satchel.backup.create.backup import BackupOptions, back_up_to_file
from satchel.backup.restore.restore import restore, select_backup, select_file, undo_restore, verify
from satchel.store import Store

ROOT = Path(__file__).parents[2]
OLD_PIECES, NEW_PIECES, ADDED_PIECES = 5, 7, 3


def killed_at_every_step(
    operation: str, template: Path, folder: Path, *, more_than: int = 15
) -> Iterator[Path]:
    """Kill the operation at each step; yield the folder after each kill, and last that of the complete run."""
    folder.mkdir()
    words = [sys.executable, "-m", "tests.support.killing", operation, str(template), str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    steps = int(done.stdout)
    assert steps > more_than
    return (folder / str(number) for number in range(1, steps + 1))


def pieces_in(home: Path) -> int:
    with Store.open(home) as store:
        return store.count()


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A home with five Pieces, and backups of the store with seven, in a file and as a chain."""
    folder = tmp_path / "template"
    folder.mkdir()
    home = make_store(folder / "home", pieces=NEW_PIECES - 1, size_bytes=3000)
    destination = FolderDestination(folder / "destination")
    back_up_into(home, destination)
    add_pieces(home, [100], 3000)
    back_up_into(home, destination)
    back_up_to_file(context_of(home), folder / "backup.age", BackupOptions("laptop"))
    (home / "store.db").unlink()
    make_store(home, pieces=OLD_PIECES)
    (home / "backups" / "sequences.json").unlink()
    return folder


@pytest.mark.parametrize("operation", ["restore-file", "restore-chain"])
def test_a_killed_restore_leaves_the_old_store_or_the_new(
    template: Path, tmp_path: Path, operation: str
) -> None:
    outcomes = []
    for folder in killed_at_every_step(operation, template, tmp_path / "killed"):
        outcomes.append(pieces_in(folder / "home"))
        if outcomes[-1] == NEW_PIECES:
            assert list((folder / "home").glob("store.db.before-restore-*"))
    assert set(outcomes) == {OLD_PIECES, NEW_PIECES}
    assert outcomes == sorted(outcomes)


def test_after_a_killed_restore_the_next_one_works(template: Path, tmp_path: Path) -> None:
    for folder in killed_at_every_step("restore-file", template, tmp_path / "killed"):
        context = context_of(folder / "home")
        with select_file(folder / "backup.age") as selection:
            restore(context, selection)
        assert pieces_in(folder / "home") == NEW_PIECES
        assert list((folder / "home" / "backups" / "work").iterdir()) == []


def test_a_killed_restore_into_an_empty_home_leaves_no_store_or_the_new(
    template: Path, tmp_path: Path
) -> None:
    (template / "home" / "store.db").unlink()
    outcomes = []
    for folder in killed_at_every_step("restore-file", template, tmp_path / "killed"):
        is_present = (folder / "home" / "store.db").exists()
        outcomes.append(pieces_in(folder / "home") if is_present else 0)
    assert set(outcomes) == {0, NEW_PIECES}


def test_after_a_killed_undo_both_stores_are_there(template: Path, tmp_path: Path) -> None:
    home = template / "home"
    with select_file(template / "backup.age") as selection:
        restore(context_of(home), selection)
    outcomes = []
    for folder in killed_at_every_step("undo", template, tmp_path / "killed", more_than=8):
        outcomes.append(pieces_in(folder / "home"))
        other = {OLD_PIECES: NEW_PIECES, NEW_PIECES: OLD_PIECES}[outcomes[-1]]
        undo_restore(folder / "home", clock=lambda: NOON)
        assert pieces_in(folder / "home") == other
        undo_restore(folder / "home", clock=lambda: NOON)
        assert pieces_in(folder / "home") == outcomes[-1]
    assert outcomes == sorted(outcomes, reverse=True)
    assert set(outcomes) == {OLD_PIECES, NEW_PIECES}


@pytest.fixture
def changed(template: Path) -> Path:
    """The template, with a home that has changed since its backup."""
    home, destination = template / "home", FolderDestination(template / "destination")
    back_up_into(home, destination)
    add_pieces(home, range(200, 200 + ADDED_PIECES), 3000)
    return template


def test_after_a_killed_backup_the_store_is_intact_and_the_next_backup_restores(
    changed: Path, tmp_path: Path
) -> None:
    for folder in killed_at_every_step("backup", changed, tmp_path / "killed"):
        home, destination = folder / "home", FolderDestination(folder / "destination")
        assert pieces_in(home) == OLD_PIECES + ADDED_PIECES
        back_up_into(home, destination)
        assert list((home / "outbox").iterdir()) == []
        context = context_of(home)
        with select_backup(destination, context) as selection:
            assert verify(context, selection).manifest.pieces == OLD_PIECES + ADDED_PIECES


def test_a_killed_backup_into_a_file_leaves_the_earlier_backup_or_the_new(
    changed: Path, tmp_path: Path
) -> None:
    outcomes = []
    for folder in killed_at_every_step("backup-file", changed, tmp_path / "killed"):
        context = context_of(folder / "other")
        with select_file(folder / "backup.age") as selection:
            outcomes.append(verify(context, selection).manifest.pieces)
    assert set(outcomes) == {NEW_PIECES, OLD_PIECES + ADDED_PIECES}


REPLACE = """
import sys
from pathlib import Path
from satchel.backup.local.places import Places
from satchel.backup.restore.replacement import replace_store
from tests.support.archives import NOON
home = Path(sys.argv[1])
replace_store(Places(home), home / "restored.db", NOON)
"""
SYSTEM_CALLS = "pwrite64,fsync,fdatasync,ftruncate,unlink,rename,link"


@pytest.mark.tool("strace")
def test_a_kill_inside_sqlite_while_the_old_store_is_locked_loses_nothing(tmp_path: Path) -> None:
    """The last changes of the old store are in its log. SQLite's own system calls count as steps."""
    live, new = make_store(tmp_path / "live", pieces=3), make_store(tmp_path / "new", pieces=NEW_PIECES)
    template = tmp_path / "template"
    with Store.open(live) as store:
        add_pieces(live, [100, 101], 3000)
        assert store.count() == OLD_PIECES
        shutil.copytree(live, template)
    assert (template / "store.db-wal").stat().st_size
    shutil.copy(new / "store.db", template / "restored.db")
    outcomes: list[int] = []
    is_complete = False
    while not is_complete:
        number = len(outcomes) + 1
        home = tmp_path / str(number)
        shutil.copytree(template, home)
        inject = f"inject={SYSTEM_CALLS}:signal=SIGKILL:when={number}"
        words = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={SYSTEM_CALLS}", "-e", inject]
        done = subprocess.run([*words, sys.executable, "-c", REPLACE, str(home)], cwd=ROOT, check=False)
        outcomes.append(pieces_in(home))
        is_complete = done.returncode == 0
    assert len(outcomes) > 15
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {OLD_PIECES, NEW_PIECES}
