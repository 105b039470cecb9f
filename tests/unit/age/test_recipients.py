"""Recipients and identities: wrapping, parsing, reprs."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.age import (
    FileKey,
    Header,
    HeaderError,
    HmacError,
    HybridIdentity,
    HybridRecipient,
    Identity,
    KeyTextError,
    NoMatchError,
    Recipient,
    ScryptIdentity,
    ScryptRecipient,
    Stanza,
    X25519Identity,
    X25519Recipient,
    seal,
    sealed_size,
    unseal,
)
from satchel.age.keywrap import make_header, open_header
from satchel.errors import IntegrityError, UsageError

FAST = 4  # a scrypt work factor for tests
# The examples that the age specification prints.
SPEC_X25519 = (
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX",
    "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
)
SPEC_HYBRID = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"
SPEC_HYBRID_START, SPEC_HYBRID_END = (
    "age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7",
    "3tlhl53k2ykx3qheyty7saeq0d3fzv49zc0k",
)


def pairs() -> list[tuple[Recipient, Identity]]:
    x25519, hybrid = X25519Identity.generate(), HybridIdentity.generate()
    return [
        (x25519.recipient, x25519),
        (hybrid.recipient, hybrid),
        (ScryptRecipient("correct horse", FAST), ScryptIdentity("correct horse")),
    ]


every_kind = pytest.mark.parametrize(("recipient", "identity"), pairs(), ids=["x25519", "hybrid", "scrypt"])


@every_kind
def test_a_wrapped_file_key_round_trips(recipient: Recipient, identity: Identity) -> None:
    key = FileKey.generate()
    assert identity.unwrap(recipient.wrap(key)) == key


@every_kind
def test_two_wraps_of_one_key_differ(recipient: Recipient, identity: Identity) -> None:
    key = FileKey.generate()
    first, second = recipient.wrap(key), recipient.wrap(key)
    assert first.args != second.args
    assert first.body != second.body


@every_kind
def test_the_stanza_length_is_exact(recipient: Recipient, identity: Identity) -> None:
    assert len(recipient.wrap(FileKey.generate()).marshal()) == recipient.stanza_bytes


@every_kind
@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 131072])
def test_the_sealed_size_is_exact(recipient: Recipient, identity: Identity, size: int) -> None:
    assert len(seal(bytes(size), [recipient])) == sealed_size(size, [recipient])


@every_kind
def test_an_unknown_stanza_does_not_match(recipient: Recipient, identity: Identity) -> None:
    assert identity.unwrap(Stanza("example.com/other", (), b"")) is None


@every_kind
def test_a_body_of_the_wrong_length_is_refused_before_decryption(
    recipient: Recipient, identity: Identity
) -> None:
    stanza = recipient.wrap(FileKey.generate())
    with pytest.raises(HeaderError, match="length"):
        identity.unwrap(Stanza(stanza.type, stanza.args, stanza.body + b"x"))


@every_kind
def test_a_changed_body_does_not_match(recipient: Recipient, identity: Identity) -> None:
    stanza = recipient.wrap(FileKey.generate())
    body = bytes([stanza.body[0] ^ 1]) + stanza.body[1:]
    assert identity.unwrap(Stanza(stanza.type, stanza.args, body)) is None


def test_the_examples_of_the_specification_match() -> None:
    identity = X25519Identity.parse(SPEC_X25519[0])
    assert (str(identity), str(identity.recipient)) == SPEC_X25519
    hybrid = HybridIdentity.parse(SPEC_HYBRID)
    assert str(hybrid) == SPEC_HYBRID
    assert str(hybrid.recipient).startswith(SPEC_HYBRID_START)
    assert str(hybrid.recipient).endswith(SPEC_HYBRID_END)


@given(st.binary(min_size=32, max_size=32))
def test_identities_and_recipients_round_trip_as_text(secret: bytes) -> None:
    x25519, hybrid = X25519Identity.from_bytes(secret), HybridIdentity.from_bytes(secret)
    assert bytes(X25519Identity.parse(str(x25519))) == bytes(HybridIdentity.parse(str(hybrid))) == secret
    assert X25519Recipient.parse(str(x25519.recipient)) == x25519.recipient
    assert HybridRecipient.parse(str(hybrid.recipient)) == hybrid.recipient


@pytest.mark.parametrize("kind", [X25519Identity, HybridIdentity])
def test_recipients_with_the_same_key_are_equal(kind: type[X25519Identity] | type[HybridIdentity]) -> None:
    identity = kind.generate()
    again = kind.parse(str(identity))
    assert len({identity.recipient, again.recipient}) == 1
    assert identity.recipient != kind.generate().recipient
    assert identity.recipient != bytes(identity.recipient)
    assert str(identity.recipient)[:16] in repr(identity.recipient)


@pytest.mark.parametrize("kind", [X25519Identity, HybridIdentity])
def test_the_repr_of_an_identity_shows_only_its_recipient(
    kind: type[X25519Identity] | type[HybridIdentity],
) -> None:
    identity = kind.generate()
    shown = repr(identity) + repr([identity])
    assert str(identity)[-30:] not in shown.upper()
    assert bytes(identity).hex() not in shown
    assert str(identity.recipient)[:16] in shown


def test_reprs_hide_file_keys_and_passphrases() -> None:
    key = FileKey(b"sixteen bytes ok")
    shown = repr(key) + str(key) + repr(ScryptRecipient("a phrase")) + repr(ScryptIdentity("a phrase"))
    assert "sixteen" not in shown
    assert "phrase" not in shown


def test_a_file_key_is_unhashable_and_has_a_fixed_length() -> None:
    with pytest.raises(TypeError):
        hash(FileKey.generate())
    with pytest.raises(HeaderError):
        FileKey(bytes(15))
    assert FileKey(bytes(16)) != bytes(16)


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (X25519Identity.parse, SPEC_X25519[1]),
        (X25519Recipient.parse, SPEC_X25519[0]),
        (X25519Recipient.parse, SPEC_X25519[1][:-1]),
        (X25519Identity.parse, SPEC_HYBRID),
        (HybridIdentity.parse, SPEC_X25519[0]),
        (HybridRecipient.parse, SPEC_X25519[1]),
    ],
)
def test_a_key_of_another_kind_is_refused(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(KeyTextError):
        parse(text)


@pytest.mark.parametrize("kind", [X25519Identity, X25519Recipient, HybridIdentity, HybridRecipient])
def test_a_key_of_the_wrong_length_is_refused(kind: type[X25519Identity]) -> None:
    with pytest.raises(KeyTextError, match="wrong length"):
        kind(bytes(31))


def test_a_low_order_recipient_is_refused() -> None:
    with pytest.raises(KeyTextError, match="not a valid public key"):
        seal(b"", [X25519Recipient(bytes(32))])
    with pytest.raises(KeyTextError, match="not a valid public key"):
        HybridRecipient(b"\xff" * 1216)
    with pytest.raises(KeyTextError, match="not a valid public key"):
        seal(b"", [HybridRecipient(bytes(HybridIdentity.generate().recipient)[:1184] + bytes(32))])


def test_a_file_opens_for_each_of_its_recipients() -> None:
    mine, yours, other = (X25519Identity.generate() for _ in range(3))
    sealed = seal(b"for both", [mine.recipient, yours.recipient])
    assert unseal(sealed, [mine]) == unseal(sealed, [other, yours]) == b"for both"
    with pytest.raises(NoMatchError):
        unseal(sealed, [other])
    with pytest.raises(NoMatchError):
        unseal(sealed, [])


def test_sealing_needs_a_recipient() -> None:
    with pytest.raises(UsageError, match="no recipient"):
        seal(b"", [])


def test_recipients_with_different_labels_are_refused() -> None:
    x25519, hybrid = X25519Identity.generate().recipient, HybridIdentity.generate().recipient
    phrase = ScryptRecipient("phrase", FAST)
    crowds: list[list[Recipient]] = [[x25519, hybrid], [phrase, x25519], [phrase, phrase]]
    for mixed in crowds:
        with pytest.raises(UsageError, match="cannot share"):
            seal(b"", mixed)


def test_a_wrong_passphrase_does_not_match() -> None:
    sealed = seal(b"x", [ScryptRecipient("right", FAST)])
    with pytest.raises(NoMatchError):
        unseal(sealed, [ScryptIdentity("wrong")])
    assert unseal(sealed, [ScryptIdentity("wrong"), ScryptIdentity("right")]) == b"x"


def test_an_excessive_work_factor_is_refused_without_computing_it() -> None:
    stanza = ScryptRecipient("phrase", FAST).wrap(FileKey.generate())
    greedy = Stanza(stanza.type, (stanza.args[0], "40"), stanza.body)
    with pytest.raises(HeaderError, match="40"):
        ScryptIdentity("phrase").unwrap(greedy)
    with pytest.raises(HeaderError, match="exceeds 3"):
        ScryptIdentity("phrase", max_log_n=3).unwrap(stanza)


def test_an_unreadable_work_factor_is_not_written() -> None:
    with pytest.raises(ValueError, match="work factor"):
        ScryptRecipient("phrase", 0)


def test_a_passphrase_stanza_beside_another_is_always_refused() -> None:
    identity, key = X25519Identity.generate(), FileKey.generate()
    phrase = ScryptRecipient("phrase", FAST)
    header = make_header(key, [identity.recipient])
    mixed = Header((*header.stanzas, phrase.wrap(key)), header.mac)
    with pytest.raises(HeaderError, match="must be the only one"):
        open_header(mixed, [identity])


def test_a_stanza_moved_to_another_header_is_detected() -> None:
    identity, key = X25519Identity.generate(), FileKey.generate()
    header = make_header(key, [identity.recipient])
    grown = Header((*header.stanzas, Stanza("example.com/other", (), b"")), header.mac)
    with pytest.raises(HmacError):
        open_header(grown, [identity])


def test_sealing_is_deterministic_for_fixed_entropy() -> None:
    identity = X25519Identity.from_bytes(bytes(32))

    def entropy(length: int) -> bytes:
        return b"\x07" * length

    sealed = seal(b"golden", [identity.recipient], entropy=entropy)
    assert sealed == seal(b"golden", [identity.recipient], entropy=entropy)
    assert unseal(sealed, [identity]) == b"golden"


def test_every_refusal_is_an_integrity_error_with_a_hint() -> None:
    with pytest.raises(IntegrityError) as caught:
        unseal(b"not an age file", [])
    assert caught.value.exit_code == 5
    assert caught.value.hint
