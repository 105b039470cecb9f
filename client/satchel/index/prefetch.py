"""Prefetching: an iterator runs in a thread, a few items ahead of its consumer."""

from collections.abc import Generator, Iterable
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Final, TypeVar

Item = TypeVar("Item")

_END: Final = object()


def prefetch(items: Iterable[Item], *, depth: int = 1) -> Generator[Item, None, None]:
    """Yield the items of an iterable that runs in its own thread, at most `depth` items ahead.

    An exception of the iterable is raised here. The thread ends with this generator, even if the generator is
    closed early.
    """
    ready: SimpleQueue[Item | BaseException | object] = SimpleQueue()
    room = Semaphore(depth)
    is_closed = False

    def run() -> None:
        try:
            for item in items:
                ready.put(item)
                room.acquire()
                if is_closed:
                    return
        except BaseException as error:  # noqa: BLE001 -- raised again in the consumer's thread
            ready.put(error)
        ready.put(_END)

    thread = Thread(target=run, name="prefetch", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not _END:
            if isinstance(item, BaseException):
                raise item
            room.release()
            yield item  # type: ignore[misc]
    finally:
        is_closed = True
        room.release()
        thread.join()
