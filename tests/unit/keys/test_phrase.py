"""The 24 words round-trip; form is lenient, content strict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.errors import UsageError
from satchel.keys import RootSecret, from_phrase, to_phrase

ROOTS = st.binary(min_size=32, max_size=32).map(RootSecret)
ZERO = "abandon " * 23 + "art"


@given(ROOTS)
def test_a_phrase_round_trips(root: RootSecret) -> None:
    phrase = to_phrase(root)
    assert len(phrase.split(" ")) == 24
    assert from_phrase(phrase) == root


@given(ROOTS)
def test_four_letters_of_each_word_suffice(root: RootSecret) -> None:
    assert from_phrase(" ".join(word[:4] for word in to_phrase(root).split())) == root


def test_the_published_vectors_match() -> None:
    assert to_phrase(RootSecret(bytes(32))) == ZERO
    assert to_phrase(RootSecret(b"\xff" * 32)) == "zoo " * 23 + "vote"
    assert to_phrase(RootSecret(b"\x80" * 32)) == (
        "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic "
        "avoid letter advice cage absurd amount doctor acoustic bless"
    )


@pytest.mark.parametrize(
    "form", [str.upper, str.title, "  {}\n".format, lambda text: text.replace(" ", "\r\n\t ")]
)
def test_case_and_spacing_do_not_matter(form: "type[str]") -> None:
    assert from_phrase(form(ZERO)) == bytes(32)


@pytest.mark.parametrize("count", [0, 1, 12, 23, 25])
def test_a_wrong_number_of_words_is_refused(count: int) -> None:
    with pytest.raises(UsageError, match=f"24 words, not {count}"):
        from_phrase("abandon " * count)


@pytest.mark.parametrize("word", ["abandonned", "aba", "act", "zebr", "ärger", "abandon1"])
def test_a_wrong_word_is_reported_only_by_its_position(word: str) -> None:
    phrase = ZERO.replace("art", word)
    with pytest.raises(UsageError) as caught:
        from_phrase(phrase)
    assert word not in str(caught.value)
    assert word not in caught.value.hint


def test_a_word_that_is_a_prefix_of_others_means_itself() -> None:
    with pytest.raises(UsageError, match="checksum"):
        from_phrase("act " * 24)


@given(ROOTS)
def test_swapped_or_wrong_words_almost_never_pass(root: RootSecret) -> None:
    words = to_phrase(root).split()
    wrong = [*words[:-1], "zoo" if words[-1] != "zoo" else "zone"]
    try:
        assert from_phrase(" ".join(wrong)) != root
    except UsageError as error:
        assert "checksum" in error.message  # noqa: PT017 - one in 256 passes the checksum of BIP 39
