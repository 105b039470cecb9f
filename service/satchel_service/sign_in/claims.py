"""The claims of an ID token (OpenID Connect Core, sections 2 and 3.1.3.7), checked before its signature is.

`check_claims` is pure, and cheap: a stranger's token is refused before it causes any request or write.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from satchel_service.settings import MAX_SUBJECT_CHARS, Settings
from satchel_service.sign_in.accounts import Account
from satchel_service.tokens.strict_json import TokenError
from satchel_wire.factors import has_second_factor

LEEWAY_MS: Final = 60 * 1000
MAX_AGE_MS: Final = 5 * 60 * 1000
MAX_AUDIENCES: Final = 100
LAST_SECOND: Final = 253_402_300_799  # of the year 9999
ID_TOKEN: Final = "ID"  # noqa: S105  Keycloak's claim `typ`: ID, Bearer or Refresh
OF_ACCESS_TOKENS: Final = ("scope", "scp")


class SignedIn(NamedTuple):
    """What an ID token says. Times are in milliseconds since 1970."""

    account: Account
    nonce: str
    issued: int
    authenticated: int | None
    has_second_factor: bool

    def check_age(self, now: int, leeway_ms: int = 0) -> int:
        """Return when the person signed in. Raise TokenError if that is too long ago or unknown."""
        if self.authenticated is None:
            raise TokenError("auth_time is missing, so the issuer does not say when the owner signed in")
        if now - self.authenticated >= MAX_AGE_MS + leeway_ms:
            raise TokenError("auth_time is too old: the sign-in is older than 5 minutes")
        return min(self.authenticated, now)


def check_claims(claims: Mapping[str, Any], settings: Settings, now: int) -> SignedIn:
    """Return what the claims say. Raise TokenError, which names the failed check and never a value."""
    _check_kind(claims)
    if claims.get("iss") != settings.oidc_issuer:
        raise TokenError("iss is not the issuer of this cloud")
    _check_audience(claims, settings)
    issued = _check_times(claims, now)
    authenticated = _time(claims, "auth_time") if "auth_time" in claims else None
    if authenticated is not None and authenticated > now + LEEWAY_MS:
        raise TokenError("auth_time is in the future")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str):
        raise TokenError("nonce is missing, so it is no ID token of this sign-in")
    acr = claims.get("acr")
    return SignedIn(
        Account(settings.oidc_issuer, _subject(claims)),
        nonce,
        issued,
        authenticated,
        has_second_factor(
            _texts(claims.get("amr")), acr if isinstance(acr, str) else None, settings.oidc_acr_values
        ),
    )


def _check_kind(claims: Mapping[str, Any]) -> None:
    """Refuse access tokens that are signed like ID tokens."""
    if claims.get("typ", ID_TOKEN) != ID_TOKEN:
        raise TokenError("typ is not ID, so it is no ID token")
    for name in OF_ACCESS_TOKENS:
        if name in claims:
            raise TokenError(f"{name} is present, so it is an access token")


def _check_audience(claims: Mapping[str, Any], settings: Settings) -> None:
    value = claims.get("aud")
    audiences = [value] if isinstance(value, str) else value
    if (
        not isinstance(audiences, list)
        or len(audiences) > MAX_AUDIENCES
        or settings.oidc_audience not in audiences
    ):
        raise TokenError("aud does not contain the audience of this cloud")
    if not all(isinstance(each, str) for each in audiences):
        raise TokenError("aud contains something that is no text")
    if "azp" not in claims and len(audiences) > 1:
        raise TokenError("azp is missing, although aud has several values")
    if claims.get("azp", settings.oidc_client_id) != settings.oidc_client_id:
        raise TokenError("azp is not the client id of this cloud")


def _check_times(claims: Mapping[str, Any], now: int) -> int:
    """Return when the token was issued."""
    if _time(claims, "exp") + LEEWAY_MS <= now:
        raise TokenError("exp is past: the token has expired")
    issued = _time(claims, "iat")
    if issued > now + LEEWAY_MS:
        raise TokenError("iat is in the future; check the clocks of the issuer and of this cloud")
    if "nbf" in claims and _time(claims, "nbf") > now + LEEWAY_MS:
        raise TokenError("nbf is in the future; check the clocks of the issuer and of this cloud")
    return issued


def _time(claims: Mapping[str, Any], name: str) -> int:
    """Return a NumericDate (RFC 7519, section 2) in milliseconds."""
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= LAST_SECOND:
        raise TokenError(f"{name} is missing or no time")
    return int(value * 1000)


def _subject(claims: Mapping[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_CHARS:
        raise TokenError("sub is missing or too long")
    if not (subject.isascii() and subject.isprintable()):
        raise TokenError("sub contains characters that OpenID Connect does not allow")
    return subject


def _texts(value: object) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
