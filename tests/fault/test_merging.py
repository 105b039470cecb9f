"""A kill or a full disk at any step of a merge leaves the store as it was or merged, and the next merge works."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.merging import Devices, copy_database, holdings

from satchel.merging import merge
from satchel.store import Changes, Draft, Store, WholeFile

ROOT = Path(__file__).parents[2]
MERGE = """
import resource, sys
from pathlib import Path
from satchel.errors import SatchelError
from satchel.merging import merge
from satchel.store import Store
home = Path(sys.argv[1])
try:
    with Store.open(home) as store:
        if len(sys.argv) > 3:
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
        merge(store, Path(sys.argv[2]))
except SatchelError as error:
    print(error.message)
    sys.exit(error.exit_code)
"""
SYSTEM_CALLS = "pwrite64,fsync,fdatasync,ftruncate,unlink"
STRIDE = 3  # of the system calls at which a run is killed


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A home and the store of another device, which add, edit and remove Pieces of each other."""
    with Devices(tmp_path / "devices") as devices:
        ours = devices.new("ours")
        shared = [ours.add(Draft(b"shared %d " % number * 50)) for number in range(4)]
        theirs = devices.copy(ours, "theirs")
        ours.edit(shared[0].id, Changes(content=b"edited here"))
        theirs.edit(shared[0].id, Changes(content=b"edited there"))
        theirs.remove(shared[1].id)
        list(theirs.add_many(Draft(b"new %d " % number * 500) for number in range(10)))
        theirs.edit(shared[2].id, Changes(add_files=(WholeFile("a", b"a" * 9_000),)))
        template = tmp_path / "template"
        copy_database(ours, template)
        copy_database(theirs, tmp_path / "other").rename(template / "other.db")
    return template


def _state(home: Path) -> dict[str, object]:
    with Store.open(home) as store:
        assert list(store.problems()) == []
        return holdings(store)


def _copy(template: Path, home: Path) -> Path:
    shutil.copytree(template, home)
    return home


@pytest.fixture
def outcomes(template: Path, tmp_path: Path) -> list[dict[str, object]]:
    """The state before the merge, and the state after it."""
    home = _copy(template, tmp_path / "expected")
    before = _state(home)
    with Store.open(home) as store:
        merge(store, home / "other.db")
    return [before, _state(home)]


@pytest.mark.tool("strace")
def test_a_kill_at_any_system_call_leaves_the_store_as_it_was_or_merged(
    template: Path, tmp_path: Path, outcomes: list[dict[str, object]]
) -> None:
    found: list[int] = []
    is_complete = False
    while not is_complete:
        number = 1 + STRIDE * len(found)
        home = _copy(template, tmp_path / f"killed-{number}")
        inject = f"inject={SYSTEM_CALLS}:signal=SIGKILL:when={number}"
        words = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={SYSTEM_CALLS}", "-e", inject]
        run = [sys.executable, "-c", MERGE, str(home), str(home / "other.db")]
        is_complete = subprocess.run([*words, *run], cwd=ROOT, check=False).returncode == 0
        found.append(outcomes.index(_state(home)))
        with Store.open(home) as store:
            merge(store, home / "other.db")
        assert _state(home) == outcomes[1]
        shutil.rmtree(home)
    assert len(found) > 10
    assert found == sorted(found)
    assert set(found) == {0, 1}


@pytest.mark.parametrize("limit_bytes", [0, 30_000, 60_000])
def test_a_full_disk_changes_nothing(
    template: Path, outcomes: list[dict[str, object]], limit_bytes: int
) -> None:
    words = [sys.executable, "-c", MERGE, str(template), str(template / "other.db"), str(limit_bytes)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert _state(template) == outcomes[0]
    with Store.open(template) as store:
        merge(store, template / "other.db")
    assert _state(template) == outcomes[1]


@pytest.mark.tool("unshare", "mount")
def test_a_full_file_system_changes_nothing(
    template: Path, tmp_path: Path, outcomes: list[dict[str, object]]
) -> None:
    """On a file system of 1 MiB the home fits, but not what is merged."""
    script = f"""
        mkdir {tmp_path}/disk && mount -t tmpfs -o size=1m none {tmp_path}/disk || exit 77
        cp -r {template} {tmp_path}/disk/home
        head -c 10000000 /dev/zero > {tmp_path}/disk/ballast
        {sys.executable} -c "$MERGE" {tmp_path}/disk/home {template}/other.db; echo "exit $?"
        rm {tmp_path}/disk/ballast
        cp -r {tmp_path}/disk/home {tmp_path}/after
    """
    words = ["unshare", "--mount", "--map-root-user", "sh", "-c", script]
    env = {**os.environ, "MERGE": MERGE}
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    message, code = done.stdout.splitlines()
    assert "the disk is full" in message
    assert code == "exit 1"
    assert _state(tmp_path / "after") == outcomes[0]
