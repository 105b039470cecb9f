"""The reserve of disk space."""

import os
from functools import partial
from pathlib import Path

import pytest

from satchel_service.reserve import STEP_BYTES, Reserve, open_reserve


class FullError(Exception):
    """The disk is full."""


SIZE = 4 * STEP_BYTES


def allocated(path: Path) -> int:
    return path.stat().st_blocks * 512


def test_a_filled_reserve_has_its_blocks(tmp_path: Path) -> None:
    reserve = Reserve(partial(open_reserve, tmp_path / "reserve"), SIZE)
    reserve.fill()
    assert allocated(tmp_path / "reserve") >= SIZE
    assert (tmp_path / "reserve").stat().st_mode & 0o077 == 0


def test_a_write_that_finds_no_room_gives_up_as_much_as_it_needs(tmp_path: Path) -> None:
    reserve = Reserve(partial(open_reserve, tmp_path / "reserve"), SIZE)
    reserve.fill()
    failures = [FullError(), FullError()]

    def write() -> str:
        if failures:
            raise failures.pop()
        return "written"

    assert reserve.write(write, full=FullError) == "written"
    assert (tmp_path / "reserve").stat().st_size == SIZE - 2 * STEP_BYTES
    reserve.fill()
    assert allocated(tmp_path / "reserve") >= SIZE


def test_a_write_fails_when_nothing_is_left(tmp_path: Path) -> None:
    reserve = Reserve(partial(open_reserve, tmp_path / "reserve"), SIZE)
    reserve.fill()
    tries: list[int] = []

    def write() -> None:
        tries.append(1)
        raise FullError

    with pytest.raises(FullError):
        reserve.write(write, full=FullError)
    assert len(tries) == 1 + SIZE // STEP_BYTES


def test_other_errors_give_up_nothing(tmp_path: Path) -> None:
    reserve = Reserve(partial(open_reserve, tmp_path / "reserve"), SIZE)
    reserve.fill()
    missing: dict[str, int] = {}
    with pytest.raises(KeyError):
        reserve.write(lambda: missing["x"], full=FullError)
    assert (tmp_path / "reserve").stat().st_size == SIZE


def test_a_reserve_that_cannot_be_filled_keeps_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", no_room)
    reserve = Reserve(partial(open_reserve, tmp_path / "reserve"), SIZE)
    reserve.fill()
    assert (tmp_path / "reserve").stat().st_size == 0
    with pytest.raises(FullError):
        reserve.write(lambda: (_ for _ in ()).throw(FullError()), full=FullError)


def test_a_symbolic_link_in_place_of_the_reserve_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"precious")
    (tmp_path / "reserve").symlink_to(target)
    reserve = Reserve(partial(open_reserve, tmp_path / "reserve"), SIZE)
    reserve.fill()
    with pytest.raises(FullError):
        reserve.write(lambda: (_ for _ in ()).throw(FullError()), full=FullError)
    assert target.read_bytes() == b"precious"
