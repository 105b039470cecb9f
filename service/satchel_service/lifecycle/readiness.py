"""Whether the cloud can do its work: whether its database and its storage answer.

Anybody may ask, so what was found holds for a few seconds, and all who ask meanwhile wait for one and the same look:
no stranger costs the owner requests to the storage.
"""

import asyncio
from typing import Final

from satchel_service.database import DatabaseError, row
from satchel_service.environment import Environment, in_thread
from satchel_service.storage import StorageError

FRESH_MS: Final = 5000  # platforms ask about once in ten seconds


class Readiness:
    """Looks when the last look is too long ago."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment
        self._looking = asyncio.Lock()
        self._looked: int | None = None
        self._is_ready = False

    async def is_ready(self) -> bool:
        """Tell whether database and storage could be used, now or at most FRESH_MS ago."""
        async with self._looking:
            now = self._env.clock()
            if self._looked is None or not 0 <= now - self._looked < FRESH_MS:
                self._is_ready = await self._look()
                self._looked = now
            return self._is_ready

    async def _look(self) -> bool:
        try:
            await in_thread(self._env.storage.check)
            await self._env.database.read(lambda db: row(db, "SELECT count(*) FROM meta"))
        except (StorageError, DatabaseError):
            return False
        return True
