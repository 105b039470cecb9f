"""Armor is canonical in both directions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.age import ArmorError, armor, dearmor

SPACE = st.text(st.sampled_from(" \t\r\n"), max_size=4).map(str.encode)


@given(st.binary(max_size=300), SPACE, SPACE)
def test_armor_round_trips_with_surrounding_white_space(sealed: bytes, before: bytes, after: bytes) -> None:
    assert dearmor(before + armor(sealed) + after) == sealed


@given(st.binary(min_size=1, max_size=200))
def test_crlf_line_endings_are_accepted(sealed: bytes) -> None:
    assert dearmor(armor(sealed).replace(b"\n", b"\r\n")) == sealed


@given(st.binary(max_size=200), st.data())
def test_a_changed_byte_is_refused_or_changes_the_result(sealed: bytes, data: st.DataObject) -> None:
    text = bytearray(armor(sealed))
    at = data.draw(st.integers(0, len(text) - 2))
    text[at] ^= data.draw(st.integers(1, 255))
    try:
        opened = dearmor(bytes(text))
    except ArmorError:
        return
    assert armor(opened) == text


@pytest.mark.parametrize(
    "text", [b"", b"\n", b"-----BEGIN AGE ENCRYPTED FILE-----", b"age-encryption.org/v1\n"]
)
def test_other_text_is_refused(text: bytes) -> None:
    with pytest.raises(ArmorError):
        dearmor(text)
