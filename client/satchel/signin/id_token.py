"""What an ID token says, checked on the device before the token goes to the cloud.

The cloud verifies the signature: it is the one that must believe the token. The device got the token from the issuer
over TLS (OpenID Connect Core, 3.1.3.7) and checks that it is the answer to its own request.
"""

import base64
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Final

import msgspec

from satchel.errors import RefusedError
from satchel_wire.factors import has_second_factor

MAX_TOKEN_BYTES: Final = 16 << 10
LEEWAY: Final = timedelta(seconds=60)
MAX_SUBJECT_CHARS: Final = 255
LATEST_S: Final = 253_402_300_799  # the end of the year 9999

# header.payload.signature (RFC 7515, 7.1)
_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+")

Seconds = Annotated[float, msgspec.Meta(ge=0, le=LATEST_S)]
Text = Annotated[str, msgspec.Meta(max_length=2000)]
Texts = Annotated[tuple[Text, ...], msgspec.Meta(max_length=100)]


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """The claims that the device looks at. Others are the cloud's business, or nobody's."""

    iss: Text
    sub: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_SUBJECT_CHARS)]
    aud: Text | Texts
    exp: Seconds
    iat: Seconds
    nonce: Text | None = None
    azp: Text | None = None
    auth_time: Seconds | None = None
    acr: Text | None = None
    amr: Texts | None = None

    @property
    def audiences(self) -> tuple[str, ...]:
        """Every audience of the token."""
        return (self.aud,) if isinstance(self.aud, str) else self.aud

    @property
    def has_second_factor(self) -> bool | None:
        """What the issuer says about a second factor; None if it says nothing. The cloud also looks at `acr`."""
        return None if self.amr is None else has_second_factor(self.amr)

    def age_s(self, now: datetime) -> float | None:
        """Return how long ago the person signed in, or None if the issuer does not tell."""
        return None if self.auth_time is None else now.timestamp() - self.auth_time


@dataclass(frozen=True, slots=True)
class IdToken:
    """A checked ID token: a credential until the cloud has seen it. Its repr hides it."""

    value: str = field(repr=False)
    claims: Claims


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say."""

    issuer: str
    audience: str
    client_id: str
    nonce: str = field(repr=False)


def check_id_token(value: str, expected: Expected, now: datetime) -> IdToken:
    """Return the token if it answers our request. `now` is the cloud's time. Raise RefusedError otherwise."""
    claims = read_claims(value, expected.issuer)
    for is_wrong, reason, hint in _findings(claims, expected, now):
        if is_wrong:
            raise RefusedError(f"the ID token of the issuer {expected.issuer!r} {reason}", hint=hint)
    return IdToken(value, claims)


def read_claims(value: str, issuer: str) -> Claims:
    """Return what a token says. Raise RefusedError if it cannot be read."""
    match = _COMPACT.fullmatch(value) if len(value) <= MAX_TOKEN_BYTES else None
    try:
        payload = _decode_base64url(match[1] if match else "")
        return msgspec.json.decode(payload, type=Claims)
    except (ValueError, RecursionError) as exc:  # msgspec's errors are ValueErrors
        raise RefusedError(
            f"the issuer {issuer!r} sent an ID token that cannot be read",
            hint="ask the cloud's operator to check the client's settings at the issuer",
        ) from exc


def _decode_base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _findings(claims: Claims, expected: Expected, now: datetime) -> list[tuple[bool, str, str]]:
    """Return each check as whether it fails, the reason, and a hint."""
    again, at, leeway = "sign in again", now.timestamp(), LEEWAY.total_seconds()
    clocks = "the clocks of the issuer and the cloud differ: their operators must set them"
    nonce = "try again; for --device-flow, the issuer must copy the nonce of the request (many do not): use a browser"
    settings = "the cloud's operator must check SATCHEL_OIDC_CLIENT_ID and SATCHEL_OIDC_AUDIENCE"
    return [
        (claims.iss != expected.issuer, "names another issuer", again),
        (expected.audience not in claims.audiences, "is for another application", settings),
        (claims.azp not in {None, expected.client_id}, "was issued to another application", settings),
        (len(claims.audiences) > 1 and claims.azp is None, "does not say to which application it was issued", settings),
        (not _is_same(claims.nonce or "", expected.nonce), "does not answer this sign-in (its nonce is missing or wrong)", nonce),
        (claims.iat > at + leeway, f"is dated {_minutes(claims.iat - at)} ahead", clocks),
        (claims.exp <= at - leeway, f"expired {_minutes(at - claims.exp)} ago", clocks),
    ]  # fmt: skip


def _is_same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _minutes(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes:,} minute{'' if minutes == 1 else 's'}"
