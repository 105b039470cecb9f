"""The local directory: one per process, and those of killed processes are removed."""

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


def test_each_process_has_its_own_private_directory(tmp_path: Path) -> None:
    one, two = LocalFolder(tmp_path / "local"), LocalFolder(tmp_path / "local")
    assert one.path != two.path
    assert one.path.stat().st_mode & 0o777 == 0o700
    one.remove()
    assert list((tmp_path / "local").iterdir()) == [two.path]
    two.remove()


def test_the_directory_of_a_killed_process_is_removed_and_that_of_a_live_one_is_kept(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    held = Path(holder.stdout.readline().strip())
    LocalFolder(tmp_path).remove()
    assert (held / "cloud.db").read_bytes() == b"rows"
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    fresh = LocalFolder(tmp_path)
    assert list(tmp_path.iterdir()) == [fresh.path]
    fresh.remove()


def test_other_files_and_directories_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / f"{PREFIX}file").write_bytes(b"")
    (tmp_path / f"{PREFIX}link").symlink_to(tmp_path / "other")
    LocalFolder(tmp_path).remove()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", f"{PREFIX}file", f"{PREFIX}link"]
