"""An answer may cite only the excerpts that were sent, whatever the pieces in which it arrives."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satchel.asking import Citations


def checked(answer: str, count: int, size: int) -> tuple[str, list[int], set[int]]:
    citations = Citations(count)
    shown = "".join(citations.feed(answer[at : at + size]) for at in range(0, len(answer), size))
    return shown + citations.end(), citations.cited, citations.unknown


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000])
@pytest.mark.parametrize(
    ("answer", "shown", "cited", "unknown"),
    [
        ("So it is [2].", "So it is [2].", [2], set()),
        ("So it is [4].", "So it is [?].", [], {4}),
        ("Both [1][3], all [1-3].", "Both [1][3], all [1-3].", [1, 3, 2], set()),
        ("Some [2, 9].", "Some [2][?].", [2], {9}),
        ("[0] [1", "[?] [1", [], {0}),
        (
            "`a[9]` and `[9` and argv[9] and grid[8][9]",
            "`a[9]` and `[9` and argv[9] and grid[8][9]",
            [],
            set(),
        ),
        ("```\n[9]\n```\n[9]", "```\n[9]\n```\n[?]", [], {9}),
        ("~~~py\nx = [9]\n```\n[8]", "~~~py\nx = [9]\n```\n[8]", [], set()),
        ("a [9](https://example.com) link", "a [9](https://example.com) link", [], set()),
        ("line\n[1]\n\n[5]\n", "line\n[1]\n\n[?]\n", [1], {5}),
        ("[1234567] is no number of an excerpt", "[1234567] is no number of an excerpt", [], set()),
    ],
)
def test_numbers_of_excerpts_stay_and_others_are_marked(
    answer: str, shown: str, cited: list[int], unknown: set[int], size: int
) -> None:
    assert checked(answer, 3, size) == (shown, cited, unknown)


parts = st.sampled_from(["[1]", "[7]", "[", "]", "1", ", ", "`", "```", "\n", "a", " ", "(", "-", "[2, 9]"])


@settings(max_examples=150, deadline=None)
@given(st.lists(parts, max_size=25).map("".join), st.integers(1, 9))
def test_pieces_change_nothing(answer: str, size: int) -> None:
    assert checked(answer, 3, size) == checked(answer, 3, 10_000)


def test_an_endless_line_is_shown_in_bounded_time() -> None:
    citations = Citations(3)
    begun = time.process_time()
    shown = "".join(citations.feed("word [1] ") for _ in range(5_000)) + citations.end()
    assert shown == "word [1] " * 5_000
    assert time.process_time() - begun < 20
