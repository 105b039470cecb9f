"""Three-way merges of texts and lists."""

from hypothesis import given
from hypothesis import strategies as st

from satchel.agents.rewinding.three_way import MOST_LINES, merge_lists, merge_texts

TEXTS = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n", "e"]), max_size=8).map("".join)
BASE = "one\ntwo\nthree\nfour\nfive\n"


def test_changes_of_different_lines_are_joined() -> None:
    edited = BASE.replace("one", "ONE")
    other = BASE.replace("five\n", "")
    assert merge_texts(BASE, edited, other) == "ONE\ntwo\nthree\nfour\n"


def test_changes_of_the_same_or_adjacent_lines_are_a_conflict() -> None:
    assert merge_texts(BASE, BASE.replace("two", "2"), BASE.replace("two", "zwei")) is None
    assert merge_texts(BASE, BASE.replace("two", "2"), BASE.replace("three", "3")) is None
    assert merge_texts(BASE, "zero\n" + BASE, "null\n" + BASE) is None


def test_the_same_change_is_no_conflict() -> None:
    same = BASE.replace("two", "2")
    assert merge_texts(BASE, same, same) == same


def test_very_long_texts_are_not_merged() -> None:
    base = "x\n" * (MOST_LINES + 2)
    assert merge_texts(base, f"y\n{base}", f"{base}z\n") is None


@given(TEXTS, TEXTS, TEXTS)
def test_rules_of_merging(base: str, edited: str, other: str) -> None:
    assert merge_texts(base, base, other) == other
    assert merge_texts(base, edited, base) == edited
    assert merge_texts(base, edited, other) == merge_texts(base, other, edited)


def test_lists_lose_what_was_removed_and_gain_what_was_added() -> None:
    assert merge_lists(["a", "b"], ["b", "c"], ["a", "b", "x"]) == ("b", "x", "c")
    assert merge_lists(["a", "evil"], ["a", "evil", "mine"], ["a"]) == ("a", "mine")
