"""JSON with comments becomes plain JSON, and strings stay unchanged."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.exchange.vscode.snippets import to_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1} // end', {"a": 1}),
        ('{/* one */ "a": /* two\n lines */ 1}', {"a": 1}),
        ('{"a": [1, 2,], "b": {"c": 3,},}', {"a": [1, 2], "b": {"c": 3}}),
        ('{"a": 1, // why\n}', {"a": 1}),
        (
            '{"url": "https://example.org", "glob": "/* all */"}',
            {"url": "https://example.org", "glob": "/* all */"},
        ),
        ('{"quote": "a \\" // b", "end": "x,]"}', {"quote": 'a " // b', "end": "x,]"}),
        ('{"backslash": "c:\\\\"} // "', {"backslash": "c:\\"}),
        ("\ufeff[1]", [1]),
    ],
)
def test_comments_and_trailing_commas_are_removed(text: str, expected: object) -> None:
    assert json.loads(to_json(text)) == expected


@given(VALUES)
def test_plain_json_keeps_its_meaning(value: object) -> None:
    assert json.loads(to_json(json.dumps(value))) == value


@given(st.text())
def test_any_text_is_accepted(text: str) -> None:
    assert isinstance(to_json(text), str)


@pytest.mark.parametrize("text", ['{"a": "' + '\\"' * 50_000 + "\\", "/*" * 50_000, '"' * 100_001])
def test_unterminated_text_takes_linear_time(text: str) -> None:
    began = time.process_time()
    to_json(text)
    assert time.process_time() - began < 2  # searching again from every quote would take minutes


def test_an_unterminated_string_is_left_to_the_parser() -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(to_json('{"a": "' + "x" * 100_000))
