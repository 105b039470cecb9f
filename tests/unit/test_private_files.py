"""Private files: permissions, links, and a crash at any step."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from satchel.errors import NotFoundError, RefusedError, SatchelError
from satchel.local_files import MAX_PRIVATE_BYTES, read_private, remove_private, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "root.json"


@pytest.fixture(params=[0o000, 0o022, 0o077])
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_umask")
def test_a_private_file_is_private_with_any_umask(path: Path) -> None:
    write_private(path, b"one")
    write_private(path, b"two")
    assert read_private(path).data == b"two"
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("permissions", [0o644, 0o640, 0o666, 0o604])
def test_a_file_that_others_could_read_is_tightened(path: Path, permissions: int) -> None:
    write_private(path, b"x")
    path.chmod(permissions)
    assert read_private(path).is_private
    assert mode(path) == 0o600


def test_a_directory_that_others_could_enter_is_tightened(path: Path) -> None:
    path.parent.mkdir(mode=0o755)
    write_private(path, b"x")
    assert mode(path.parent) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_a_file_of_another_user_is_not_private(path: Path) -> None:
    write_private(path, b"x")
    os.chown(path, 65534, 65534)
    file = read_private(path)
    assert not file.is_private
    with pytest.raises(RefusedError, match="others on this computer"):
        file.require_private()


def test_an_absent_file_is_not_found(path: Path) -> None:
    with pytest.raises(NotFoundError):
        read_private(path)
    remove_private(path)


def test_a_link_is_refused(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"x")
    path.parent.mkdir()
    path.symlink_to(other)
    with pytest.raises(RefusedError, match="link"):
        read_private(path)
    write_private(path, b"y")
    assert not path.is_symlink()
    assert other.read_bytes() == b"x"


def test_a_directory_in_the_place_of_a_file_is_refused(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(RefusedError, match="not a file"):
        read_private(path)


def test_a_pipe_in_the_place_of_a_file_is_refused_without_waiting(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)
    with pytest.raises(RefusedError, match="not a file"):
        read_private(path)


def test_a_file_in_place_of_the_directory_is_refused(path: Path) -> None:
    path.parent.write_bytes(b"")
    with pytest.raises(RefusedError, match="cannot be read"):
        read_private(path)


def test_a_huge_file_is_not_read_whole(path: Path) -> None:
    write_private(path, bytes(MAX_PRIVATE_BYTES + 1))
    assert len(read_private(path).data) == MAX_PRIVATE_BYTES


def test_the_contents_are_not_shown(path: Path) -> None:
    write_private(path, b"hush")
    assert "hush" not in repr(read_private(path))


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_failure_at_any_step_leaves_the_old_file_and_nothing_else(
    path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_private(path, b"old")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "no space left on device")

    if step == "replace":
        monkeypatch.setattr(Path, "replace", fail)
    else:
        monkeypatch.setattr(os, {"write": "fdopen", "fsync": "fsync"}[step], fail)
    with pytest.raises(SatchelError, match="no space"):
        write_private(path, b"new")
    monkeypatch.undo()
    assert read_private(path).data == b"old"
    assert list(path.parent.iterdir()) == [path]
