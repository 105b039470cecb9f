"""The issuer's public keys in the micro-database, so that a cloud that wakes up need not fetch them."""

from functools import partial
from typing import Final

import apsw

from satchel_service.database import row
from satchel_service.environment import Environment
from satchel_service.sign_in.issuer import KnownKeys
from satchel_service.tokens.keys import PublicKey, encode_key_set, parse_key_set

SAVE_KEYS: Final = "INSERT OR REPLACE INTO issuer_keys(issuer, keys, fetched, attempted) VALUES (?, ?, ?, ?)"
SAVE_ATTEMPT: Final = """
INSERT INTO issuer_keys(issuer, attempted) VALUES (?, ?) ON CONFLICT DO UPDATE SET attempted = excluded.attempted
"""


class StoredKeys:
    """Implements `KeyMemory` for the issuer of the settings. Keys of an earlier issuer are forgotten."""

    def __init__(self, environment: Environment) -> None:
        self._database = environment.database
        self._issuer = environment.settings.oidc_issuer

    async def load(self) -> KnownKeys:
        """Return what the micro-database has."""
        return await self._database.read(partial(_load, self._issuer))

    async def attempt(self, now: int) -> None:
        """Remember that fetching was tried."""
        await self._database.write(lambda db: db.execute(SAVE_ATTEMPT, (self._issuer, now)))

    async def save(self, keys: tuple[PublicKey, ...], now: int) -> None:
        """Store keys."""
        await self._database.write(partial(_save, self._issuer, encode_key_set(keys).decode(), now))


def _load(issuer: str, db: apsw.Connection) -> KnownKeys:
    found = row(db, "SELECT keys, fetched, attempted FROM issuer_keys WHERE issuer = ?", (issuer,))
    if found is None:
        return KnownKeys()
    keys, fetched, attempted = found
    return KnownKeys(() if keys is None else parse_key_set(keys.encode()), fetched, attempted)


def _save(issuer: str, document: str, now: int, db: apsw.Connection) -> None:
    db.execute("DELETE FROM issuer_keys WHERE issuer != ?", (issuer,))
    db.execute(SAVE_KEYS, (issuer, document, now, now))
