"""Work of a request on a thread that does not outlive the process.

    threads = Threads(6)
    answer = await threads.run(work)

The threads of `asyncio.to_thread` keep a process alive until their work has ended, which may take long: a model that
loads, or an index that is built.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

Result = TypeVar("Result")


class Threads:
    """At most so many threads at once; further work waits."""

    def __init__(self, most: int) -> None:
        self._free = asyncio.Semaphore(most)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do the work on a thread. Return its result, or raise its error."""
        async with self._free:
            loop = asyncio.get_running_loop()
            done: asyncio.Future[Result] = loop.create_future()
            threading.Thread(target=_do, args=(work, loop, done), name="satchel-window", daemon=True).start()
            return await done


def _do(work: Callable[[], Result], loop: asyncio.AbstractEventLoop, done: "asyncio.Future[Result]") -> None:
    try:
        result = work()
    except BaseException as exc:  # noqa: BLE001  it is raised where the work is awaited
        _tell(loop, done, partial(done.set_exception, exc))
    else:
        _tell(loop, done, partial(done.set_result, result))


def _tell(loop: asyncio.AbstractEventLoop, done: "asyncio.Future[Result]", tell: Callable[[], None]) -> None:
    """Tell the loop of a result, unless nobody waits for it any more."""

    def tell_once() -> None:
        if not done.done():
            tell()

    with suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(tell_once)
