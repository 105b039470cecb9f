"""Interoperability with pyrage, a binding of the Rust implementation, in both directions."""

import io
import os

import pyrage  # type: ignore[import-untyped]
import pytest

from satchel.age import (
    NoMatchError,
    ScryptIdentity,
    ScryptRecipient,
    X25519Identity,
    open_stream,
    seal,
    unseal,
)

SIZES = [0, 1, 65535, 65536, 65537, 131072, (1 << 20) + 1]


@pytest.mark.parametrize("size", SIZES)
def test_x25519_works_in_both_directions(size: int) -> None:
    me = X25519Identity.generate()
    theirs = pyrage.x25519.Identity.from_str(str(me))
    plain = os.urandom(size)
    assert str(theirs.to_public()) == str(me.recipient)
    assert pyrage.decrypt(seal(plain, [me.recipient]), [theirs]) == plain
    assert b"".join(open_stream(io.BytesIO(pyrage.encrypt(plain, [theirs.to_public()])), [me])) == plain


def test_a_key_from_pyrage_parses() -> None:
    theirs = pyrage.x25519.Identity.generate()
    me = X25519Identity.parse(str(theirs))
    assert str(me) == str(theirs)
    assert unseal(pyrage.encrypt(b"x", [theirs.to_public()]), [me]) == b"x"


def test_passphrases_work_in_both_directions() -> None:
    phrase = "Grüße an alle"
    assert pyrage.passphrase.decrypt(seal(b"x", [ScryptRecipient(phrase, log_n=10)]), phrase) == b"x"
    # pyrage picks the work factor by the speed of the machine, which may exceed our default limit.
    assert unseal(pyrage.passphrase.encrypt(b"x", phrase), [ScryptIdentity(phrase, max_log_n=22)]) == b"x"


def test_another_identity_is_refused_by_both() -> None:
    me, other = X25519Identity.generate(), X25519Identity.generate()
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(seal(b"x", [me.recipient]), [pyrage.x25519.Identity.from_str(str(other))])
    with pytest.raises(NoMatchError):
        unseal(pyrage.encrypt(b"x", [pyrage.x25519.Recipient.from_str(str(me.recipient))]), [other])
