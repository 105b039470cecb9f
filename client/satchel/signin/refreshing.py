"""What `satchel account --refresh` and `satchel logout` do at the issuer. Nothing else uses a refresh token."""

from typing import TYPE_CHECKING

import msgspec

from satchel.errors import NotFoundError, RefusedError
from satchel.outgoing.address import Origin
from satchel.signin.authorization import IssuerRefusedError
from satchel.signin.endpoints import Client, refresh, revoke
from satchel.signin.id_token import read_claims
from satchel.signin.issuer import Metadata, discover

if TYPE_CHECKING:
    from satchel.outgoing.transport import Transport
    from satchel.signin.account import Account, AccountStore


def refresh_account(accounts: "AccountStore", transport: "Transport") -> tuple["Account", str]:
    """Ask the issuer whether the account's sign-in still holds, and record the answer.

    Return the account, and why a new refresh token was not kept ("" if it was). Raise NotFoundError if there is no
    refresh token; RefusedError, deleting the token, if the issuer does not accept it.
    """
    known = accounts.read()
    token = None if known is None else accounts.refresh_token(known)
    if known is None or token is None:
        raise NotFoundError(
            "there is no refresh token in the keyring",
            hint="sign in again: satchel login; issuers give one only if SATCHEL_OIDC_SCOPES has offline_access",
        )
    try:
        tokens = refresh(_metadata(known, transport), _client(known), transport, token.value)
    except IssuerRefusedError:
        accounts.save(known, None)
        raise
    changed = _refreshed(known, tokens.id_token)
    return changed, accounts.save(changed, tokens.refresh_token or token.value)


def revoke_refresh_token(account: "Account", token: str, transport: "Transport") -> bool:
    """Revoke a refresh token of an account. Return False if the issuer has no endpoint for it."""
    return revoke(_metadata(account, transport), _client(account), transport, token)


def _refreshed(known: "Account", id_token: str | None) -> "Account":
    """Return the account with what a new ID token says. It must be of the same account (OpenID Connect Core, 12.2)."""
    if id_token is None:
        return known
    claims = read_claims(id_token, known.issuer)
    if (claims.iss, claims.sub) != (known.issuer, known.subject):
        raise RefusedError(
            f"the issuer {known.issuer!r} answered for another account", hint="sign in again: satchel login"
        )
    return msgspec.structs.replace(known, has_second_factor=claims.has_second_factor)


def _metadata(account: "Account", transport: "Transport") -> Metadata:
    return discover(account.issuer, Origin.parse(account.cloud, allow_http=True), transport)


def _client(account: "Account") -> Client:
    return Client(account.client_id, account.client_secret)
