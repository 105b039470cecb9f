"""The verification of an ID token: what a cloud and the provisioner both do with one. It needs no database.

verifier = Verifier(settings, issuer, clock)
verified = await verifier.verify(id_token, nonce_key)
"""

from typing import NamedTuple

from satchel_service.problems import ProblemError
from satchel_service.settings import Settings
from satchel_service.sign_in.claims import SignedIn, check_claims
from satchel_service.sign_in.issuer import Issuer
from satchel_service.sign_in.nonces import read_nonce
from satchel_service.times import Clock
from satchel_service.tokens.compact import Token
from satchel_service.tokens.strict_json import TokenError
from satchel_wire.problems import ProblemCode


class Verified(NamedTuple):
    """A sign-in whose ID token is valid, and the expiry of its nonce. Nothing has happened yet."""

    signed_in: SignedIn
    nonce_expires: int


class Verifier:
    """Verifies the ID tokens of the issuer of the settings."""

    def __init__(self, settings: Settings, issuer: Issuer, clock: Clock) -> None:
        self._settings = settings
        self._issuer = issuer
        self._clock = clock

    async def verify(self, id_token: str, nonce_key: bytes) -> Verified:
        """Verify an ID token, cheap checks first. Raise TokenError, or a `second-factor` or `unavailable` problem.

        `nonce_key` is the key of the nonces that this server makes.
        """
        token = Token.parse(id_token)
        now = self._clock()
        signed_in = check_claims(token.decode_claims(), self._settings, now)
        expires = read_nonce(nonce_key, signed_in.nonce, now)
        if expires is None:
            raise TokenError("nonce is not one of this cloud, or it has expired")
        await self._issuer.verify(token, signed_in.issued)
        if self._settings.oidc_require_mfa and not signed_in.has_second_factor:
            raise ProblemError(
                ProblemCode.SECOND_FACTOR, "neither amr nor acr of the ID token shows a second factor"
            )
        return Verified(signed_in, expires)
