"""What blended models make of an answer, and how much of a text they send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.pieces.fields import MAX_MODEL_CHARS
from satchel.processing.asking import cut, excerpt_of, label_of
from satchel.processing.blendable import (
    BUDGET_TOKENS,
    MAX_LINE_CHARS,
    MAX_TAGS,
    MAX_TEXT_CHARS,
    read_line,
    read_tags,
    read_text,
)
from satchel.prompts import Filter, count_tokens

SECRET = "ghp_" + "k9Q2xV7bN4mL1pR8sT3wY6zA5cD0eF7gHjK2"


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ("Parse a header", "Parse a header"), ('\n\n"Parse a header"\nmore', "Parse a header"), ("**Title:** x", "Title:** x"),
        ("Title: Parse", "Parse"), ("\u201cParse\u201d", "Parse"), ("# Parse", "Parse"),
    ],
)  # fmt: skip
def test_a_title_is_the_first_line(answer: str, line: str) -> None:
    assert read_line(answer) == [line]


@pytest.mark.parametrize("answer", ["", " \n", '""', "x" * (MAX_LINE_CHARS + 1)])
def test_an_answer_without_a_title_has_none(answer: str) -> None:
    assert read_line(answer) == []


def test_a_description_is_one_paragraph() -> None:
    assert read_text("Description: Parses\n  a header. ") == ["Parses a header."]
    assert read_text("x" * (MAX_TEXT_CHARS + 1)) == read_text(" ") == []


@pytest.mark.parametrize(
    ("answer", "tags"),
    [
        ("http, parsing", ["http", "parsing"]), ("Tags: HTTP\nparsing", ["http", "parsing"]), ("#go, c++, .net, C#", ["go", "c++", ".net", "c"]),
        ("machine learning", ["machine-learning"]), ("a, a, a", ["a"]), ("Sure! Here are the tags: x", []), ("", []),
        ("a,b,c,d,e,f,g", list("abcde")),
    ],
)  # fmt: skip
def test_tags_are_words(answer: str, tags: list[str]) -> None:
    assert read_tags(answer) == tags
    assert len(tags) <= MAX_TAGS


@given(st.text(max_size=300), st.integers(1, 40))
def test_a_text_is_cut_to_the_budget(text: str, most: int) -> None:
    found = cut(text, most)
    assert text.startswith(found)
    assert count_tokens(found) <= most or found == text
    assert not found or found == text or count_tokens(found) > 0


def test_no_half_of_a_secret_leaves() -> None:
    """Wherever the budget ends, the secret is whole behind a placeholder, or not there."""
    for before in range(5_500, 6_100, 7):
        text = f"{'word ' * (before // 5)}token = '{SECRET}' and more text that follows " * 2
        sent = excerpt_of(text, Filter()).text
        assert count_tokens(sent) <= BUDGET_TOKENS
        assert not any(SECRET[at : at + 8] in sent for at in range(0, len(SECRET) - 8, 4))
        assert sent.count("<") == sent.count(">")


@pytest.mark.parametrize(
    ("model", "host"),
    [("tiny", "localhost:11434"), ("meta-llama/Llama-3.1", "h"), ("m" * 200, "h"), ("m", "h" * 200)],
)
def test_labels_fit(model: str, host: str) -> None:
    label = label_of("titles", model, f"https://{host}")
    assert len(label) <= MAX_MODEL_CHARS
    assert label.rpartition("/")[0].startswith("titles:")
    assert label.endswith("/1")
