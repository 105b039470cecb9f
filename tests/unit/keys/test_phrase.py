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


@pytest.mark.parametrize("word", ["abandonned", "aba", "zzz", "ärger", "abandon1", "ab4ndon", "12345"])
def test_a_wrong_word_is_reported_by_its_position_and_never_quoted(word: str) -> None:
    phrase = ZERO.replace("art", word)
    with pytest.raises(UsageError, match="word 24 is not in the list") as caught:
        from_phrase(phrase)
    assert word not in str(caught.value)
    assert word not in caught.value.hint.split()


@pytest.mark.parametrize("word", ["act", "zebr"])
def test_a_wrong_word_of_the_list_is_not_named(word: str) -> None:
    with pytest.raises(UsageError, match="checksum") as caught:
        from_phrase(ZERO.replace("art", word))
    assert word not in str(caught.value)
    assert word not in caught.value.hint


LETTER = [
    "letter",
    "advice",
    "cage",
    "absurd",
    "amount",
    "doctor",
    "acoustic",
    "avoid",
    "letter",
    "advice",
    "cage",
    "absurd",
    "amount",
    "doctor",
    "acoustic",
    "avoid",
    "letter",
    "advice",
    "cage",
    "absurd",
    "amount",
    "doctor",
    "acoustic",
    "bless",
]


@pytest.mark.parametrize(
    ("place", "word", "close"), [(3, "cagge", "cage"), (6, "docter", "doctor"), (24, "bles", "bless")]
)
def test_close_words_are_suggested_for_a_wrong_word_and_no_others(place: int, word: str, close: str) -> None:
    typed = [*LETTER[: place - 1], f"x{word}" if word == "bles" else word, *LETTER[place:]]
    with pytest.raises(UsageError, match=f"word {place} is not in the list") as caught:
        from_phrase(" ".join(typed))
    assert close in caught.value.hint
    others = {*LETTER} - {close}
    assert not others & {*caught.value.hint.replace(",", " ").split()}


def test_every_wrong_word_is_reported() -> None:
    with pytest.raises(UsageError, match="words 1, 3 are not in the list"):
        from_phrase(" ".join(["lettre", LETTER[1], "kage", *LETTER[3:]]))


def grid(columns: int) -> str:
    """Return the words as `recovery show` prints them: numbered, in columns that are read downwards."""
    rows = len(LETTER) // columns
    cells = [f"{number:>2} {word:<10}" for number, word in enumerate(LETTER, 1)]
    return "\n".join("  ".join(cells[row::rows]) for row in range(rows))


@pytest.mark.parametrize(
    "written",
    [
        "\n".join(f"{number}. {word}" for number, word in enumerate(LETTER, 1)),
        "\n".join(f"{number}) {word.title()}," for number, word in enumerate(LETTER, 1)),
        " ".join(f"{number}.{word}" for number, word in enumerate(LETTER, 1)),
        " ".join(f"{number}{word}" for number, word in enumerate(LETTER, 1)),
        "\n".join(f"{number}/24: {word}" for number, word in enumerate(LETTER, 1)),
        "\n".join(f"{word} {number}" for number, word in enumerate(LETTER, 1)),
        ", ".join(LETTER),
        "; ".join(LETTER).upper(),
        "\ufeff" + "\r\n".join(LETTER) + "\r\n",
        "\u00a0".join(LETTER),
        "\u200b \u200b".join(LETTER),
        "\t".join(LETTER),
        '"' + '", "'.join(LETTER) + '"',
        "- " + "\n- ".join(LETTER),
        grid(4),
        grid(3),
        "| # | Word |\n|---|---|\n" + "\n".join(f"| {n} | {word} |" for n, word in enumerate(LETTER, 1)),
        "".join(f"{number:02}\t{word}\n" for number, word in reversed([*enumerate(LETTER, 1)])),
    ],
)
def test_words_are_read_as_people_write_them_down(written: str) -> None:
    assert from_phrase(written) == b"\x80" * 32


@pytest.mark.parametrize(
    ("numbers", "missing"), [([*range(1, 24), 23], "24 missing"), ([*range(2, 26)], "1 missing")]
)
def test_numbers_with_a_gap_are_refused(numbers: list[int], missing: str) -> None:
    with pytest.raises(UsageError, match=missing):
        from_phrase(" ".join(f"{number} {word}" for number, word in zip(numbers, LETTER, strict=True)))


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(UsageError):
        from_phrase(text)


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
