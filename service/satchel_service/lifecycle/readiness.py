"""The readiness of a cloud: whether its database and its storage respond.

The check is public. Its result is cached for a few seconds and concurrent requests share one check, so strangers
cannot cause storage requests at will.
"""

import asyncio
from typing import Final

from satchel_service.database import DatabaseError, row
from satchel_service.environment import Environment, in_thread
from satchel_service.storage import StorageError

CACHE_MS: Final = 5000  # platforms check about every ten seconds


class Readiness:
    """Checks the database and the storage, and caches the result."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment
        self._lock = asyncio.Lock()
        self._checked: int | None = None
        self._is_ready = False

    async def is_ready(self) -> bool:
        """Return whether the database and the storage respond, as of at most CACHE_MS ago."""
        async with self._lock:
            now = self._env.clock()
            if self._checked is None or not 0 <= now - self._checked < CACHE_MS:
                self._is_ready = await self._check()
                self._checked = now
            return self._is_ready

    async def _check(self) -> bool:
        try:
            await in_thread(self._env.storage.check)
            await self._env.database.read(lambda db: row(db, "SELECT count(*) FROM meta"))
        except (StorageError, DatabaseError):
            return False
        return True
