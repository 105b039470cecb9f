"""Who signs in at the provisioner: nonces, ID tokens, and which accounts may have a cloud.

Tokens are verified by the code of the service. The issuer's keys are kept in memory, and fetched again after a restart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from satchel_infra.configuration import Access
from satchel_service.problems import ProblemError
from satchel_service.rates import AttemptLimiter, Rate
from satchel_service.settings import Settings
from satchel_service.sign_in.claims import LEEWAY_MS
from satchel_service.sign_in.issuer import Issuer, KnownKeys
from satchel_service.sign_in.nonces import RANDOM_BYTES, TTL_MS, make_nonce, nonce_digest
from satchel_service.sign_in.verification import Presented, Verified, Verifier, WrongSignIns, describe_sign_in
from satchel_service.times import Clock, to_time
from satchel_service.tokens.compact import Token
from satchel_service.tokens.keys import PublicKey
from satchel_service.tokens.strict_json import TokenError
from satchel_wire.messages import SignInInfo, SignInNonce
from satchel_wire.problems import ProblemCode
from satchel_wire.provisioning import CloudRequest

EACH_ACCOUNT: Final = Rate(burst=20, refill_ms=15_000)
MAX_CLAIM_VALUES: Final = 1000


class KeysInMemory:
    """Implements `KeyMemory`."""

    def __init__(self) -> None:
        self._known = KnownKeys()

    async def load(self) -> KnownKeys:
        """Return what is known."""
        return self._known

    async def attempt(self, now: int) -> None:
        """Remember that fetching was tried."""
        self._known = self._known._replace(attempted=now)

    async def save(self, keys: tuple[PublicKey, ...], now: int) -> None:
        """Remember keys."""
        self._known = KnownKeys(keys, now, now)


@dataclass(frozen=True, slots=True)
class Person:
    """An account that has signed in. `asked` is when its nonce was made, so it is earlier than the sign-in."""

    subject: str
    asked: int
    nonce: str
    nonce_expires: int

    @property
    def nonce_digest(self) -> bytes:
        """What is recorded of a used nonce."""
        return nonce_digest(self.nonce)

    def __repr__(self) -> str:
        return "Person(…)"


class SignIns:
    """Verifies sign-ins. `nonce_key` is the key of the nonces that this provisioner makes."""

    def __init__(self, settings: Settings, access: Access, nonce_key: bytes, clock: Clock) -> None:
        self._settings = settings
        self._access = access
        self._nonce_key = nonce_key
        self._clock = clock
        issuer = Issuer(settings.oidc_issuer, KeysInMemory(), clock, ca_bundle=settings.oidc_ca_bundle)
        self._verifier = Verifier(settings, issuer, clock)
        self._wrong = WrongSignIns(clock)
        self._accounts = AttemptLimiter(EACH_ACCOUNT, clock)

    def show(self) -> SignInInfo:
        """Return where and how to sign in."""
        return describe_sign_in(self._settings, needs_code=False)

    def create_nonce(self, random: bytes) -> SignInNonce:
        """Return a nonce for one ID token, from `RANDOM_BYTES` random bytes."""
        nonce = make_nonce(self._nonce_key, random[:RANDOM_BYTES], self._clock())
        return SignInNonce(nonce=nonce.text, expires=to_time(nonce.expires))

    async def verify_request(self, message: CloudRequest, origin: str) -> Person:
        """Return who asks for a cloud. Raise the problems of the operation `request_cloud`.

        `origin` is this provisioner's address in canonical form.
        """
        verified = await self._verify(message, origin)
        if not is_allowed(self._access, Token.parse(message.id_token).decode_claims()):
            raise self._wrong.count(
                ProblemError(ProblemCode.NOT_OWNER, "this account may not have a cloud here")
            )
        return self._person(verified)

    async def verify_removal(self, message: CloudRequest, origin: str) -> Person:
        """Return who asks for a removal: a sign-in of the last five minutes. An account that lost access may remove its cloud.

        Raise the problems of the operation `remove_cloud`.
        """
        verified = await self._verify(message, origin)
        try:
            verified.signed_in.check_age(self._clock(), LEEWAY_MS)
        except TokenError as exc:
            raise ProblemError(ProblemCode.FRESH_SIGN_IN, str(exc)) from exc
        return self._person(verified)

    async def _verify(self, message: CloudRequest, origin: str) -> Verified:
        presented = Presented(message.id_token, message.nonce, origin)
        try:
            return await self._verifier.verify(presented, self._nonce_key)
        except TokenError as exc:
            raise self._wrong.count(ProblemError(ProblemCode.WRONG_SIGN_IN, str(exc))) from exc

    def _person(self, verified: Verified) -> Person:
        """Return who signed in. Raise a `too-many` problem for an account that asks too often."""
        subject = verified.signed_in.account.subject
        self._accounts.check(subject)
        self._accounts.record_failure(subject)
        expires = verified.nonce_expires
        return Person(subject, expires - TTL_MS, verified.nonce, expires)


def is_allowed(access: Access, claims: Mapping[str, Any]) -> bool:
    """Return whether an account may have a cloud: by its subject, or by a claim that is a text or a list of texts."""
    if access.is_open or claims.get("sub") in access.subjects:
        return True
    value = claims.get(access.claim) if access.claim else None
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or len(listed) > MAX_CLAIM_VALUES:
        return False
    return any(isinstance(each, str) and each in access.values for each in listed)
