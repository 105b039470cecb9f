"""Training: deterministic, and the released weights are what is in the repository."""

from hashlib import sha256
from random import Random

import pytest

from models.oracles.grammar import Place, grammar, languages
from models.oracles.snippets import classes, code_or_text, snippet_of
from models.training import samples
from models.training.__main__ import MODELS, language
from models.training.linear import Settings
from satchel.models.ngrams.weights import LinearModel, released_sum
from satchel.models.registry import WEIGHTS

LARGEST_BYTES = 3 * 1024 * 1024


@pytest.mark.parametrize("name", ["language.bin", "code-or-text.bin"])
def test_released_weights_are_small_and_have_their_sum(name: str) -> None:
    data = (WEIGHTS / name).read_bytes()
    assert sha256(data).hexdigest() == released_sum(name)
    assert len(data) <= LARGEST_BYTES


@pytest.mark.parametrize("name", sorted(samples.SAMPLES))
def test_weights_are_trained_on_what_the_oracles_make_today(name: str) -> None:
    assert samples.SAMPLES[name]() == samples.kept()[name], "run: make models"


def test_a_training_run_gives_the_same_bytes_and_learns() -> None:
    settings = Settings(grams=2_000, epochs=8)
    first, second = (language(4, settings) for _ in range(2))
    assert first == second
    model = LinearModel(first)
    assert model.classes == classes()
    examples = [(name, snippet_of(name, Random(f"other {name}"))) for name in classes()]
    scores = [(name, model.scores(text)) for name, text in examples]
    right = sum(max(found, key=lambda one: found[one]) == name for name, found in scores)
    assert right > len(classes()) / 4  # by chance it would be one


@pytest.mark.parametrize("name", languages())
def test_a_grammar_has_every_rule_that_it_asks_for(name: str) -> None:
    for number in range(20):
        assert snippet_of(name, Random(f"{name} {number}")).strip()
    rules = grammar(name).rules
    for alternatives in rules.values():
        for alternative in alternatives:
            for part in alternative:
                if isinstance(part, Place) and ":" in part.rule:
                    other, _, rule = part.rule.partition(":")
                    assert rule in grammar(other).rules


def test_every_model_of_a_training_run_has_a_sample() -> None:
    assert samples.SAMPLES.keys() == MODELS.keys() == samples.kept().keys()


def test_oracles_repeat_themselves_for_the_same_seed() -> None:
    for name in classes():
        assert snippet_of(name, Random(3)) == snippet_of(name, Random(3))
    assert code_or_text("text", Random(4)) != code_or_text("text", Random(5))
