"""What shows a second factor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel_wire.factors import KINDS, has_second_factor

SECOND = [
    (["mfa"], None),
    (["pwd", "otp"], None),
    (["pwd", "sms"], None),
    (["pin", "hwk"], None),
    (["hwk", "fpt"], None),
    (["pwd", "face"], None),
    (["user", "pin", "swk"], None),
    ([], "urn:mfa"),
    (["pwd"], "urn:mfa"),
]
FIRST = [
    ([], None),
    (["pwd"], None),
    (["otp"], None),
    (["hwk"], None),
    (["pwd", "pin"], None),
    (["pwd", "kba", "pin"], None),
    (["otp", "sms", "tel"], None),
    (["hwk", "swk"], None),
    (["face", "fpt"], None),
    (["pwd", "user"], None),
    (["pwd", "geo", "rba"], None),
    (["pwd", "mca"], None),
    (["pwd", "MFA"], None),
    (["pwd", "something-of-the-issuers"], None),
    (["pwd"], "urn:other"),
    (["pwd"], "mfa"),
    (["pwd"], ""),
]


@pytest.mark.parametrize(("amr", "acr"), SECOND)
def test_two_factors(amr: list[str], acr: str | None) -> None:
    assert has_second_factor(amr, acr, ("urn:mfa",))


@pytest.mark.parametrize(("amr", "acr"), FIRST)
def test_one_factor(amr: list[str], acr: str | None) -> None:
    assert not has_second_factor(amr, acr, ("urn:mfa",))


def test_an_acr_counts_only_if_the_operator_lists_it() -> None:
    assert not has_second_factor([], "urn:mfa", ())


VALUES = sorted(set().union(*KINDS.values()) | {"mfa", "mca", "geo", "user", "x"})


@given(st.lists(st.sampled_from(VALUES)))
def test_more_methods_never_take_a_second_factor_away(amr: list[str]) -> None:
    if has_second_factor(amr, None, ()):
        assert all(has_second_factor([*amr, other], None, ()) for other in VALUES)


@given(st.lists(st.sampled_from([value for kind in list(KINDS.values())[:1] for value in sorted(kind)])))
def test_one_kind_of_factor_is_never_two(amr: list[str]) -> None:
    assert not has_second_factor(amr, None, ())
