"""The syntax of snippets."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.editor.snippets import escaped, without_stops


@pytest.mark.parametrize(
    ("snippet", "text"),
    [
        ("for ${1:x} in ${2:xs}:\n\t$0", "for x in xs:\n\t"),
        ("${1:name} = $1", "name = name"),
        ("$1 = ${1:name}", "name = name"),
        ("${1|red,green|}!", "red!"),
        (r"${1|a\,b,c|}", "a,b"),
        ("${1:outer ${2:inner}}", "outer inner"),
        ("$TM_FILENAME ${CURRENT_YEAR} ${CLIPBOARD:none}", "  none"),
        ("${TM_FILENAME/(.*)\\..+$/${1:/upcase}/g}", ""),
        (r"\$5 \} \\", "$5 } \\"),
        ("cost: $ ${} ${1", "cost: $ ${} ${1"),
        ("${1:without an end", "without an end"),
    ],
)
def test_stops_become_the_text_that_they_hold(snippet: str, text: str) -> None:
    assert without_stops(snippet) == text


@given(st.text())
def test_an_escaped_text_inserts_itself(text: str) -> None:
    assert without_stops(escaped(text)) == text


@pytest.mark.parametrize("part", ["${1:", "${1|a", "${A/", "\\", "$", "${1|a,b|}"], ids=range(6))
def test_hostile_snippets_take_linear_time(part: str) -> None:
    began = time.process_time()
    without_stops(part * (65_536 // len(part)))
    assert time.process_time() - began < 10
