"""Plans of shares are functions of their arguments."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from satchel.age import unseal
from satchel.errors import NotFoundError, UsageError
from satchel.keys import OwnerKeys, RootSecret, derive_owner_keys
from satchel.sharing.body import SharedPiece, open_body
from satchel.sharing.identity import PasswordProfile, share_key
from satchel.sharing.note import open_note
from satchel.sharing.plan import LimitChanges, ShareLimits, find_share, plan_share, plan_update
from satchel_wire.messages import Share

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def owner() -> OwnerKeys:
    return derive_owner_keys(RootSecret(b"\x77" * 32))


def wire_share(share_id: str, *, version: int = 1) -> Share:
    return Share(
        id=share_id,
        version=version,
        created=NOW,
        updated=NOW,
        expires=None,
        views=None,
        opened=0,
        last_opened=None,
        size_bytes=1,
        has_password=False,
        state="live",
        note=b"",
    )


@pytest.mark.parametrize("password", [None, "open sesame"])
def test_the_link_and_password_open_the_planned_body(
    owner: OwnerKeys, piece: SharedPiece, entropy: Callable[[int], bytes], password: str | None
) -> None:
    plan = plan_share(
        "01J",
        piece,
        ShareLimits(NOW, 3),
        origin="https://cloud.example.com",
        password=password,
        owner=owner,
        entropy=entropy,
    )
    told = plan.request
    profile = PasswordProfile(told.password.salt, told.password.log_n) if told.password else None
    assert (profile is None) == (password is None)
    key = share_key(plan.link.secret, password=password, profile=profile)
    assert open_body(plan.body, key) == piece
    assert told.proof_sha256 == hashlib.sha256(key.proof).digest()
    assert (told.expires, told.views, told.upload) == (NOW, 3, plan.upload_id)
    assert len({plan.link.share_id, plan.upload_id}) == 2


def test_the_request_to_the_cloud_cannot_open_the_share(
    owner: OwnerKeys, piece: SharedPiece, entropy: Callable[[int], bytes]
) -> None:
    plan = plan_share(
        "01J",
        piece,
        ShareLimits(None, None),
        origin="https://c.example.com",
        password=None,
        owner=owner,
        entropy=entropy,
    )
    told = repr(plan.request).encode() + plan.request.note + plan.body
    key = share_key(plan.link.secret)
    for secret in (bytes(plan.link.secret), key.proof, bytes(key.recipient)):
        assert secret not in told
        assert secret.hex().encode() not in told
    assert str(key.recipient).encode() not in told


def test_an_update_seals_to_the_recipient_in_the_note(
    owner: OwnerKeys, piece: SharedPiece, entropy: Callable[[int], bytes]
) -> None:
    plan = plan_share(
        "01J",
        piece,
        ShareLimits(None, None),
        origin="https://c.example.com",
        password="pw",
        owner=owner,
        entropy=entropy,
    )
    note = open_note(
        plan.request.note, share_id=plan.link.share_id, share_seed=owner.share_seed, owner=owner.identity
    )
    assert (note.piece_id, note.title) == ("01J", piece.title)
    change = plan_update(
        wire_share(plan.link.share_id, version=4), note, piece, LimitChanges(views=None), entropy=entropy
    )
    assert plan.request.password is not None
    key = share_key(plan.link.secret, password="pw", profile=PasswordProfile(plan.request.password.salt))
    assert open_body(change.body, key) == piece
    assert (change.change.version, change.change.upload, change.change.views) == (4, change.upload_id, None)
    assert change.upload_id != plan.upload_id
    assert unseal(change.body, [key.identity])


def test_a_share_is_found_by_an_id_prefix() -> None:
    shares = [wire_share("ab" * 16), wire_share("ac" * 16)]
    assert find_share(shares, "AB") is shares[0]
    with pytest.raises(UsageError, match="several shares"):
        find_share(shares, "a")
    for nothing in ("", "b"):
        with pytest.raises(NotFoundError):
            find_share(shares, nothing)
