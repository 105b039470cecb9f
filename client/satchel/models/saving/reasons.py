"""Why a text is worth keeping, or is not, in words: by the features that count most for and against it."""

from typing import Final

from satchel.models.parsing import Outline
from satchel.models.saving.features import FEATURES
from satchel.models.saving.worth import features, released_weights

_FOR: Final = {
    "balanced": "complete",
    "ends_clean": "ends at a statement",
    "starts_at_margin": "starts at the margin",
    "starts_clean": "starts at a statement",
    "imports_first": "with its imports",
    "imports_used": "uses what it imports",
    "parses": "valid code",
    "calls_at_margin": "calls a library",
    "commands": "commands",
    "prompts": "a session",
    "results": "shows results",
    "ellipsis": "leaves out the rest",
    "placeholders": "an example",
    "data": "configuration or data",
}
_AGAINST: Final = {
    "closes_more": "closes what it does not open",
    "opens_more": "does not close what it opens",
    "starts_deep": "starts inside a block",
    "dedents": "leaves its block",
    "ends_deep": "ends inside a block",
    "size": "long",
    "inside_comment": "starts inside a comment",
    "open_comment": "ends inside a comment",
    "comments": "many comments",
    "documentation": "documentation of a library",
    "declarations": "many declarations",
    "tests": "tests",
    "licence": "a licence",
    "own_modules": "needs other files",
    "exports": "part of a library",
}
_MOST: Final = 2


def reasons_for(text: str, language: str, outline: Outline | None = None) -> list[str]:
    """Return up to two reasons for keeping a text and, if they weigh more, up to two against it."""
    weights, _ = released_weights()
    values = features(text, language, outline)
    parts = {name: weight * value for name, weight, value in zip(FEATURES, weights, values, strict=True)}
    by_weight = sorted(parts, key=lambda name: -abs(parts[name]))
    good = [_FOR[name] for name in by_weight if parts[name] > 0 and name in _FOR][:_MOST]
    bad = [_AGAINST[name] for name in by_weight if parts[name] < 0 and name in _AGAINST][:_MOST]
    is_good = sum(parts.values()) > 0
    return good if is_good else bad or good
