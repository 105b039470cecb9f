"""Names of clouds are a keyed hash of the account."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel_infra.names import NAME_PATTERN, TAG_PATTERN, NameKey, Owner, identify

KEY = NameKey(bytes(range(32)))
DNS_LABEL = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
TEXTS = st.text(max_size=40)


@given(TEXTS, TEXTS)
def test_a_name_is_a_dns_label_and_begins_the_tag(issuer: str, subject: str) -> None:
    owner = identify(KEY, issuer=issuer, subject=subject)
    assert TAG_PATTERN.fullmatch(owner.tag)
    assert NAME_PATTERN.fullmatch(owner.name)
    assert DNS_LABEL.fullmatch(owner.name)
    assert owner.name[1:] == owner.tag[:25]


@given(st.lists(st.tuples(TEXTS, TEXTS), unique=True, max_size=20))
def test_accounts_have_different_names(accounts: list[tuple[str, str]]) -> None:
    names = {identify(KEY, issuer=issuer, subject=subject).name for issuer, subject in accounts}
    assert len(names) == len(accounts)


@given(st.text(min_size=1, max_size=10), st.integers(0, 9))
def test_the_boundary_between_issuer_and_subject_counts(text: str, at: int) -> None:
    cuts = [identify(KEY, issuer=text[:cut], subject=text[cut:]) for cut in range(len(text) + 1)]
    assert all(first != second for first, second in pairwise(cuts))


def test_a_known_account_keeps_its_name() -> None:
    owner = identify(KEY, issuer="https://issuer.example.org/", subject="auth0|5f7c")
    assert owner == Owner("ambi3q5rb2nkxhxqym32hdbd6brwpfcanfckfiborgndvvzo6i6a")


def test_another_key_gives_another_name() -> None:
    other = NameKey(bytes(32))
    first, second = (identify(key, issuer="i", subject="s") for key in (KEY, other))
    assert first.name != second.name


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"has {size} bytes instead of 32"):
        identify(NameKey(bytes(size)), issuer="i", subject="s")
