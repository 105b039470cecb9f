"""When an answer about the memory counts as right."""

import pytest

from models.evaluation.memory.judging import (
    changes,
    gaps,
    is_meant,
    is_right,
    matched,
    onsets,
    overlap,
    recall,
    window_diff,
)
from models.evaluation.metrics import Counts, f1


def test_episode_with_most_of_the_right_events_is_right() -> None:
    true = range(10, 30)
    assert is_right(range(12, 28), true)
    assert is_right(range(5, 40), true)


def test_whole_day_is_not_the_right_episode() -> None:
    assert not is_right(range(100), range(10, 30))


def test_single_event_of_a_long_episode_is_not_the_episode() -> None:
    assert not is_right([12], range(10, 30))


def test_change_that_was_asked_about_is_enough() -> None:
    assert is_right([12], range(10, 30), evidence=[12])
    assert not is_right(range(100), range(10, 30), evidence=[12])


def test_command_must_be_in_the_episode() -> None:
    assert is_right([10, 11], range(10, 30), evidence=[11], needs_evidence=True)
    assert not is_right([12, 13, 14, 15, 16, 17], range(10, 18), evidence=[11], needs_evidence=True)


def test_recall_is_the_part_of_the_right_episodes_among_the_first() -> None:
    right = [range(5), range(10, 15)]
    assert recall([range(5), range(10, 15)], right, 5) == 1
    assert recall([range(5)], right, 5) == 0.5
    assert recall([[20]] * 5 + [list(range(5))], right, 5) == 0


def test_evidence_of_one_episode_does_not_make_another_right() -> None:
    assert recall([[12]], [range(10, 30), range(30, 50)], 5, [12, 40]) == 0.5


def test_more_right_episodes_than_places_can_all_be_found() -> None:
    right = [range(ten, ten + 5) for ten in range(0, 80, 10)]
    assert recall(right, right, 5) == 1


def test_onsets_are_the_first_events_of_episodes_that_take_turns() -> None:
    assert onsets([0, 0, 1, 0, 1, 2, 2]) == [2, 5]


def test_border_within_one_event_is_found_once() -> None:
    assert matched([9, 11], [10]) == Counts(1, 1, 0)
    assert matched([12], [10]) == Counts(0, 1, 1)


def test_border_that_is_a_matter_of_taste_counts_neither_way() -> None:
    assert matched([20], [10], {20}) == Counts(0, 0, 1)
    assert matched([], [], {20}) == Counts(0, 0, 0)


def test_no_border_and_a_border_everywhere_are_both_poor() -> None:
    true = list(range(10, 1000, 10))
    assert f1([matched([], true)]) == 0
    assert f1([matched(range(1, 1000), true)]) < 0.2


def test_window_diff_is_zero_for_the_same_borders_only() -> None:
    true = changes([0] * 10 + [1] * 10 + [2] * 10)
    assert sum(window_diff(true, true)) == 0
    assert sum(window_diff([0] * len(true), true)) > 0


def test_gap_longer_than_the_limit_begins_an_episode() -> None:
    assert gaps([0, 10, 30, 31], 15) == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("found", "is_right_range"),
    [(None, False), ((0, 100), True), ((0, 160), True), ((0, 200), False), ((100, 200), False)],
)
def test_range_is_meant_if_it_overlaps_enough(found: tuple[int, int] | None, is_right_range: bool) -> None:
    assert is_meant(found, [(0, 100)]) is is_right_range


def test_overlap_is_intersection_over_union() -> None:
    assert overlap((0, 10), (5, 15)) == pytest.approx(1 / 3)
