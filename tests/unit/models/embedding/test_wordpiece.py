"""WordPiece against the reference, whose answers for nasty Unicode are in wordpiece_vectors.json."""

import json
from pathlib import Path

import pytest
from tests.support.growth import require_linear

from satchel.models.embedding.weights import VOCABULARY, load
from satchel.models.embedding.wordpiece import WordPiece

VECTORS = json.loads(Path(__file__).with_name("wordpiece_vectors.json").read_text())["vectors"]
FIRST, LAST, UNKNOWN = 101, 102, 100

pytestmark = pytest.mark.usefixtures("weights")


@pytest.fixture(scope="module")
def tokenizer() -> WordPiece:
    return WordPiece(load(VOCABULARY).decode())


@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_tokens_are_those_of_the_reference(tokenizer: WordPiece, vector: dict[str, object]) -> None:
    assert tokenizer.ids(str(vector["text"]), 10_000) == vector["ids"]


def test_a_limit_keeps_the_first_tokens_and_both_marks(tokenizer: WordPiece) -> None:
    every = tokenizer.ids("alpha beta gamma delta", 100)
    assert tokenizer.ids("alpha beta gamma delta", 4) == [*every[:3], LAST]
    assert tokenizer.ids("", 4) == [FIRST, LAST]


def test_special_tokens_in_a_text_are_plain_text(tokenizer: WordPiece) -> None:
    assert tokenizer.ids("[SEP] [CLS]", 100).count(LAST) == 1


@pytest.mark.parametrize("unit", ["a", "é", "!", " ", "\u0301", "qzxj "])
def test_hostile_texts_are_read_in_bounded_time(tokenizer: WordPiece, unit: str) -> None:
    assert len(tokenizer.ids(unit * 10**6, 128)) <= 128
    vocabulary = load(VOCABULARY).decode()
    require_linear(lambda text: WordPiece(vocabulary).ids(text, 128), unit, 10**6)  # each without a cache
