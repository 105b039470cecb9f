"""The model that suggests languages: certain rules first, then n-grams and magika by summed log-probabilities."""

from collections.abc import Mapping, Sequence
from math import exp, log
from typing import Final

from satchel.models.code_or_text import PROSE, probability_of_code
from satchel.models.interface import Model, Subject, Suggestion
from satchel.models.language.magika_labels import Magika, open_magika
from satchel.models.language.rules import certain, only_addresses
from satchel.models.ngrams.grams import EXAMINED_CHARS
from satchel.models.ngrams.weights import LinearModel, load

WEIGHTS_FILE: Final = "language.bin"
SUGGESTED: Final = 3
CERTAIN: Final = 0.97
TEXT: Final = "text"
_LEAST: Final = 1e-6
LEAST_CONFIDENCE: Final = 0.002  # a third guess is right more often than its probability says
_LEAST_CHARS: Final = 3
# Found on the development set, by the likelihood of the right language.
MAGIKA_WEIGHT: Final = 0.4
OWN_FLOOR: Final = (
    0.005  # the least probability that one of the two can give a language: the other may know better
)
MAGIKA_FLOOR: Final = 0.02
UNKNOWN_TO_MAGIKA: Final = 0.05  # stands for magika's opinion of a language that it was not trained for
RARITY: Final = 0.3  # is taken from the logarithm for a language that few people keep snippets of
RARE: Final = frozenset(
    """
    asm bat common-lisp d emacs-lisp fortran graphql matlab nginx nix pascal prolog properties rst scheme solidity tcl
    vb.net verilog vim zig
    """.split()  # noqa: SIM905 - a list of words
)
CODE_ODDS: Final = 4.5  # of code to prose among contents whose language is asked
PROSE_FROM: Final = 0.7  # the probability of plain text with which no language is suggested
TEMPERATURE: Final = 0.6  # of the sum
LIGHT_TEMPERATURE: Final = 0.5


class Languages:
    """Suggests up to three languages, none for prose."""

    def __init__(self, own: LinearModel, magika: Magika | None) -> None:
        self._own = own
        self._magika = magika

    def suggest(self, subject: Subject) -> Sequence[Suggestion]:
        """Return the most probable languages; one if the text itself states it."""
        text = subject.text[:EXAMINED_CHARS]
        if len(text.strip()) < _LEAST_CHARS or only_addresses(text):
            return ()
        told = certain(subject.text)
        if told is not None:
            return (Suggestion("language", told.language, CERTAIN, told.reason),)
        found = self.probabilities(text)
        ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        if found[TEXT] > PROSE_FROM:
            return ()
        best = [(name, value) for name, value in ranked if name != TEXT and value >= LEAST_CONFIDENCE][
            :SUGGESTED
        ]
        return [
            Suggestion("language", name, round(value, 4), self._reason(text, name)) for name, value in best
        ]

    def probabilities(self, text: str) -> Mapping[str, float]:
        """Return the probability of each language, and of `text`. The sum is 1."""
        own = self._own.scores(text)
        magika = self._magika.scores(text.encode("utf-8", "replace")) if self._magika else {}
        if not magika or self._magika is None:
            return weighed(_normalized(own, LIGHT_TEMPERATURE), favoured(probability_of_code(text)))
        found = _normalized(combined(own, magika, self._magika.known), TEMPERATURE)
        prose_by_magika = sum(magika.get(name, 0.0) for name in PROSE)
        return weighed(found, favoured(probability_of_code(text, prose_by_magika)))

    def _reason(self, text: str, language: str) -> str:
        if language not in self._own.classes:
            return "magika's network"
        words = self._own.telling(text, language)
        return f"like {', '.join(words)}" if words else "its signs and layout"


def combined(
    own: Mapping[str, float], magika: Mapping[str, float], known: frozenset[str]
) -> dict[str, float]:
    """Return the weighted sums of log-probabilities, of every language that one of the two knows."""
    return {
        name: max(own.get(name, log(OWN_FLOOR)), log(OWN_FLOOR))
        + MAGIKA_WEIGHT * log(_opinion(magika, name, known))
        - RARITY * (name in RARE)
        for name in own.keys() | magika.keys()
    }


def _opinion(magika: Mapping[str, float], name: str, known: frozenset[str]) -> float:
    return max(magika.get(name, 0.0), MAGIKA_FLOOR) if name in known else UNKNOWN_TO_MAGIKA


def favoured(code: float) -> float:
    """Return the probability of code where code is the more usual: an unsure suggestion costs less than none."""
    likely = code * CODE_ODDS
    return likely / (likely + 1 - code)


def weighed(probabilities: Mapping[str, float], code: float) -> dict[str, float]:
    """Return the probabilities with those of all kinds of prose raised or lowered to `1 - code` together."""
    prose = min(max(sum(probabilities.get(name, 0.0) for name in PROSE), _LEAST), 1 - _LEAST)
    factors = {True: (1 - code) / prose, False: code / (1 - prose)}
    found = {name: value * factors[name in PROSE] for name, value in probabilities.items()}
    total = sum(found.values())
    return {name: value / total for name, value in found.items()}


def _normalized(scores: Mapping[str, float], temperature: float) -> dict[str, float]:
    most = max(scores.values())
    powers = {name: exp((value - most) / temperature) for name, value in scores.items()}
    total = sum(powers.values())
    return {name: value / total for name, value in powers.items()}


def open_model() -> Model:
    """Return the model: with magika if it is installed."""
    return Languages(load(WEIGHTS_FILE), open_magika())
