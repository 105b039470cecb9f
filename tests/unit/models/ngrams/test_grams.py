"""Tokens and n-grams: known words are kept, others are replaced by their shape."""

import pytest

from satchel.models.ngrams.grams import MAX_TOKENS, Grams, line_start, number, shape


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("name", "a"),
        ("x", "x"),
        ("X", "X"),
        ("parse_header", "a_"),
        ("parseHeader", "aA"),
        ("ParseHeader", "Aa"),
        ("HTTP", "AA"),
        ("MAX_SIZE", "AA_"),
        ("_private", "_a"),
        ("__init__", "__a"),
        ("a1", "a0"),
        ("größe", "é"),
    ],
)
def test_the_shape_of_a_word(word: str, expected: str) -> None:
    assert shape(word) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", "0"),
        ("1.5", "0.0"),
        ("0xff", "0x"),
        ("10px", "0px"),
        ("1.2.3", "0.0.0"),
        ("1.5f", "0.0f"),
        ("2u", "0u"),
    ],
)
def test_the_shape_of_a_number(text: str, expected: str) -> None:
    assert number(text) == expected


def test_the_start_of_a_line_tells_its_indentation() -> None:
    assert [line_start(text) for text in ("\n", "\n  ", "\n\t", "\n\n    ")] == ["\n", "\n ", "\n\t", "\n\n "]


def test_tokens_keep_known_words_and_signs() -> None:
    assert list(Grams(["def"]).tokens("def go_on(x):\n    y := 1")) == [
        "def",
        " ",
        "a_",
        "(",
        "x",
        ")",
        ":",
        "\n ",
        "x",
        " ",
        ":=",
        " ",
        "0",
    ]


def test_names_of_the_same_shape_give_the_same_grams() -> None:
    grams = Grams(["for", "in"])
    first, same, other = (
        grams.of(grams.tokens(text))
        for text in ("for item in items:", "for other in things:", "for (item in items)")
    )
    assert first == same != other


def test_a_long_text_gives_a_bounded_number_of_grams() -> None:
    text = "".join(f"{chr(0x4E00 + number)} + " for number in range(16_000))
    grams = Grams(())
    assert len(grams.of(grams.tokens(text))) <= 3 * MAX_TOKENS
