"""Refresh tokens at a certified provider: rotation, reuse, revocation, and answers for another account."""

from pathlib import Path

import pytest
from tests.oidc.issuer import Issuer
from tests.oidc.user_agent import Person
from tests.unit.signin.conftest import Desk, MemoryKeyring

from satchel.errors import NotFoundError, RefusedError, UnreachableError
from satchel.signin.account import Account, AccountStore
from satchel.signin.refreshing import refresh_account, revoke_refresh_token


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring()


@pytest.fixture
def accounts(tmp_path: Path, keyring: MemoryKeyring) -> AccountStore:
    return AccountStore(tmp_path, keyring)


@pytest.fixture
def account(desk: Desk, provider: Issuer, accounts: AccountStore) -> Account:
    """An account with a refresh token, of a person without a second factor."""
    desk.change(scopes=["openid", "offline_access"])
    signed_in = desk.sign_in()
    made = Account(
        cloud="http://127.0.0.1:9",
        issuer=provider.url,
        client_id="satchel",
        subject="ada",
        signed_in=signed_in.at,
    )
    accounts.save(made, signed_in.refresh_token)
    kept = accounts.read()
    assert kept is not None
    return kept


def test_refreshing_rotates_the_token(
    account: Account, accounts: AccountStore, keyring: MemoryKeyring, desk: Desk
) -> None:
    before = set(keyring.held.values())
    refreshed, reason = refresh_account(accounts, desk.transport)
    assert (refreshed.subject, refreshed.has_second_factor, reason) == ("ada", False, "")
    after = set(keyring.held.values())
    assert len(after) == 1
    assert not before & after
    refresh_account(accounts, desk.transport)


def test_a_reused_token_is_refused_and_deleted(
    account: Account, accounts: AccountStore, keyring: MemoryKeyring, desk: Desk
) -> None:
    """A thief and the owner hold the same token: the second use ends both, and the owner hears of it."""
    stolen = dict(keyring.held)
    refresh_account(accounts, desk.transport)
    rotated = accounts.read()
    assert rotated is not None
    assert rotated.refresh_entry is not None
    keyring.held = {f"refresh/{rotated.refresh_entry}": next(iter(stolen.values()))}
    with pytest.raises(RefusedError, match="used, expired or revoked"):
        refresh_account(accounts, desk.transport)
    assert keyring.held == {}
    with pytest.raises(NotFoundError):
        refresh_account(accounts, desk.transport)


def test_a_revoked_token_no_longer_refreshes(
    account: Account, accounts: AccountStore, keyring: MemoryKeyring, desk: Desk
) -> None:
    token = next(iter(keyring.held.values()))
    assert revoke_refresh_token(account, token, desk.transport)
    with pytest.raises(RefusedError):
        refresh_account(accounts, desk.transport)


def test_an_issuer_without_revocation_is_told_apart(account: Account, provider: Issuer, desk: Desk) -> None:
    provider.change_metadata(revocation_endpoint=None)
    assert not revoke_refresh_token(account, "token", desk.transport)


def test_a_failing_revocation_is_an_error(account: Account, provider: Issuer, desk: Desk) -> None:
    provider.fail({"/token/revocation": 500})
    with pytest.raises(UnreachableError):
        revoke_refresh_token(account, "token", desk.transport)


def test_a_failing_issuer_does_not_cost_the_token(
    account: Account, accounts: AccountStore, keyring: MemoryKeyring, provider: Issuer, desk: Desk
) -> None:
    provider.fail({"/token": 503})
    with pytest.raises(UnreachableError):
        refresh_account(accounts, desk.transport)
    assert len(keyring.held) == 1


def test_an_answer_for_another_account_is_refused(
    account: Account, accounts: AccountStore, provider: Issuer, desk: Desk
) -> None:
    desk.agent.person = Person("grace")
    desk.change(scopes=["openid"])
    other = desk.sign_in(as_another=True).token.value
    provider.change_token_response(id_token=other)
    with pytest.raises(RefusedError, match="another account"):
        refresh_account(accounts, desk.transport)


def test_nothing_to_refresh_is_explained(accounts: AccountStore, desk: Desk) -> None:
    with pytest.raises(NotFoundError) as caught:
        refresh_account(accounts, desk.transport)
    assert "satchel login" in caught.value.hint
