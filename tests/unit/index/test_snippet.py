"""The snippet shown with a hit."""

import pytest

from satchel.index.query import parse
from satchel.index.snippet import SNIPPET_CHARS, matching_lines, snippet


def _shown(text: str, query: str) -> str:
    return snippet(text, parse(query).phrases)


def test_the_matching_line_is_shown() -> None:
    assert _shown("import os\n\n    return parse_header(x)\nend", "header") == "return parse_header(x)"


def test_the_line_with_most_words_is_shown() -> None:
    assert _shown("http\nheader\nthe http header\n", "http header") == "the http header"


def test_the_first_of_equally_good_lines_is_shown() -> None:
    assert _shown("one x\ntwo x\n", "x") == "one x"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("a\nparseHttpHeader()", "http header"),
        ("a\nPARSE_HTTP_HEADER", '"http header"'),
        ("a\nparse-http: header", "http_header"),
        ("a\nall headers", "header"),
        ("a\nthe header", "headers"),
        ("a\nthree queries", "query"),
        ("a\none query", "queries"),
        ("a\nparsing", "pars*"),
        ("a\nJavaScript", "javascript"),
        ("a\nって文件读取", "件读"),
    ],
)
def test_every_form_of_a_word_is_found_in_the_text(text: str, query: str) -> None:
    assert _shown(text, query) == text.split("\n")[1]


def test_without_a_match_in_the_text_its_first_line_is_shown() -> None:
    assert _shown("\n  \n  first  line\nsecond", "elsewhere") == "first line"


def test_without_words_the_first_line_is_shown() -> None:
    assert _shown("first\nsecond", "lang:py") == "first"


def test_empty_text_has_an_empty_snippet() -> None:
    assert _shown("", "x") == ""


def test_a_long_line_is_truncated_around_the_match() -> None:
    shown = _shown("a" * 10_000 + " needle " + "b" * 10_000, "needle")
    assert "needle" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) <= SNIPPET_CHARS


def test_a_match_across_lines_shows_its_first_line() -> None:
    assert _shown("x\nthe http\nheader\n", '"http header"') == "the http"


def test_control_characters_are_removed() -> None:
    assert _shown("\x1b[31mred\t\u202eneedle\x07\u2028x", "needle") == "[31mred needle x"


def _lines(text: str, query: str, limit: int = 3) -> list[tuple[str, list[str]]]:
    found = matching_lines(text, parse(query).phrases, limit)
    return [(line.text, [line.text[start:end] for start, end in line.spans]) for line in found]


def test_matching_lines_are_whole_and_their_matches_are_marked() -> None:
    text = "import os\n\tparse_http(x)  # parse\nend\nparse\n"
    assert _lines(text, "parse http") == [
        ("\tparse_http(x)  # parse", ["parse", "http", "parse"]),
        ("parse", ["parse"]),
    ]


def test_the_lines_that_match_most_are_shown_in_their_order() -> None:
    text = "http\nheader\nhttp header\nheader http\n"
    assert [line for line, _ in _lines(text, "http header", 2)] == ["http header", "header http"]


def test_overlapping_matches_are_marked_once() -> None:
    assert _lines("parse_http_header", '"parse http" "http header"') == [
        ("parse_http_header", ["parse_http_header"])
    ]


def test_a_text_without_matches_has_no_matching_lines() -> None:
    assert _lines("first\nsecond", "lang:py") == []
    assert _lines("first\nsecond", "elsewhere") == []
