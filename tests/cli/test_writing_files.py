"""Files with untrusted names are written into one folder, and existing files are never touched."""

import os
import stat
from pathlib import Path

import pytest

from satchel.cli.piece_files import make_folder, write_into
from satchel.errors import SatchelError, UsageError

HOSTILE = (
    "../outside", "/etc/passwd", "..", ".", "", "a/b/../../../c", "C:\\x", "con", "nul.txt", "-rf", "~", "$(id)",
    "a\x00b", "\x1b[31m", "\u202egpj.exe", "x" * 300, "a ", "a.", "\udcff", "file", "FILE", "file",
)  # fmt: skip


def test_files_with_hostile_names_stay_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "into"
    make_folder(folder)
    before = set(tmp_path.rglob("*"))
    paths = write_into(folder, [(name, str(number).encode()) for number, name in enumerate(HOSTILE)])
    assert set(tmp_path.rglob("*")) - before == set(paths)
    assert [path.read_bytes() for path in paths] == [str(number).encode() for number in range(len(HOSTILE))]
    assert {path.parent for path in paths} == {folder}
    assert all(path.name.isprintable() and not path.name.startswith("-") for path in paths)
    assert len({path.name.casefold() for path in paths}) == len(HOSTILE)


def test_existing_files_and_links_are_never_replaced_or_followed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"mine")
    victim = tmp_path / "victim"
    (tmp_path / "link.py").symlink_to(victim)
    paths = write_into(tmp_path, [("a.py", b"1"), ("A.py", b"2"), ("link.py", b"3")])
    assert [path.name for path in paths] == ["a-2.py", "A-3.py", "link-2.py"]
    assert (tmp_path / "a.py").read_bytes() == b"mine"
    assert not victim.exists()


def test_a_file_created_meanwhile_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def overtaken(path: Path, flags: int, mode: int) -> int:
        if path.name == "a":
            path.write_bytes(b"theirs")
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", overtaken)
    assert [path.name for path in write_into(tmp_path, [("a", b"ours")])] == ["a-2"]
    assert (tmp_path / "a").read_bytes() == b"theirs"


def test_written_files_are_private(tmp_path: Path) -> None:
    [path] = write_into(tmp_path, [("run.sh", b"#!/bin/sh")])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_unusable_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="is not a folder"):
        make_folder(tmp_path / "file")
    with pytest.raises(SatchelError, match="cannot write into"):
        make_folder(tmp_path / "file" / "below")
    with pytest.raises(SatchelError, match="cannot write into"):
        write_into(tmp_path / "missing", [("a", b"1")])
