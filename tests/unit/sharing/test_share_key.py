"""Share keys derived from secrets and passwords."""

import pytest

from satchel.errors import RefusedError, UsageError
from satchel.keys.secret import ShareSeed
from satchel.sharing.identity import LinkSecret, PasswordProfile, owner_secret, share_key

SECRET = LinkSecret(b"\x05" * 32)
PROFILE = PasswordProfile(b"\x09" * 16)


def test_without_a_password_the_link_is_the_key() -> None:
    assert bytes(share_key(SECRET).identity) == bytes(SECRET)


def test_the_key_needs_both_the_secret_and_the_password() -> None:
    key = share_key(SECRET, password="open sesame", profile=PROFILE)
    others = [
        share_key(SECRET),
        share_key(SECRET, password="open sesam", profile=PROFILE),
        share_key(LinkSecret(b"\x06" * 32), password="open sesame", profile=PROFILE),
        share_key(SECRET, password="open sesame", profile=PasswordProfile(b"\x0a" * 16)),
    ]
    assert len({key.proof, *(other.proof for other in others)}) == 5


def test_passwords_are_normalised() -> None:
    composed = share_key(SECRET, password="caf\u00e9", profile=PROFILE)
    assert composed.proof == share_key(SECRET, password="cafe\u0301", profile=PROFILE).proof


@pytest.mark.parametrize("password", ["", "x" * 1025])
def test_an_empty_or_oversized_password_is_refused(password: str) -> None:
    with pytest.raises(UsageError, match="1 to 1024 bytes"):
        share_key(SECRET, password=password, profile=PROFILE)


@pytest.mark.parametrize("log_n", [1, 15, 19, 20, 63])
def test_a_work_factor_outside_the_limits_is_refused(log_n: int) -> None:
    with pytest.raises(RefusedError, match="work factor"):
        share_key(SECRET, password="x", profile=PasswordProfile(b"\x09" * 16, log_n))


def test_a_password_needs_a_profile() -> None:
    with pytest.raises(ValueError, match="must be given together"):
        share_key(SECRET, password="x")
    with pytest.raises(ValueError, match="must be given together"):
        share_key(SECRET, profile=PROFILE)


def test_secrets_and_salts_have_a_fixed_length() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        LinkSecret(b"short")
    with pytest.raises(ValueError, match="16 bytes"):
        PasswordProfile(b"short")


def test_each_share_of_an_owner_has_its_own_secret() -> None:
    seed = ShareSeed(b"\x01" * 32)
    assert owner_secret(seed, "0" * 32) == owner_secret(seed, "0" * 32)
    assert owner_secret(seed, "0" * 32) != owner_secret(seed, "1" * 32)
    assert owner_secret(ShareSeed(b"\x02" * 32), "0" * 32) != owner_secret(seed, "0" * 32)


def test_reprs_hide_secrets() -> None:
    key = share_key(SECRET)
    shown = repr(key) + repr(SECRET)
    assert str(key.identity) not in shown
    assert str(key.recipient) not in shown
    assert len({SECRET, LinkSecret(b"\x05" * 32)}) == 1
