"""No text makes a scan take more than time and memory in proportion to its length."""

import gc
import re
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from importlib import import_module
from types import FrameType
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satchel.models.secrets import (
    formats,
    guards,
    named,
    passwords,
    phrases,
    scan,
    scan_text,
    scanning,
    structures,
    texts,
)

MODULES: Final = (formats, guards, named, passwords, phrases, scanning, structures, texts)
op: Final = import_module("re._constants")  # they have no public name
parser: Final = import_module("re._parser")
FRAGMENTS: Final = [
    "a", "\n", " ", '"\n"', "\\\n", "://", "://a:b@", "msh", "-us1", "sk-", "sk-ant-", "eyJ", "eyJ.eyJ.", "key=", "token: ", "1 able ",
    "able ", "A1", "=", "/", ".", "-----BEGIN PRIVATE KEY-----", "password=", "login a password ", "basic ", "auth:", " -u a:", "\u0130", "\u200b", "$",
    "https://hooks.slack.com/services/", "glpat-", "t1.", "0", "xoxb-1-", "{", ",", "'+'",
]  # fmt: skip


def calls(work: Callable[[], object]) -> int:
    """Count the calls of functions, in Python and in C."""
    count = 0

    def seen(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    gc.collect()
    gc.disable()  # what other tests have left would call its finalizers
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=range(len(FRAGMENTS)))
def test_work_grows_with_the_length_and_not_with_its_square(fragment: str) -> None:
    small, large = fragment * (4_000 // len(fragment)), fragment * (16_000 // len(fragment))
    scan_text(small)
    few, many = calls(lambda: scan_text(small)), calls(lambda: scan_text(large))
    assert many <= 4 * few * 1.3 + 500


def expressions() -> Iterator[re.Pattern[str]]:
    for module in MODULES:
        for value in vars(module).values():
            if isinstance(value, re.Pattern):
                yield value
    yield from (expression for _, expression, _, _ in structures._PASSWORDS)
    yield from (one.expression for one in formats.table())


def unbounded(parsed: Any, depth: int = 0) -> Iterator[int]:  # noqa: ANN401  the parser of `re` has no types
    """Yield, for each repeat without a limit, within how many other repeats it is."""
    for kind, value in parsed:
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            if value[1] is op.MAXREPEAT:
                yield depth
            yield from unbounded(value[2], depth + (value[1] > 1))
        elif kind is op.SUBPATTERN:
            yield from unbounded(value[3], depth)
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from unbounded(branch, depth)


def test_no_expression_repeats_without_limit_inside_a_repeat() -> None:
    found = list(expressions())
    assert len(found) > 600
    for expression in found:
        repeats = list(unbounded(parser.parse(expression.pattern, expression.flags)))
        assert len(repeats) <= 6, expression.pattern
        assert not any(repeats), expression.pattern


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40), st.binary(max_size=200))
def test_any_text_and_any_bytes_are_accepted(fragments: list[str], data: bytes) -> None:
    for content in ("".join(fragments).encode("utf-8", "surrogatepass"), data):
        lines = content.count(b"\n") + content.count(b"\r") + 1
        assert all(1 <= one.line <= lines for one in scan(content))


def peak_of(text: str) -> int:
    """Return the most memory that a scan takes, in bytes."""
    tracemalloc.start()
    try:
        scan_text(text)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("fragment", ["\n", "able ", "x" * 40 + "\n"], ids=range(3))
def test_memory_stays_in_proportion_to_the_text(fragment: str) -> None:
    scan_text(fragment * 2_000)  # what is loaded once is not counted
    length = 2**18
    grown = peak_of(fragment * (2 * length // len(fragment))) - peak_of(fragment * (length // len(fragment)))
    assert grown < 16 * length
