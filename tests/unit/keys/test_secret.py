"""Reprs hide secrets, and every purpose has its own key."""

import hmac
import pickle

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from satchel.keys import BlockKey, ManifestKey, RequestSeed, RootSecret, ShareSeed, derive_owner_keys

ROOTS = st.binary(min_size=32, max_size=32).map(RootSecret)


@pytest.mark.parametrize("kind", [RootSecret, ManifestKey, BlockKey, ShareSeed, RequestSeed])
def test_the_repr_of_a_secret_hides_it(kind: type[RootSecret]) -> None:
    secret = kind(b"thirty-two bytes of plain letter")
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", repr([secret])):
        assert "letter" not in shown
        assert secret.hex() not in shown
        assert kind.__name__ in shown


def test_the_repr_of_owner_keys_shows_only_the_recipient() -> None:
    keys = derive_owner_keys(RootSecret.generate())
    shown = repr(keys)
    assert str(keys.recipient) in shown
    for secret in (
        bytes(keys.identity),
        keys.manifest_key,
        keys.block_key,
        keys.share_seed,
        keys.request_seed,
    ):
        assert secret.hex() not in shown
    assert str(keys.identity) not in shown


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_secret_has_a_fixed_length(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        RootSecret(bytes(length))


def test_secrets_compare_by_their_bytes() -> None:
    one = RootSecret(bytes(32))
    assert one == RootSecret(bytes(32))
    assert one == bytes(32)
    assert one != RootSecret(b"\x01" * 32)
    assert one != "text"
    assert len({one, RootSecret(bytes(32))}) == 1


def test_ciphers_and_hashes_accept_a_secret() -> None:
    key = ManifestKey(b"k" * 32)
    assert hmac.digest(key, b"x", "sha256") == hmac.digest(b"k" * 32, b"x", "sha256")
    assert blake3(b"x", key=BlockKey(key)).digest() == blake3(b"x", key=b"k" * 32).digest()


def test_a_copied_secret_keeps_its_type() -> None:
    assert type(pickle.loads(pickle.dumps(BlockKey(bytes(32))))) is BlockKey


@given(ROOTS)
def test_every_purpose_has_its_own_key(root: RootSecret) -> None:
    keys = derive_owner_keys(root)
    secrets = [
        bytes(each)
        for each in (
            root,
            keys.identity,
            keys.manifest_key,
            keys.block_key,
            keys.share_seed,
            keys.request_seed,
        )
    ]
    assert len(set(secrets)) == len(secrets)
    assert not any(secret.hex().startswith(keys.owner_id) for secret in secrets)
    assert derive_owner_keys(root).recipient == keys.recipient


def test_generated_secrets_differ() -> None:
    assert RootSecret.generate() != RootSecret.generate()
    assert RootSecret.generate(lambda length: b"\x05" * length) == b"\x05" * 32
