"""Ids: readable in either case, ascending, each with a time part of its own."""

import pytest

from satchel.pieces import ulid


def test_an_id_is_written_as_the_specification_says() -> None:
    # https://github.com/ulid/spec: 01ARZ3NDEKTSV4RRFFQ69G5FAV
    time = 1469922850259
    entropy = bytes.fromhex("d6764c61efb99302bd5b")
    assert ulid.encode(time, entropy) == "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def test_the_time_part_comes_back() -> None:
    assert ulid.time_of("01ARZ3NDEKTSV4RRFFQ69G5FAV") == 1469922850259


def test_ids_sort_by_their_time_parts() -> None:
    times = [0, 1, 31, 32, 10**12, 10**12 + 1, ulid.MAX_TIME]
    ids = [ulid.encode(time, b"\xff" * 10) for time in times]
    assert ids == sorted(ids)
    assert [ulid.time_of(one) for one in ids] == times


def test_the_next_time_part_is_the_clocks_when_that_has_moved_on() -> None:
    assert ulid.next_time(newest=100, now_ms=5_000) == 5_000


@pytest.mark.parametrize("now_ms", [100, 99, -5], ids=["same", "back", "before-1970"])
def test_the_next_time_part_is_one_more_when_the_clock_has_not(now_ms: int) -> None:
    assert ulid.next_time(newest=100, now_ms=now_ms) == 101


def test_no_id_is_made_beyond_the_last_one() -> None:
    with pytest.raises(OverflowError):
        ulid.next_time(newest=ulid.MAX_TIME, now_ms=0)


def test_a_prefix_covers_exactly_the_ids_that_start_with_it() -> None:
    first, last = ulid.time_range("01A")
    assert ulid.encode(first, b"\0" * 10).startswith("01A0000000")
    assert ulid.encode(last, b"\0" * 10).startswith("01AZZZZZZZ")


@pytest.mark.parametrize("text", ["U", "01ARZ3NDE!", "8ZZZZZZZZZ"], ids=["u", "sign", "too-late"])
def test_what_no_id_starts_with_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        ulid.time_range(text)


@pytest.mark.parametrize("text", ["", "01ARZ3NDEK", "01ARZ3NDEKTSV4RRFFQ69G5FAVX"])
def test_a_part_of_an_id_is_no_id(text: str) -> None:
    with pytest.raises(ValueError):
        ulid.time_of(text)


def test_ids_are_read_as_people_write_them() -> None:
    assert ulid.canonical(" o1arz-3ndek-ilv ") == "01ARZ3NDEK11V"
