"""The issuer's public keys: fetched rarely, remembered, renewed when a token names an unknown key.

- Keys are renewed when they are an hour old. If the issuer does not respond, they are used until they are a day old.
- A token with an unknown key causes one request a minute at most, however many arrive, also after a restart.
- After a failure the issuer is left alone for some seconds.
"""

import asyncio
from typing import Final, NamedTuple, Protocol

from satchel_service.problems import ProblemError
from satchel_service.sign_in.claims import LEEWAY_MS
from satchel_service.sign_in.requests import Address, IssuerUnavailableError, get
from satchel_service.times import Clock
from satchel_service.tokens.compact import Token
from satchel_service.tokens.keys import PublicKey, find_key, parse_key_set
from satchel_service.tokens.strict_json import TokenError, decode_object
from satchel_wire.problems import ProblemCode

METADATA: Final = "/.well-known/openid-configuration"
FRESH_MS: Final = 60 * 60 * 1000
USABLE_MS: Final = 24 * 60 * 60 * 1000
ROTATION_MS: Final = 60 * 1000
FAILURE_MS: Final = 15 * 1000


class KnownKeys(NamedTuple):
    """The keys as last fetched, and when fetching was last tried."""

    keys: tuple[PublicKey, ...] = ()
    fetched: int | None = None
    attempted: int | None = None

    def usable(self, now: int) -> tuple[PublicKey, ...]:
        """Return the keys if they are at most a day old."""
        return self.keys if self._is_within(self.fetched, USABLE_MS, now) else ()

    def is_due(self, now: int) -> bool:
        """Return whether the keys are old and may be renewed now."""
        return not self._is_within(self.fetched, FRESH_MS, now) and self.wait_ms(now) == 0

    def wait_ms(self, now: int) -> int:
        """Return how long to wait before the issuer is asked again."""
        pause_ms = ROTATION_MS if self.attempted == self.fetched else FAILURE_MS
        if self.attempted is None or not self._is_within(self.attempted, pause_ms, now):
            return 0
        return self.attempted + pause_ms - now

    @staticmethod
    def _is_within(moment: int | None, duration_ms: int, now: int) -> bool:
        return moment is not None and 0 <= now - moment < duration_ms


class KeyMemory(Protocol):
    """Remembers what is known about the keys of one issuer."""

    async def load(self) -> KnownKeys:
        """Return what is known."""

    async def attempt(self, now: int) -> None:
        """Remember that fetching was tried at a time. The keys stay known."""

    async def save(self, keys: tuple[PublicKey, ...], now: int) -> None:
        """Remember keys that were fetched at a time."""


class Issuer:
    """Verifies the signatures of tokens with the issuer's keys."""

    def __init__(self, name: str, memory: KeyMemory, clock: Clock, *, ca_bundle: str = "") -> None:
        self._name = name
        self._memory = memory
        self._clock = clock
        self._ca_bundle = ca_bundle
        self._fetching = asyncio.Lock()
        self._failure = ""  # why the latest request failed, for the owner who sets the cloud up

    async def verify(self, token: Token, issued: int) -> None:
        """Verify the signature of a token. Raise TokenError, or an `unavailable` problem without the needed keys."""
        known = await self._memory.load()
        if known.is_due(self._clock()):
            known = await self._renew(known)
        if await self._is_signed(token, known):
            return
        if known.wait_ms(self._clock()) == 0:
            known = await self._renew(known)
        elif self._fetching.locked():  # for another token
            known = await self._wait_for_keys()
        if await self._is_signed(token, known):
            return
        raise self._unknown_key(known, issued)

    async def _is_signed(self, token: Token, known: KnownKeys) -> bool:
        """Return whether a key of the issuer signed the token; False if the key is unknown. Raise TokenError."""
        key = find_key(known.usable(self._clock()), token.header)
        if key is None:
            return False
        try:
            await asyncio.to_thread(_verify, token, key)
        except TokenError:
            if token.header.key_id is None:  # the issuer may have replaced its only key
                return False
            raise
        return True

    def _unknown_key(self, known: KnownKeys, issued: int) -> Exception:
        """Return the exception for a token whose key is not known."""
        now = self._clock()
        if known.usable(now) and known.fetched is not None and known.fetched >= issued + LEEWAY_MS:
            return TokenError("the issuer has no key that fits the token")
        wait_s = -(-known.wait_ms(now) // 1000)
        if known.usable(now) and known.attempted == known.fetched:
            detail = "the issuer has no key that fits the token yet"
        else:
            detail = ": ".join(filter(None, ("the keys of the issuer cannot be fetched", self._failure)))
        return ProblemError(ProblemCode.UNAVAILABLE, detail, retry_after_s=max(1, wait_s))

    async def _wait_for_keys(self) -> KnownKeys:
        """Return the keys once the request that is under way has ended."""
        async with self._fetching:
            return await self._memory.load()

    async def _renew(self, seen: KnownKeys) -> KnownKeys:
        """Fetch the keys, one request at a time; return the earlier ones if that fails.

        What was fetched while waiting for another request is used instead.
        """
        async with self._fetching:
            known = await self._memory.load()
            if known.attempted != seen.attempted:
                return known
            now = self._clock()
            await self._memory.attempt(now)
            try:
                keys = await asyncio.to_thread(fetch_keys, self._name, self._ca_bundle)
            except (IssuerUnavailableError, TokenError) as exc:
                self._failure = str(exc)
                return known._replace(attempted=now)
            self._failure = ""
            await self._memory.save(keys, now)
            return KnownKeys(keys, now, now)


def fetch_keys(issuer: str, ca_bundle: str) -> tuple[PublicKey, ...]:
    """Fetch the metadata of an issuer, then its keys. Blocks. Raise IssuerUnavailableError or TokenError."""
    address = Address.parse(issuer.removesuffix("/") + METADATA)
    metadata = decode_object(get(address, ca_bundle=ca_bundle), "the issuer's metadata")
    if metadata.get("issuer") != issuer:
        raise IssuerUnavailableError("the metadata names another issuer")
    location = metadata.get("jwks_uri")
    if not isinstance(location, str):
        raise IssuerUnavailableError("the metadata names no keys")
    keys_at = Address.parse(location)
    if address.scheme == "https" and keys_at.scheme != "https":
        raise IssuerUnavailableError("the address of the keys is not https")
    return parse_key_set(get(keys_at, ca_bundle=ca_bundle))


def _verify(token: Token, key: PublicKey) -> None:
    from satchel_service.tokens.signatures import verify  # noqa: PLC0415  80 ms, only for a sign-in

    verify(token, key)
