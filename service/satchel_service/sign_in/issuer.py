"""The issuer's public keys: fetched rarely, kept in the micro-database, renewed when a token names an unknown key.

- Keys are renewed when they are an hour old. If the issuer does not respond, they are used until they are a day old.
- A token with an unknown key causes one request a minute at most, however many arrive, also after a restart.
- After a failure the issuer is left alone for some seconds.
"""

import asyncio
from functools import partial
from typing import Final, NamedTuple, Self

import apsw

from satchel_service.database import row
from satchel_service.environment import Environment, in_thread
from satchel_service.problems import ProblemError
from satchel_service.sign_in.claims import LEEWAY_MS
from satchel_service.sign_in.requests import Address, IssuerUnavailableError, get
from satchel_service.tokens.compact import Token
from satchel_service.tokens.keys import PublicKey, encode_key_set, find_key, parse_key_set
from satchel_service.tokens.strict_json import TokenError, decode_object
from satchel_wire.problems import ProblemCode

METADATA: Final = "/.well-known/openid-configuration"
FRESH_MS: Final = 60 * 60 * 1000
USABLE_MS: Final = 24 * 60 * 60 * 1000
ROTATION_MS: Final = 60 * 1000
FAILURE_MS: Final = 15 * 1000
SAVE_KEYS: Final = "INSERT OR REPLACE INTO issuer_keys(issuer, keys, fetched, attempted) VALUES (?, ?, ?, ?)"
SAVE_ATTEMPT: Final = """
INSERT INTO issuer_keys(issuer, attempted) VALUES (?, ?) ON CONFLICT DO UPDATE SET attempted = excluded.attempted
"""


class KnownKeys(NamedTuple):
    """The keys as last fetched, and when fetching was last tried."""

    keys: tuple[PublicKey, ...] = ()
    fetched: int | None = None
    attempted: int | None = None

    @classmethod
    def load(cls, db: apsw.Connection, issuer: str) -> Self:
        """Return what the micro-database has about an issuer."""
        found = row(db, "SELECT keys, fetched, attempted FROM issuer_keys WHERE issuer = ?", (issuer,))
        if found is None:
            return cls()
        keys, fetched, attempted = found
        return cls(() if keys is None else parse_key_set(keys.encode()), fetched, attempted)

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


class Issuer:
    """Verifies the signatures of tokens with the issuer's keys."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment
        self._name = environment.settings.oidc_issuer
        self._fetching = asyncio.Lock()
        self._failure = ""  # why the latest request failed, for the owner who sets the cloud up

    async def verify(self, token: Token, issued: int) -> None:
        """Verify the signature of a token. Raise TokenError, or an `unavailable` problem without the needed keys."""
        known = await self._load()
        if known.is_due(self._env.clock()):
            known = await self._renew(known)
        if await self._is_signed(token, known):
            return
        if known.wait_ms(self._env.clock()) == 0:
            known = await self._renew(known)
            if await self._is_signed(token, known):
                return
        raise self._unknown_key(known, issued)

    async def _is_signed(self, token: Token, known: KnownKeys) -> bool:
        """Return whether a key of the issuer signed the token; False if the key is unknown. Raise TokenError."""
        key = find_key(known.usable(self._env.clock()), token.header)
        if key is None:
            return False
        try:
            await in_thread(_verify, token, key)
        except TokenError:
            if token.header.key_id is None:  # the issuer may have replaced its only key
                return False
            raise
        return True

    def _unknown_key(self, known: KnownKeys, issued: int) -> Exception:
        """Return the exception for a token whose key is not known."""
        now = self._env.clock()
        if known.usable(now) and known.fetched is not None and known.fetched >= issued + LEEWAY_MS:
            return TokenError("the issuer has no key that fits the token")
        wait_s = -(-known.wait_ms(now) // 1000)
        if known.usable(now) and known.attempted == known.fetched:
            detail = "the issuer has no key that fits the token yet"
        else:
            detail = ": ".join(filter(None, ("the keys of the issuer cannot be fetched", self._failure)))
        return ProblemError(ProblemCode.UNAVAILABLE, detail, retry_after_s=max(1, wait_s))

    async def _renew(self, seen: KnownKeys) -> KnownKeys:
        """Fetch the keys, one request at a time; return the earlier ones if that fails.

        What was fetched while waiting for another request is used instead.
        """
        async with self._fetching:
            known = await self._load()
            if known.attempted != seen.attempted:
                return known
            now = self._env.clock()
            await self._env.database.write(lambda db: db.execute(SAVE_ATTEMPT, (self._name, now)))
            try:
                keys = await in_thread(fetch_keys, self._name, self._env.settings.oidc_ca_bundle)
            except (IssuerUnavailableError, TokenError) as exc:
                self._failure = str(exc)
                return known._replace(attempted=now)
            self._failure = ""
            document = encode_key_set(keys).decode()
            await self._env.database.write(partial(_save, self._name, document, now))
            return KnownKeys(keys, now, now)

    async def _load(self) -> KnownKeys:
        return await self._env.database.read(lambda db: KnownKeys.load(db, self._name))


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


def _save(issuer: str, document: str, now: int, db: apsw.Connection) -> None:
    db.execute("DELETE FROM issuer_keys WHERE issuer != ?", (issuer,))
    db.execute(SAVE_KEYS, (issuer, document, now, now))


def _verify(token: Token, key: PublicKey) -> None:
    from satchel_service.tokens.signatures import verify  # noqa: PLC0415  80 ms, only for a sign-in

    verify(token, key)
