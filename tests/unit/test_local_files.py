"""Durable files, and the errors of the operating system."""

import errno
import os
from pathlib import Path

import pytest

from satchel.errors import IntegrityError, SatchelError
from satchel.local_files import (
    DurableFile,
    SourceFile,
    link,
    make_directory,
    remove,
    replace,
    replacing,
    translate_os_errors,
    write_private,
)


def test_a_durable_file_is_private(tmp_path: Path) -> None:
    with DurableFile(tmp_path / "a") as file:
        file.write(b"one")
        file.write_at(10, b"two")
        assert file.read_at(10, 99) == b"two"
        file.sync()
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a").read_bytes() == b"one" + bytes(7) + b"two"


def test_an_error_removes_the_durable_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError), DurableFile(tmp_path / "a"):
        raise ValueError
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"mine")
    with pytest.raises(SatchelError):
        DurableFile(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"mine"


def test_a_small_file_is_replaced_as_one_step(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"older")
    write_private(tmp_path / "a", b"old")
    write_private(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_directories_are_private_with_their_parents(tmp_path: Path) -> None:
    make_directory(tmp_path / "a" / "b")
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "a", tmp_path / "a" / "b")] == [0o700] * 2


def test_a_link_is_a_second_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    assert link(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").samefile(tmp_path / "a")


@pytest.mark.parametrize(
    ("number", "is_said"), [(errno.EPERM, False), (errno.ENOTSUP, False), (errno.EIO, True)]
)
def test_a_file_system_without_links_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, is_said: bool
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refuse)
    if is_said:
        with pytest.raises(SatchelError, match="input/output"):
            link(tmp_path / "a", tmp_path / "b")
    else:
        assert not link(tmp_path / "a", tmp_path / "b")


def test_removing_a_missing_file_is_no_error(tmp_path: Path) -> None:
    remove(tmp_path / "nothing")


def test_renaming_a_missing_file_is_an_error_of_one_line(tmp_path: Path) -> None:
    with pytest.raises(SatchelError) as raised:
        replace(tmp_path / "nothing", tmp_path / "a")
    assert "\n" not in raised.value.message


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_named_in_the_error(tmp_path: Path, number: int) -> None:
    with pytest.raises(SatchelError, match="no space"), translate_os_errors(tmp_path):
        raise OSError(number, os.strerror(number))


def test_a_source_file_reads_exactly_what_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789")
    with SourceFile(tmp_path / "a") as source:
        assert source.size_bytes == 10
        assert source.read_at(2, 5) == b"23456"


def test_a_source_file_that_became_shorter_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789")
    with SourceFile(tmp_path / "a") as source:
        os.truncate(tmp_path / "a", 5)
        with pytest.raises(IntegrityError, match="shorter"):
            source.read_at(2, 5)


def test_an_error_while_a_file_is_replaced_leaves_the_old_one_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(TypeError), replacing(tmp_path / "a") as file:
        file.write("text")  # type: ignore[call-overload]  # fails
    assert (tmp_path / "a").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
