"""Padmé padding."""

import pytest

from satchel.archive.padme import choose_padding, padded_length


@pytest.mark.parametrize(
    ("length", "padded"),
    [(0, 0), (1, 1), (2, 2), (9, 10), (1000, 1024), (1025, 1088), (100_000, 100_352), (1_000_001, 1_015_808)],
)
def test_lengths_are_those_of_the_paper(length: int, padded: int) -> None:
    assert padded_length(length) == padded


def test_a_padme_length_is_unchanged() -> None:
    assert all(padded_length(padded_length(length)) == padded_length(length) for length in range(5000))


def test_padding_makes_the_sealed_length_a_padme_length() -> None:
    def sealed(padding: int) -> int:
        return 70_001 + padding

    assert padded_length(70_001) == sealed(choose_padding(sealed))


def test_an_unreachable_length_is_skipped() -> None:
    target = padded_length(70_001)

    def sealed(padding: int) -> int:
        length = 70_001 + padding
        return length + 17 if length >= target else length

    reached = sealed(choose_padding(sealed))
    assert reached == padded_length(reached) > target
