"""What a home remembers of its account: private files, and a refresh token in the keyring or nowhere."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.signin.conftest import MemoryKeyring

from satchel.errors import SatchelError
from satchel.keys.systemkeyring import KeyringUnusableError, SystemKeyring
from satchel.outgoing.address import Origin
from satchel.signin.account import Account, AccountStore, PendingSignIn

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
CLOUD = Origin.parse("https://cloud.example.com")
SECRET = "a-refresh-token-that-must-not-show"


class LockedKeyring(MemoryKeyring):
    def store(self, name: str, secret: str) -> None:
        del name, secret
        raise KeyringUnusableError("the keyring is locked")


def account() -> Account:
    return Account(
        cloud=str(CLOUD),
        issuer="https://issuer.example.com/",
        client_id="satchel",
        subject="auth0|123",
        signed_in=NOW,
        has_second_factor=True,
    )


def pending(**changes: object) -> PendingSignIn:
    members = {
        "cloud": str(CLOUD), "issuer": "https://issuer.example.com/", "subject": "s", "id_token": SECRET, "nonce": "n",
        "until": NOW + timedelta(minutes=5),
    }  # fmt: skip
    return PendingSignIn(**(members | changes))  # type: ignore[arg-type]


def files(home: Path) -> str:
    return "".join(path.read_text() for path in home.rglob("*") if path.is_file())


def test_an_account_is_a_private_file(tmp_path: Path) -> None:
    store = AccountStore(tmp_path, MemoryKeyring())
    assert store.read() is None
    assert store.save(account(), None) == ""
    assert store.read() == account()
    assert stat.S_IMODE((tmp_path / "account.json").stat().st_mode) == 0o600
    assert json.loads((tmp_path / "account.json").read_text())["format"] == "satchel-account/1"


def test_a_refresh_token_lives_in_the_keyring_only(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    store = AccountStore(tmp_path, keyring)
    assert store.save(account(), SECRET) == ""
    kept = store.read()
    assert kept is not None
    token = store.refresh_token(kept)
    assert token is not None
    assert token.value == SECRET
    assert SECRET not in f"{token!r}{files(tmp_path)}"
    assert list(keyring.held.values()) == [SECRET]


def test_a_new_refresh_token_replaces_the_old_one(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    store = AccountStore(tmp_path, keyring)
    store.save(account(), "old")
    store.save(account(), "new")
    assert list(keyring.held.values()) == ["new"]
    store.save(account(), None)
    assert keyring.held == {}


@pytest.mark.parametrize("keyring", [LockedKeyring(), SystemKeyring(is_on=False)])
def test_without_a_keyring_the_refresh_token_is_not_kept_and_the_reason_is_told(
    tmp_path: Path, keyring: SystemKeyring
) -> None:
    store = AccountStore(tmp_path, keyring)
    assert "the keyring is" in store.save(account(), SECRET)
    kept = store.read()
    assert kept is not None
    assert store.refresh_token(kept) is None
    assert SECRET not in files(tmp_path)


def test_a_pending_sign_in_works_once_for_its_cloud_and_time(tmp_path: Path) -> None:
    store = AccountStore(tmp_path, MemoryKeyring())
    store.save_pending(pending())
    assert stat.S_IMODE((tmp_path / "sign-in.json").stat().st_mode) == 0o600
    taken = store.take_pending(CLOUD, NOW)
    assert taken == pending()
    assert SECRET not in repr(taken)
    assert store.take_pending(CLOUD, NOW) is None
    for cloud, now in ((Origin.parse("https://other.example.com"), NOW), (CLOUD, NOW + timedelta(minutes=5))):
        store.save_pending(pending())
        assert store.take_pending(cloud, now) is None
        assert not (tmp_path / "sign-in.json").exists(), "a token that was not used is deleted"


def test_forgetting_deletes_everything(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    store = AccountStore(tmp_path, keyring)
    store.save(account(), SECRET)
    store.save_pending(pending())
    forgotten = store.forget()
    assert forgotten is not None
    assert forgotten.subject == "auth0|123"
    assert list(tmp_path.iterdir()) == []
    assert keyring.held == {}
    assert store.forget() is None


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"\xff", b"[", b'{"format": "satchel-account/1"}', b'{"format": 5}']
)
def test_damaged_records_count_as_missing(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "account.json").write_bytes(data)
    (tmp_path / "sign-in.json").write_bytes(data)
    store = AccountStore(tmp_path, MemoryKeyring())
    assert store.read() is None
    assert store.take_pending(CLOUD, NOW) is None


def test_records_of_a_later_version_are_not_overwritten_silently(tmp_path: Path) -> None:
    (tmp_path / "account.json").write_text('{"format": "satchel-account/2", "subject": "s"}')
    store = AccountStore(tmp_path, MemoryKeyring())
    with pytest.raises(SatchelError, match="newer than this version"):
        store.read()


def test_a_moved_cloud_keeps_its_account_and_refresh_token(tmp_path: Path) -> None:
    store, new = AccountStore(tmp_path, MemoryKeyring()), Origin.parse("https://new.example.com")
    store.save(account(), SECRET)
    store.rename_cloud(CLOUD, new)
    kept = store.read()
    assert kept is not None
    assert kept.cloud == str(new)
    assert store.refresh_token(kept) is not None
    store.rename_cloud(CLOUD, new)  # an interrupted run is repeated
    store.rename_cloud(CLOUD, Origin.parse("https://other.example.com"))
    assert store.read() == kept
