"""Links parse strictly, and errors and reprs never quote them."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.errors import UsageError
from satchel.sharing.identity import LinkSecret
from satchel.sharing.link import ShareLink, format_key, parse_key

SECRETS = st.binary(min_size=32, max_size=32).map(LinkSecret)
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


@given(SECRETS, st.binary(min_size=16, max_size=16))
def test_a_link_round_trips(secret: LinkSecret, share_id: bytes) -> None:
    link = ShareLink("https://cloud.example.com", share_id.hex(), secret)
    assert ShareLink.parse(str(link)) == link


@given(SECRETS, st.integers(0, 57), st.sampled_from(BECH32))
def test_a_mistyped_character_of_the_key_is_detected(secret: LinkSecret, at: int, letter: str) -> None:
    key = format_key(secret)
    if key[at] == letter:
        return
    with pytest.raises(UsageError, match="truncated or mistyped"):
        parse_key(key[:at] + letter + key[at + 1 :])


@given(SECRETS, st.integers(1, 57))
def test_a_truncated_key_is_detected(secret: LinkSecret, length: int) -> None:
    with pytest.raises(UsageError, match="truncated or mistyped"):
        parse_key(format_key(secret)[:length])


@given(st.text(alphabet=string.printable, max_size=200))
def test_any_other_text_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        ShareLink.parse(text)


def test_a_links_repr_hides_its_key() -> None:
    link = ShareLink("https://cloud.example.com", "0" * 32, LinkSecret(b"\x07" * 32))
    key = format_key(link.secret)
    shown = repr(link) + repr(link.secret) + repr([link])
    assert key not in shown
    assert "07" * 4 not in shown


def test_the_error_about_a_key_has_no_cause_that_quotes_it() -> None:
    with pytest.raises(UsageError) as caught:
        parse_key("q" * 58)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_the_error_about_a_lost_hash_sign_does_not_repeat_the_key() -> None:
    link = str(ShareLink("https://cloud.example.com", "0" * 32, LinkSecret(b"\x07" * 32)))
    with pytest.raises(UsageError) as caught:
        ShareLink.parse(link.replace("#", ""))
    assert link.partition("#")[2][:8] not in caught.value.message + caught.value.hint


def test_an_oversized_link_is_refused_unparsed() -> None:
    with pytest.raises(UsageError, match="too long"):
        ShareLink.parse("https://" + "a" * 10_000_000)
