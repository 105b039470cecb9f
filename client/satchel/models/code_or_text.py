r"""Whether a text is code or prose: by satchel's own n-gram model, without any package.

    probability_of_code("for x in items:\n    print(x)")     # 0.99

Markdown, reStructuredText, mails, logs, lists and stack traces are prose. Language suggestions and titles rely on it.
"""

from functools import cache
from math import exp
from typing import Final

from satchel.models.language.ngrams import EXAMINED_CHARS
from satchel.models.language.weights import LinearModel, load

WEIGHTS_FILE: Final = "code-or-text.bin"
TEMPERATURE: Final = 1.0  # found on the development set, by the likelihood of the right answer


def is_code(text: str) -> bool:
    """Return whether a text is more probably code than prose. Empty text is prose."""
    return probability_of_code(text) > 0.5


def probability_of_code(text: str) -> float:
    """Return the probability that a text is code, from 0 to 1; 0 for empty text."""
    return 1 / (1 + exp(-code_logit(text))) if text.strip() else 0.0


def code_logit(text: str) -> float:
    """Return the log-odds that a text is code rather than prose."""
    code, prose = _model().logits(text[:EXAMINED_CHARS])
    return max(-50.0, min(50.0, (code - prose) / TEMPERATURE))


@cache
def _model() -> LinearModel:
    return load(WEIGHTS_FILE)
