"""The estimate of tokens, beside counts of real tokenizers."""

import time

import pytest

from satchel.prompts import Prompt, count_tokens

PYTHON = """def parse_http_header(line: bytes) -> tuple[str, str]:
    name, colon, value = line.partition(b":")
    if not colon or name != name.strip():
        raise ValueError(f"malformed header {line!r}")
    return name.decode("ascii").lower(), value.strip().decode("latin-1")
"""
PROSE = (
    "The first request makes the file, and the home if there is none. Each record contains a hash of all records "
    "before it, so that a change of one is a change of all that follow.\n"
)
DATA = '{"id": 40271, "at": "2026-01-31T09:05:00Z", "tags": ["http", "parser"], "size_bytes": 1824}\n'


@pytest.mark.parametrize(
    ("text", "counted"),  # the largest count of the tokenizers of GPT-4, GPT-4o, Claude 2 and Llama 3
    [(PYTHON, 78), (PROSE, 41), (DATA, 42)],
    ids=["python", "prose", "data"],
)
def test_the_estimate_is_above_real_counts_but_not_far(text: str, counted: int) -> None:
    assert counted <= count_tokens(text) <= 1.6 * counted


def test_no_text_is_free_and_long_ones_take_no_long_time() -> None:
    assert count_tokens("") == 0
    assert count_tokens("\udc80") == count_tokens("x\x00") - 1 == 2
    begun = time.process_time()
    for unit in ("a", "1", "\n", " ", "é", "aA", "<", "\0"):
        assert count_tokens(unit * 100_000) > 0 or unit == " "
    assert time.process_time() - begun < 10


def test_a_prompt_counts_both_of_its_texts() -> None:
    prompt = Prompt("Answer.", PROSE, ("01",))
    assert prompt.tokens > count_tokens("Answer.") + count_tokens(PROSE)
    assert PROSE not in repr(prompt)
