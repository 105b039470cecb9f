"""Linear models over n-grams of tokens, which need no package: the languages' own model, and code versus text.

    model = load("language.bin")
    model.scores("fn main() {}")      # class: log-probability

`models/training` makes the weights.
"""

from satchel.models.ngrams.grams import EXAMINED_CHARS, Grams
from satchel.models.ngrams.weights import LinearModel, load

__all__ = ["EXAMINED_CHARS", "Grams", "LinearModel", "load"]
