"""The owner's note is bound to its owner and its share."""

import hmac
import json

import pytest

from satchel.age import X25519Identity, seal
from satchel.errors import IntegrityError
from satchel.keys.secret import ShareSeed
from satchel.sharing.note import ShareNote, open_note, seal_note

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
