"""The measures, on cases worked out by hand."""

import math

import pytest

from models.evaluation import metrics
from models.evaluation.metrics import Counts


def test_interval_holds_the_mean_and_is_the_same_again() -> None:
    scores = [1.0] * 80 + [0.0] * 20
    value = metrics.mean(scores)
    assert (value.value, value.n) == (0.8, 100)
    assert 0.70 <= value.low < 0.8 < value.high <= 0.90
    assert metrics.mean(scores) == value


def test_interval_narrows_with_more_items() -> None:
    few, many = metrics.mean([0.0, 1.0] * 20), metrics.mean([0.0, 1.0] * 2000)
    assert many.high - many.low < (few.high - few.low) / 5


def test_no_items_have_no_mean() -> None:
    with pytest.raises(ValueError, match="no items"):
        metrics.mean([])


@pytest.mark.parametrize(("right", "score"), [("a", 1.0), ("c", 1 / 3), ("k", 0.0), ("z", 0.0)])
def test_reciprocal_rank(right: str, score: float) -> None:
    assert metrics.reciprocal_rank(list("abcdefghijk"), right) == pytest.approx(score)


def test_hit_looks_at_the_first_ones_alone() -> None:
    assert metrics.hit(["a", "b", "c"], {"c"}, 3) == 1
    assert metrics.hit(["a", "b", "c"], {"c"}, 2) == 0


def test_recall_counts_what_the_limit_can_hold() -> None:
    assert metrics.recall(["a", "b", "x"], {"a", "b", "c", "d"}, 5) == 0.5
    assert metrics.recall(list("abcde"), set("abcdefgh"), 5) == 1.0
    assert metrics.recall(["a", "a"], {"a", "b"}, 5) == 0.5


def test_precision_is_of_what_was_suggested() -> None:
    assert metrics.precision(["a", "b"], {"a"}.__contains__, 3) == 0.5
    with pytest.raises(ValueError, match="no suggestion"):
        metrics.precision([], {"a"}.__contains__, 3)


def test_f1_is_micro_averaged() -> None:
    counts = [Counts.compare({"a", "b"}, {"a"}), Counts.compare(set(), {"c"})]
    assert metrics.total_precision(counts) == 0.5
    assert metrics.total_recall(counts) == 0.5
    assert metrics.f1(counts) == 0.5


def test_nothing_to_find_and_nothing_found_is_perfect() -> None:
    assert metrics.f1([Counts.compare((), ())]) == metrics.f1([]) == 1.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("parseHTTPHeader", ["parse", "http", "header"]),
        ("read_line2", ["read", "line", "2"]),
        ("Returns the URL's host.", ["returns", "the", "url", "s", "host"]),
    ],
)
def test_words_of_names_and_text(text: str, words: list[str]) -> None:
    assert metrics.words(text) == words


def test_rouge_l_is_the_f1_of_the_longest_common_subsequence() -> None:
    assert metrics.rouge_l("parse a header", "Parse a header") == 1.0
    assert metrics.rouge_l("parse header line", "Return the parsed header of one line") == pytest.approx(
        2 * 2 / 10
    )
    assert metrics.rouge_l("", "anything") == metrics.rouge_l("x", "y") == 0.0


def test_order_counts_in_rouge_l() -> None:
    assert metrics.rouge_l("one two three", "three two one") == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("scored", "area"),
    [
        ([(0.9, True), (0.1, False)], 1.0),
        ([(0.1, True), (0.9, False)], 0.0),
        ([(0.5, True), (0.5, False)], 0.5),
        ([(0.9, True), (0.5, False), (0.4, True), (0.1, False)], 0.75),
        ([(0.9, True)], 0.5),
    ],
)
def test_auc(scored: list[tuple[float, bool]], area: float) -> None:
    assert metrics.auc(scored) == pytest.approx(area)


def test_auc_is_the_part_of_the_pairs_that_are_in_order() -> None:
    scored = [((7 * place) % 11 / 11, place % 3 == 0) for place in range(40)]
    true = [score for score, is_true in scored if is_true]
    false = [score for score, is_true in scored if not is_true]
    pairs = [1.0 if one > other else 0.5 if one == other else 0.0 for one in true for other in false]
    assert metrics.auc(scored) == pytest.approx(math.fsum(pairs) / len(pairs))


@pytest.mark.parametrize(
    ("ours", "theirs", "count"), [("kitten", "sitting", 3), ("", "abc", 3), ("same", "same", 0)]
)
def test_edits(ours: str, theirs: str, count: int) -> None:
    assert metrics.edits(ours, theirs) == metrics.edits(theirs, ours) == count


@pytest.mark.parametrize(
    ("ours", "theirs", "part"),
    [((1, 10), (1, 10), 1.0), ((1, 10), (6, 15), 1 / 3), ((1, 5), (6, 9), 0.0), ((2, 3), (1, 4), 0.5)],
)
def test_overlap_of_lines(ours: tuple[int, int], theirs: tuple[int, int], part: float) -> None:
    assert metrics.overlap(ours, theirs) == pytest.approx(part)
