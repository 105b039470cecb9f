r"""Whether a text is code or prose: by satchel's own n-gram model, without any package.

    probability_of_code("for x in items:\n    print(x)")     # 0.99

Markdown, reStructuredText, mails, logs, lists and stack traces are prose. Titles rely on it; the language model adds
what magika thinks, if it is installed.
"""

from math import exp, log
from typing import Final

from satchel.models.ngrams import EXAMINED_CHARS, load

WEIGHTS_FILE: Final = "code-or-text.bin"
LANGUAGES_FILE: Final = "language.bin"
PROSE: Final = frozenset(("text", "markdown", "rst", "tex"))
"""The languages that are written for people to read."""
# Found on the development set: the accuracy on as many texts as snippets of code.
BIAS: Final = 0.75  # made-up prose is plainer than real prose, so the bare models see code too often
MAGIKA_BIAS: Final = 1.75  # together with magika, which sees code even more often
LANGUAGES_WEIGHT: Final = 0.3
MAGIKA_WEIGHT: Final = 0.3
_LANGUAGES_TEMPERATURE: Final = 0.5
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
    examined = text[:EXAMINED_CHARS]
    code, prose = load(WEIGHTS_FILE).logits(examined)
    languages = load(LANGUAGES_FILE).scores(examined, _LANGUAGES_TEMPERATURE)
    logit = code - prose + LANGUAGES_WEIGHT * _odds(sum(exp(languages[name]) for name in PROSE))
    if prose_by_magika is None:
        logit -= BIAS
    else:
        logit += MAGIKA_WEIGHT * _odds(prose_by_magika) - MAGIKA_BIAS
    return 1 / (1 + exp(-max(-50.0, min(50.0, logit))))


def _odds(prose: float) -> float:
    likely = min(max(prose, _LEAST), 1 - _LEAST)
    return log((1 - likely) / likely)
