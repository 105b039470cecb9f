"""What an instance knows of a cloud that has left its storage: where it is, and whether that still holds."""

import asyncio
import time
from collections.abc import Callable

from satchel_service.database import DatabaseError
from satchel_service.log.errors import ClosedLogError, UncertainError
from satchel_service.log.journal import CONFIRM_AFTER_S
from satchel_service.log.startup import is_head
from satchel_service.log.store import LogStore


class Departure:
    """A closed log. `url` is the address of the cloud, empty if unknown.

    `on_fatal` is called when the log may be open again: the next instance reads it.
    """

    def __init__(self, store: LogStore, closed: ClosedLogError, on_fatal: Callable[[], None]) -> None:
        self.url = closed.url
        self._store = store
        self._head = closed.head
        self._on_fatal = on_fatal
        self._confirmed_s = time.monotonic()
        self._confirming = asyncio.Lock()
        self._has_ended = False

    async def confirm(self) -> None:
        """Check at most every few seconds that no entry follows. Raise DatabaseError if one does or that is unknown."""
        async with self._confirming:
            if self._has_ended:
                raise DatabaseError("the log has continued; this instance ends")
            began_s = time.monotonic()
            if began_s - self._confirmed_s <= CONFIRM_AFTER_S:
                return
            try:
                is_still_head = await is_head(self._store, self._head)
            except UncertainError as exc:
                raise DatabaseError(exc.message) from exc
            if not is_still_head:
                self._has_ended = True
                self._on_fatal()
                raise DatabaseError("the log has continued; this instance ends")
            self._confirmed_s = began_s
