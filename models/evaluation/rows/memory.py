"""The memory over months of made-up work: borders of episodes, times in questions, and recall."""

from functools import cache
from itertools import chain
from typing import Final

from models.evaluation.figures import Figure
from models.evaluation.memory import measuring, product
from models.evaluation.memory.months import Month, built, items, ranges
from models.evaluation.sets.loading import Sets

SPLIT: Final = "evaluation"


def border_rows(sets: Sets) -> list[Figure]:
    """F1 of the borders of episodes, and WindowDiff, beside a fixed gap."""
    months = _months(sets)
    return measuring.border_figures(months, product.formed, _what(months))


def time_rows(sets: Sets) -> list[Figure]:
    """The share of the time questions whose range is understood."""
    asked = sets.built("memory-times", ranges(SPLIT))
    scores = measuring.range_scores(asked, product.understood)
    return [measuring.range_figure(scores, "all through a year")]


def recall_rows(sets: Sets) -> list[Figure]:
    """recall@5, and what is shown for questions about a time, beside full-text search and grep."""
    months = _months(sets)
    own, peers = measuring.all_answers(months, product.filled)
    return measuring.recall_figures(list(chain.from_iterable(own)), peers, _what(months))


@cache
def _built() -> list[Month]:
    return built(SPLIT)


def _months(sets: Sets) -> list[Month]:
    months = _built()
    sets.built("memory", items(months))
    return months


def _what(months: list[Month]) -> str:
    return f"{sum(len(month.diary.events) for month in months):,} events"
