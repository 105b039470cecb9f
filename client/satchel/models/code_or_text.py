r"""Whether a text is code or prose: by satchel's own n-gram model, without any package.

    probability_of_code("for x in items:\n    print(x)")     # 0.99

Markdown, reStructuredText, mails, logs, lists and stack traces are prose. Titles rely on it; the language model adds
what magika thinks, if it is installed.
"""

from functools import cache
from math import exp, log
from typing import Final

from satchel.models.ngrams.grams import EXAMINED_CHARS
from satchel.models.ngrams.weights import LinearModel, load

WEIGHTS_FILE: Final = "code-or-text.bin"
# Found on the development set: the accuracy on as many texts as snippets of code.
BIAS: Final = 0.5  # made-up prose is plainer than real prose, so the bare model sees code too often
MAGIKA_BIAS: Final = 1.25  # together with magika, which sees code even more often
MAGIKA_WEIGHT: Final = 0.3
_LEAST: Final = 1e-4


def is_code(text: str) -> bool:
    """Return whether a text is more probably code than prose. Empty text is prose."""
    return probability_of_code(text) > 0.5


def probability_of_code(text: str, prose_by_magika: float | None = None) -> float:
    """Return the probability that a text is code, from 0 to 1; 0 for empty text.

    `prose_by_magika` is the probability of prose by magika, if it was asked.
    """
    if not text.strip():
        return 0.0
    code, prose = _model().logits(text[:EXAMINED_CHARS])
    if prose_by_magika is None:
        logit = code - prose - BIAS
    else:
        likely = min(max(prose_by_magika, _LEAST), 1 - _LEAST)
        logit = code - prose + MAGIKA_WEIGHT * log((1 - likely) / likely) - MAGIKA_BIAS
    return 1 / (1 + exp(-max(-50.0, min(50.0, logit))))


@cache
def _model() -> LinearModel:
    return load(WEIGHTS_FILE)
