"""WordPiece against the reference, whose answers for nasty Unicode are in wordpiece_vectors.json."""

import json
import time
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    "text", ["a" * 10**6, "é" * 10**6, "!" * 10**6, " " * 10**6, "\u0301" * 10**6, "qzxj " * 10**5]
)
def test_hostile_texts_are_read_in_bounded_time(tokenizer: WordPiece, text: str) -> None:
    started = time.process_time()
    assert len(tokenizer.ids(text, 128)) <= 128
    assert time.process_time() - started < 5
