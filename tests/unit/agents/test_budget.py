"""Token budgets hold, whatever the text."""

import json

from hypothesis import given
from hypothesis import strategies as st

from satchel.agents.budget import MOST_TOKENS, Budget, beginning, tokens_in_json, tokens_of

TEXTS = st.text(st.characters(codec="utf-8"), max_size=400)


def test_a_result_is_given_twice_and_stays_under_the_limit_of_clients() -> None:
    assert 2 * MOST_TOKENS < 25_000


def test_the_estimate_is_above_what_tokenizers_make() -> None:
    assert tokens_of(b"the quick brown fox jumps over the lazy dog") > 9
    assert tokens_of("日本語のテキスト".encode()) >= 8
    assert tokens_of(b"3f9a8c1e77b0d254") >= 8
    assert tokens_of(b"") == 0


@given(TEXTS, st.integers(0, 300))
def test_a_beginning_fits_and_is_the_longest(text: str, tokens: int) -> None:
    kept = beginning(text, tokens)
    assert text.startswith(kept)
    assert tokens_in_json(kept) <= max(1, tokens)
    if len(kept) < len(text):
        assert tokens_in_json(text[: len(kept) + 1]) > tokens


@given(st.lists(TEXTS, max_size=8), st.integers(500, 1_000))
def test_what_a_budget_hands_out_fits_it(texts: list[str], tokens: int) -> None:
    budget = Budget(tokens)
    taken = [budget.take(text, share=0.5) for text in texts]
    taken += budget.take_all(tuple(texts), share=0.2)
    assert budget.left >= 0
    assert tokens_of(json.dumps(taken, ensure_ascii=False).encode()) <= tokens
    if budget.was_cut is False:
        assert taken[: len(texts)] == texts
