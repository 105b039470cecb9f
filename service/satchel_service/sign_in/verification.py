"""What a cloud and the provisioner both do to sign a person in: describe it, verify ID tokens, count wrong ones.

It needs no database.

verifier = Verifier(settings, issuer, clock)
verified = await verifier.verify(Presented(id_token, nonce, origin), nonce_key)
"""

import hmac
from typing import Final, NamedTuple

from satchel_service.problems import ProblemError
from satchel_service.rates import AttemptLimiter, Rate
from satchel_service.settings import Settings
from satchel_service.sign_in.claims import MAX_AGE_MS, SignedIn, check_claims
from satchel_service.sign_in.issuer import Issuer
from satchel_service.sign_in.nonces import read_nonce
from satchel_service.times import Clock
from satchel_service.tokens.compact import Token
from satchel_service.tokens.strict_json import TokenError
from satchel_wire.binding import bind_nonce
from satchel_wire.messages import SignInInfo
from satchel_wire.problems import ProblemCode

# one bucket for all clients, because addresses behind proxies are unreliable
SHARED_BUCKET: Final = "sign-in"
WRONG_SIGN_INS: Final = Rate(burst=20, refill_ms=1000)
COUNTED: Final = (ProblemCode.WRONG_SIGN_IN, ProblemCode.NOT_OWNER)


class Presented(NamedTuple):
    """An ID token as a device sends it. Nothing is verified yet."""

    id_token: str
    nonce: str
    """The server's nonce, to which the token's own nonce is bound."""
    origin: str
    """This server's address, in canonical form."""


class Verified(NamedTuple):
    """A sign-in whose ID token is valid, the server's nonce, and its expiry. Nothing has happened yet."""

    signed_in: SignedIn
    nonce: str
    nonce_expires: int


class Verifier:
    """Verifies the ID tokens of the issuer of the settings."""

    def __init__(self, settings: Settings, issuer: Issuer, clock: Clock) -> None:
        self._settings = settings
        self._issuer = issuer
        self._clock = clock

    async def verify(self, presented: Presented, nonce_key: bytes) -> Verified:
        """Verify an ID token, cheap checks first. Raise TokenError, or a `second-factor` or `unavailable` problem.

        `nonce_key` is the key of the nonces that this server makes.
        """
        token = Token.parse(presented.id_token)
        now = self._clock()
        signed_in = check_claims(token.decode_claims(), self._settings, now)
        expires = read_nonce(nonce_key, presented.nonce, now)
        if expires is None:
            raise TokenError("nonce is not one of this server, or it has expired")
        check_binding(signed_in.nonce, presented)
        await self._issuer.verify(token, signed_in.issued)
        if self._settings.oidc_require_mfa and not signed_in.has_second_factor:
            raise ProblemError(
                ProblemCode.SECOND_FACTOR, "neither amr nor acr of the ID token shows a second factor"
            )
        return Verified(signed_in, presented.nonce, expires)


def check_binding(claim: str, presented: Presented) -> None:
    """Raise TokenError unless the nonce of a token is the server's nonce bound to the server's address."""
    bound = bind_nonce(presented.origin, presented.nonce)
    if not hmac.compare_digest(claim.encode(errors="surrogatepass"), bound.encode()):
        raise TokenError("nonce does not match: the sign-in was made for another address")


class WrongSignIns:
    """Counts wrong sign-ins of everyone together. Valid ones pass despite it, so strangers cannot lock an owner out."""

    def __init__(self, clock: Clock) -> None:
        self._limiter = AttemptLimiter(WRONG_SIGN_INS, clock)

    def count(self, problem: ProblemError) -> ProblemError:
        """Count a refused sign-in if it is a wrong one. Return the problem to raise: `too-many` beyond the limit."""
        if problem.code in COUNTED:
            try:
                self._limiter.check(SHARED_BUCKET)
            except ProblemError as too_many:
                return too_many
            self._limiter.record_failure(SHARED_BUCKET)
        return problem


def describe_sign_in(settings: Settings, *, needs_code: bool) -> SignInInfo:
    """Return where and how to sign in. `needs_code`: whether the first sign-in takes a code of the operator."""
    return SignInInfo(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        audience=settings.oidc_audience,
        client_secret=settings.oidc_client_secret or None,
        scopes=settings.oidc_scopes,
        acr_values=settings.oidc_acr_values,
        requires_mfa=settings.oidc_require_mfa,
        needs_code=needs_code,
        max_age_s=MAX_AGE_MS // 1000,
        redirect_ports=settings.oidc_redirect_ports,
    )
