"""How far a word is from another, for typing errors in commands and in queries.

The distance counts insertions, deletions and replacements of a character, and swaps of two neighbours (optimal
string alignment).
"""

from collections.abc import Iterable
from typing import Final

FEW_LETTERS: Final = 3
SOME_LETTERS: Final = 7


def errors_allowed(word: str) -> int:
    """Return how many typing errors are likely in a word: none in a very short one, two in a long one."""
    if len(word) <= FEW_LETTERS:
        return 0
    return 1 if len(word) <= SOME_LETTERS else 2


def distance(one: str, other: str, limit: int) -> int:
    """Return the distance of two words, or `limit` + 1 if it is greater than `limit`."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for row, char in enumerate(one, 1):
        current = [row]
        for column, other_char in enumerate(other, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (char != other_char))
            if row > 1 and column > 1 and char == other[column - 2] and one[row - 2] == other_char:
                cost = min(cost, before_last[column - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before_last, last = last, current
    return min(last[-1], limit + 1)


def closest(word: str, words: Iterable[str]) -> str | None:
    """Return the word that was probably meant, or None: the nearest within the errors allowed, else one it begins."""
    allowed = errors_allowed(word) or (len(word) > 1)
    near = [(distance(word, each, allowed), each) for each in words]
    found = min((pair for pair in near if pair[0] <= allowed), default=None)
    if found is not None:
        return found[1]
    longer = [each for _, each in near if len(word) >= FEW_LETTERS and each.startswith(word)]
    return longer[0] if len(longer) == 1 else None
