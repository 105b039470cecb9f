"""The stream of events: what changes, in this window, another one or on the command line, reaches every page.

hub = Hub(loop)
hub.publish(event)                    # from any thread
async with hub.follow() as events:    # one page
event = await events.get()
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from satchel.window.messages.session import ServerEvent

MAX_WAITING: Final = 1_000
"""Events that a page has not read yet. A page that is further behind is cut off, and reads everything again."""


class Hub:
    """Passes each event on to every page that follows. `publish` may be called on any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._followers: set[asyncio.Queue[ServerEvent | None]] = set()
        self.was_followed = False
        self._left = 0.0

    def open(self) -> None:
        """Begin, on the thread of the running event loop."""
        self._loop = asyncio.get_running_loop()

    @property
    def followers(self) -> int:
        """The number of open pages."""
        return len(self._followers)

    def touch(self) -> None:
        """A page has asked for something: it is loading, on a slow computer for longer than others take."""
        if self._loop is not None:
            self._left = self._loop.time()

    def idle_s(self) -> float:
        """Return for how long no page has been open or has asked for anything; 0 if one is open, or none ever was."""
        if self._followers or not self.was_followed or self._loop is None:
            return 0.0
        return self._loop.time() - self._left

    def publish(self, event: ServerEvent) -> None:
        """Send an event to every page."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._send, event)

    def close(self) -> None:
        """Tell every page that the server ends."""
        self._send(ServerEvent(kind="closing"))
        for follower in tuple(self._followers):
            _put(follower, None)

    @asynccontextmanager
    async def follow(self) -> AsyncIterator["asyncio.Queue[ServerEvent | None]"]:
        """Return a queue of events. None ends it."""
        queue: asyncio.Queue[ServerEvent | None] = asyncio.Queue(MAX_WAITING)
        self._followers.add(queue)
        self.was_followed = True
        try:
            yield queue
        finally:
            self._followers.discard(queue)
            self._left = asyncio.get_running_loop().time()

    def _send(self, event: ServerEvent) -> None:
        for follower in tuple(self._followers):
            if not _put(follower, event):
                self._followers.discard(follower)
                while not follower.empty():
                    follower.get_nowait()
                _put(follower, None)


def _put(queue: "asyncio.Queue[ServerEvent | None]", event: ServerEvent | None) -> bool:
    try:
        queue.put_nowait(event)
    except asyncio.QueueFull:
        return False
    return True
