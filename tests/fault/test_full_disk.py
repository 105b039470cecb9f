"""A full disk ends an operation with one line and exit code 1, and nothing is lost."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.archives import context_of, make_store
from tests.support.full_disk_service import CANNOT_MOUNT

from satchel.backup.create.backup import BackupOptions, back_up_to_file
from satchel.backup.local.places import Places
from satchel.backup.restore.assembly import ROOM_LEFT_BYTES
from satchel.backup.restore.restore import restore, select_file
from satchel.errors import SatchelError
from satchel.keys import RootSecret, Vault
from satchel.store import Store

ROOT = Path(__file__).parents[2]
LIMITED = """
import sys
from satchel.errors import SatchelError
from tests.support.killing import OPERATIONS
from pathlib import Path
import resource
folder = Path(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    OPERATIONS[sys.argv[1]](folder)
except SatchelError as error:
    print(error.message)
    sys.exit(error.exit_code)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A home with five Pieces, and a backup file of a larger store."""
    large = make_store(tmp_path / "large", pieces=300, size_bytes=3000)
    back_up_to_file(context_of(large), tmp_path / "backup.age", BackupOptions("laptop"))
    make_store(tmp_path / "home", pieces=5)
    return tmp_path


def limited(operation: str, folder: Path, limit_bytes: int) -> subprocess.CompletedProcess[str]:
    """Run an operation with a limit on the size of files, as if the disk were full."""
    words = [sys.executable, "-c", LIMITED, operation, str(folder), str(limit_bytes)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)


def pieces_in(home: Path) -> int:
    with Store.open(home) as store:
        return store.count()


@pytest.mark.parametrize("limit_bytes", [0, 1, 4096, 100_000, 1_000_000])
def test_a_restore_on_a_full_disk_changes_nothing(folder: Path, limit_bytes: int) -> None:
    before = (folder / "home" / "store.db").read_bytes()
    done = limited("restore-file", folder, limit_bytes)
    assert done.returncode == 1
    assert "no space" in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert (folder / "home" / "store.db").read_bytes() == before
    assert list(Places(folder / "home").work.iterdir()) == []


@pytest.mark.parametrize("limit_bytes", [0, 1000])
@pytest.mark.parametrize("operation", ["backup", "backup-file"])
def test_a_backup_on_a_full_disk_loses_nothing(folder: Path, operation: str, limit_bytes: int) -> None:
    earlier = (folder / "backup.age").read_bytes()
    done = limited(operation, folder, limit_bytes)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert (folder / "backup.age").read_bytes() == earlier
    assert pieces_in(folder / "home") == 5
    assert not list(folder.glob(".*.part"))


def test_too_little_room_is_refused_before_writing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status = os.statvfs(folder)
    size_bytes = (folder / "large" / "store.db").stat().st_size
    blocks = (size_bytes + ROOM_LEFT_BYTES) // status.f_frsize - 1
    fields = [*status]
    fields[4] = blocks  # f_bavail
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(fields))
    with (
        select_file(folder / "backup.age") as selection,
        pytest.raises(SatchelError, match="not enough space"),
    ):
        restore(context_of(folder / "home"), selection)
    assert pieces_in(folder / "home") == 5


@pytest.mark.tool("unshare", "mount")
def test_the_restore_command_on_a_full_file_system(folder: Path) -> None:
    """On a file system of 8 MiB the home fits, but not the restored store."""
    Vault(folder / "home", use_keyring=False).create(RootSecret(bytes(range(32))))
    satchel = Path(sys.executable).with_name("satchel")
    script = f"""
        mkdir {folder}/disk && mount -t tmpfs -o size=8m none {folder}/disk || exit 77
        cp -r {folder}/home {folder}/disk/home
        head -c 7500000 /dev/zero > {folder}/disk/ballast
        {satchel} --home {folder}/disk/home restore --yes --quiet --from {folder}/backup.age; echo "exit $?"
        rm {folder}/disk/ballast
        {satchel} --home {folder}/disk/home list | wc -l
    """
    env = {**os.environ, "SATCHEL_KEYRING": "off"}
    words = ["unshare", "--mount", "--map-root-user", "sh", "-c", script]
    done = subprocess.run(words, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["exit", "1", "5"]
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["satchel", "hint"]


@pytest.mark.tool("unshare", "mount")
def test_on_a_full_disk_the_owner_of_a_cloud_can_delete_revoke_and_pair(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.support.full_disk_service", str(tmp_path)]
    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", *command], capture_output=True, text=True, check=False
    )
    if done.returncode == CANNOT_MOUNT:
        pytest.skip("this machine lets nobody mount a file system")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "upload": 507,
        "delete": 204,
        "revoke share": 204,
        "list": 200,
        "pair": 201,
        "revoke device": 204,
        "erase": 204,
        "many deletions": 204,
        "after a restart": 200,
        "backup with room": 1,
    }
