"""Bech32: the published examples of BIP 173, and strictness."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.age import KeyTextError, bech32

HRPS = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz-1"), min_size=1, max_size=20)
LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


@given(HRPS, st.binary(max_size=80))
def test_bytes_round_trip_in_either_case(hrp: str, data: bytes) -> None:
    text = bech32.encode(hrp, data)
    assert bech32.decode(text) == (hrp, data)
    assert bech32.decode(text.upper()) == (hrp, data)


def test_a_long_key_round_trips() -> None:
    data = bytes(range(256)) * 5
    assert bech32.decode(bech32.encode("age1pq", data)) == ("age1pq", data)


@pytest.mark.parametrize(
    "text",
    [
        "A12UEL5L",
        "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    ],
)
def test_a_valid_example_without_data_is_read(text: str) -> None:
    assert bech32.decode(text)[1] == b""


def test_a_valid_example_with_data_is_read() -> None:
    hrp, data = bech32.decode("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw")
    assert (hrp, data.hex()) == ("abcdef", "00443214c74254b635cf84653a56d7c675be77df")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "pzry9x0s0muk",  # no separator
        "1pzry9x0s0muk",  # no human-readable part
        "x1b4n0q5v",  # a letter outside the alphabet
        "li1dgmt3",  # checksum too short
        "A1G7SGD8",  # checksum over the upper case
        "10a06t8",
        "\x201nwldj5",  # a space
        "\x7f1axkwrx",
        "A12uEL5L",  # mixed case
        "\u0130" + "12uel5l",
        "split1checkupstagehandshakeupstreamerranterredcaperred2y9e2w",
    ],
)
def test_an_invalid_example_is_refused(text: str) -> None:
    with pytest.raises(KeyTextError):
        bech32.decode(text)


def with_checksum(hrp: str, values: list[int]) -> str:
    return hrp + "1" + "".join(LETTERS[value] for value in values + bech32._checksum(hrp, values))


@pytest.mark.parametrize("values", [[0], [0, 1], [0, 2], [31, 31], [0] * 9, [0] * 11])
def test_non_zero_padding_is_refused(values: list[int]) -> None:
    with pytest.raises(KeyTextError, match="non-zero padding"):
        bech32.decode(with_checksum("age", values))


@given(st.binary(min_size=32, max_size=32), st.data())
def test_one_wrong_letter_is_always_detected(data: bytes, draw: st.DataObject) -> None:
    text = bech32.encode("age", data)
    at = draw.draw(st.integers(4, len(text) - 1))
    letter = draw.draw(st.sampled_from(LETTERS.replace(text[at], "")))
    with pytest.raises(KeyTextError):
        bech32.decode(text[:at] + letter + text[at + 1 :])


def test_another_kind_of_key_is_refused_without_quoting_it() -> None:
    text = bech32.encode("age-secret-key-", bytes(32))
    with pytest.raises(KeyTextError) as caught:
        bech32.decode_as("age", text)
    assert text[-20:] not in str(caught.value)


@pytest.mark.parametrize("hrp", ["", "Age", "a ge", "ä"])
def test_an_unreadable_human_readable_part_is_refused(hrp: str) -> None:
    with pytest.raises(ValueError, match="human-readable"):
        bech32.encode(hrp, b"")
