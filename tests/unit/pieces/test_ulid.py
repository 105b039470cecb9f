"""Ids are case-insensitive and ascending, each with a unique time part."""

import pytest

from satchel.pieces import ulid


def test_an_id_is_encoded_as_specified() -> None:
    # https://github.com/ulid/spec: 01ARZ3NDEKTSV4RRFFQ69G5FAV
    time = 1469922850259
    entropy = bytes.fromhex("d6764c61efb99302bd5b")
    assert ulid.encode(time, entropy) == "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def test_the_time_part_is_decoded() -> None:
    assert ulid.time_of("01ARZ3NDEKTSV4RRFFQ69G5FAV") == 1469922850259


def test_ids_sort_by_their_time_parts() -> None:
    times = [0, 1, 31, 32, 10**12, 10**12 + 1, ulid.MAX_TIME]
    ids = [ulid.encode(time, b"\xff" * 10) for time in times]
    assert ids == sorted(ids)
    assert [ulid.time_of(one) for one in ids] == times


def test_the_next_time_part_is_the_clock_if_it_has_advanced() -> None:
    assert ulid.next_time(newest=100, now_ms=5_000) == 5_000


@pytest.mark.parametrize("now_ms", [100, 99, -5], ids=["same", "back", "before-1970"])
def test_the_next_time_part_is_incremented_if_the_clock_has_not_advanced(now_ms: int) -> None:
    assert ulid.next_time(newest=100, now_ms=now_ms) == 101


def test_time_parts_beyond_the_last_one_overflow() -> None:
    with pytest.raises(OverflowError):
        ulid.next_time(newest=ulid.MAX_TIME, now_ms=0)


def test_a_prefix_covers_exactly_the_ids_that_start_with_it() -> None:
    first, last = ulid.time_range("01A")
    assert ulid.encode(first, b"\0" * 10).startswith("01A0000000")
    assert ulid.encode(last, b"\0" * 10).startswith("01AZZZZZZZ")


@pytest.mark.parametrize("text", ["U", "01ARZ3NDE!", "8ZZZZZZZZZ"], ids=["u", "sign", "too-late"])
def test_an_invalid_prefix_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        ulid.time_range(text)


@pytest.mark.parametrize("text", ["", "01ARZ3NDEK", "01ARZ3NDEKTSV4RRFFQ69G5FAVX"])
def test_text_of_another_length_is_not_an_id(text: str) -> None:
    with pytest.raises(ValueError):
        ulid.time_of(text)


def test_case_hyphens_spaces_and_lookalikes_are_normalized() -> None:
    assert ulid.canonical(" o1arz-3ndek-ilv ") == "01ARZ3NDEK11V"
