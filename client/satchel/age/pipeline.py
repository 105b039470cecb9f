"""A parallel map that yields its results in order, with a bound on the work in flight."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_THREADS: Final = 4  # beyond that, I/O is the bottleneck


def default_threads() -> int:
    """Return the number of cores, at most MAX_THREADS."""
    return min(MAX_THREADS, os.cpu_count() or 1)


def ordered_map(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int | None = None
) -> Iterator[Result]:
    """Yield `work(item)` for each item in order, at most `threads` + 1 of them ahead of the consumer.

    Items are taken in the consumer's thread, which also processes a single item without starting a thread. If the
    consumer stops early, work in flight finishes and the rest is dropped.
    """
    threads = threads or default_threads()
    source = iter(items)
    head = list(islice(source, 2))
    if len(head) < 2 or threads == 1:
        yield from map(work, chain(head, source))
        return
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - costs 10 ms, for large files only

    pending: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="age")
    try:
        for item in chain(head, source):
            pending.append(pool.submit(work, item))
            if len(pending) > threads + 1:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
