"""Reading an archive from the cloud by ranges, with read-ahead.

A read that continues an earlier one is served from windows, and the next few windows are prefetched. Any other read
requests exactly its bytes. The number of cached windows bounds the memory.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

WINDOW_BYTES: Final = 2 << 20
PREFETCHED_WINDOWS: Final = 3
CACHED_WINDOWS: Final = 8  # 16 MiB
RECENT_ENDS: Final = 16  # ends of recent reads, so several threads can each read sequentially

Fetch = Callable[[int, int], bytes]


class RangedReader:
    """An `ArchiveReader` over ranged requests. `fetch(offset, length)` returns exactly these bytes or raises."""

    def __init__(self, fetch: Fetch, size_bytes: int, *, window_bytes: int = WINDOW_BYTES) -> None:
        self._fetch = fetch
        self._size = size_bytes
        self._window = window_bytes
        self._pool = ThreadPoolExecutor(PREFETCHED_WINDOWS, thread_name_prefix="download")
        self._lock = threading.Lock()
        self._windows: OrderedDict[int, Future[bytes]] = OrderedDict()
        self._ends: deque[int] = deque([0], maxlen=RECENT_ENDS)

    @property
    def size_bytes(self) -> int:
        """The size of the sealed archive."""
        return self._size

    def read_at(self, offset: int, length: int) -> bytes:
        """Return exactly these bytes; see ArchiveReader."""
        if not length:
            return b""
        first, last = offset // self._window, (offset + length - 1) // self._window
        with self._lock:
            is_sequential = offset in self._ends or all(n in self._windows for n in range(first, last + 1))
            self._ends.append(offset + length)
            futures = [self._window_at(n) for n in range(first, last + 1)] if is_sequential else []
            if is_sequential:
                self._prefetch(last)
        if not is_sequential:
            return self._fetch(offset, length)
        data = b"".join(future.result() for future in futures)
        start = offset - first * self._window
        return data[start : start + length]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop prefetching and wait for requests in flight."""
        self._pool.shutdown(cancel_futures=True)
        self._windows.clear()

    def _prefetch(self, last: int) -> None:
        """Request the next windows and drop the oldest. Call with the lock held."""
        for number in range(last + 1, min(last + PREFETCHED_WINDOWS, (self._size - 1) // self._window) + 1):
            self._window_at(number)
        while len(self._windows) > CACHED_WINDOWS:
            self._windows.popitem(last=False)

    def _window_at(self, number: int) -> Future[bytes]:
        """Return a window; request it if it is not cached or in flight, or if its request failed. Call with the lock held."""
        known = self._windows.get(number)
        if known is None or (known.done() and known.exception() is not None):
            start = number * self._window
            known = self._pool.submit(self._fetch, start, min(self._window, self._size - start))
            self._windows[number] = known
        self._windows.move_to_end(number)
        return known
