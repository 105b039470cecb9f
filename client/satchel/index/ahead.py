"""Taking from an iterator in another thread, a little ahead of whoever needs its items."""

from collections.abc import Generator, Iterable
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Final, TypeVar

Item = TypeVar("Item")

_END: Final = object()


def ahead(items: Iterable[Item], *, depth: int = 1) -> Generator[Item, None, None]:
    """Yield what `items` yields, which runs in a thread of its own, at most `depth` items ahead.

    What it raises is raised here. The thread has ended when this generator has, even if it is left early.
    """
    ready: SimpleQueue[Item | BaseException | object] = SimpleQueue()
    room = Semaphore(depth)
    is_left = False

    def run() -> None:
        try:
            for item in items:
                ready.put(item)
                room.acquire()
                if is_left:
                    return
        except BaseException as error:  # noqa: BLE001 -- handed to the thread that waits for the items
            ready.put(error)
        ready.put(_END)

    thread = Thread(target=run, name="ahead", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not _END:
            if isinstance(item, BaseException):
                raise item
            room.release()
            yield item  # type: ignore[misc]
    finally:
        is_left = True
        room.release()
        thread.join()
