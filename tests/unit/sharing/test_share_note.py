"""The owner's note is bound to its owner and its share."""

import hmac
import json

import pytest

from satchel.age import X25519Identity, seal, unseal
from satchel.age.keywrap import derive_key
from satchel.errors import IntegrityError
from satchel.keys.secret import ShareSeed
from satchel.sharing.note import NOTE_LABEL, ShareNote, open_note, seal_note

SEED = ShareSeed(b"\x22" * 32)
SHARE = "ab" * 16
RECIPIENT = X25519Identity.from_bytes(b"\x33" * 32).recipient


def note(title: str = "a title") -> ShareNote:
    return ShareNote(SHARE, "01J0000000000000000000000A", title, RECIPIENT)


def test_a_note_round_trips(owner_identity: X25519Identity) -> None:
    sealed = seal_note(note(), share_seed=SEED, owner=owner_identity.recipient)
    assert open_note(sealed, share_id=SHARE, share_seed=SEED, owner=owner_identity) == note()


def test_the_longest_title_fits_the_wire(owner_identity: X25519Identity) -> None:
    sealed = seal_note(note("\U0001f600" * 5000), share_seed=SEED, owner=owner_identity.recipient)
    assert len(sealed) <= 4096
    kept = open_note(sealed, share_id=SHARE, share_seed=SEED, owner=owner_identity)
    assert kept.title == "\U0001f600" * 200


def test_the_length_of_a_note_hides_that_of_a_usual_title(owner_identity: X25519Identity) -> None:
    notes = [note("x" * length) for length in range(60)]
    sealed = [seal_note(each, share_seed=SEED, owner=owner_identity.recipient) for each in notes]
    assert len({len(each) for each in sealed}) == 1


def test_a_note_without_padding_is_read(owner_identity: X25519Identity) -> None:
    """Earlier versions wrote none."""
    sealed = seal_note(note(), share_seed=SEED, owner=owner_identity.recipient)
    document = unseal(sealed, [owner_identity])[32:].rstrip()
    plain = hmac.digest(derive_key(bytes(SEED), salt=b"", info=NOTE_LABEL), document, "sha256") + document
    earlier = seal(plain, [owner_identity.recipient])
    assert open_note(earlier, share_id=SHARE, share_seed=SEED, owner=owner_identity) == note()


def test_another_shares_note_is_refused(owner_identity: X25519Identity) -> None:
    sealed = seal_note(note(), share_seed=SEED, owner=owner_identity.recipient)
    with pytest.raises(IntegrityError, match="not written by this owner"):
        open_note(sealed, share_id="cd" * 16, share_seed=SEED, owner=owner_identity)


def test_another_owners_note_is_refused(owner_identity: X25519Identity) -> None:
    sealed = seal_note(note(), share_seed=SEED, owner=RECIPIENT)
    with pytest.raises(IntegrityError, match="not written by this owner"):
        open_note(sealed, share_id=SHARE, share_seed=SEED, owner=owner_identity)


@pytest.mark.parametrize("plain", [b"", b"short", b"\0" * 32 + b"{}"])
def test_a_forged_note_is_refused(plain: bytes, owner_identity: X25519Identity) -> None:
    with pytest.raises(IntegrityError, match="not written by this owner"):
        open_note(
            seal(plain, [owner_identity.recipient]), share_id=SHARE, share_seed=SEED, owner=owner_identity
        )


def test_a_forger_without_the_seed_cannot_redirect_an_update(owner_identity: X25519Identity) -> None:
    theirs = X25519Identity.from_bytes(b"\x44" * 32).recipient
    document = json.dumps({"share": SHARE, "piece": "x", "title": "t", "recipient": str(theirs)}).encode()
    forged = hmac.digest(b"a guess" * 5, document, "sha256") + document
    with pytest.raises(IntegrityError, match="not written by this owner"):
        open_note(
            seal(forged, [owner_identity.recipient]), share_id=SHARE, share_seed=SEED, owner=owner_identity
        )
