"""The directory of the local copy: each process has one of its own, and what killed ones left is removed."""

import signal
import subprocess
import sys
from pathlib import Path

from satchel_service.database.folder import PREFIX, LocalFolder

HOLDER = """
import sys, pathlib
from satchel_service.database.folder import LocalFolder
folder = LocalFolder(pathlib.Path(sys.argv[1]))
(folder.path / "cloud.db").write_bytes(b"rows")
print(folder.path, flush=True)
sys.stdin.read()
"""


def test_each_has_a_directory_of_its_own_that_only_its_user_reads_and_removes_it(tmp_path: Path) -> None:
    one, two = LocalFolder(tmp_path / "local"), LocalFolder(tmp_path / "local")
    assert one.path != two.path
    assert one.path.stat().st_mode & 0o777 == 0o700
    one.remove()
    assert list((tmp_path / "local").iterdir()) == [two.path]
    two.remove()


def test_what_a_killed_process_left_is_removed_and_a_living_one_keeps_its_own(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    left = Path(holder.stdout.readline().strip())
    LocalFolder(tmp_path).remove()
    assert (left / "cloud.db").read_bytes() == b"rows"
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    fresh = LocalFolder(tmp_path)
    assert list(tmp_path.iterdir()) == [fresh.path]
    fresh.remove()


def test_what_is_not_a_directory_of_this_kind_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / f"{PREFIX}file").write_bytes(b"")
    (tmp_path / f"{PREFIX}link").symlink_to(tmp_path / "other")
    LocalFolder(tmp_path).remove()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", f"{PREFIX}file", f"{PREFIX}link"]
