"""Reading an archive in the cloud by ranges, with read-ahead where it is read in order.

A read that continues an earlier one is taken from windows, of which the next few are already on their way; any other
read asks for exactly what it wants. Memory is bounded by the windows kept.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

WINDOW_BYTES: Final = 2 << 20
AHEAD: Final = 3
KEPT_WINDOWS: Final = 8  # 16 MiB
REMEMBERED_ENDS: Final = 16  # of recent reads, so that several threads can each read on

Fetch = Callable[[int, int], bytes]


class RangedReader:
    """An `ArchiveReader` over ranged requests. `fetch(offset, length)` gives exactly these bytes or an error."""

    def __init__(self, fetch: Fetch, size_bytes: int, *, window_bytes: int = WINDOW_BYTES) -> None:
        self._fetch = fetch
        self._size = size_bytes
        self._window = window_bytes
        self._pool = ThreadPoolExecutor(AHEAD, thread_name_prefix="download")
        self._lock = threading.Lock()
        self._windows: OrderedDict[int, Future[bytes]] = OrderedDict()
        self._ends: deque[int] = deque([0], maxlen=REMEMBERED_ENDS)

    @property
    def size_bytes(self) -> int:
        """The sealed length."""
        return self._size

    def read_at(self, offset: int, length: int) -> bytes:
        """Read exactly these bytes; see ArchiveReader."""
        if not length:
            return b""
        first, last = offset // self._window, (offset + length - 1) // self._window
        with self._lock:
            reads_on = offset in self._ends or all(n in self._windows for n in range(first, last + 1))
            self._ends.append(offset + length)
            futures = [self._want(n) for n in range(first, last + 1)] if reads_on else []
            if reads_on:
                self._read_ahead(last)
        if not reads_on:
            return self._fetch(offset, length)
        data = b"".join(future.result() for future in futures)
        start = offset - first * self._window
        return data[start : start + length]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop reading ahead; a request under way is waited for."""
        self._pool.shutdown(cancel_futures=True)
        self._windows.clear()

    def _read_ahead(self, last: int) -> None:
        """Ask for the next windows, and let the oldest go; with the lock held."""
        for number in range(last + 1, min(last + AHEAD, (self._size - 1) // self._window) + 1):
            self._want(number)
        while len(self._windows) > KEPT_WINDOWS:
            self._windows.popitem(last=False)

    def _want(self, number: int) -> Future[bytes]:
        """Return a window, asking for it unless it is here, on its way, or its request failed; lock held."""
        known = self._windows.get(number)
        if known is None or (known.done() and known.exception() is not None):
            start = number * self._window
            known = self._pool.submit(self._fetch, start, min(self._window, self._size - start))
            self._windows[number] = known
        self._windows.move_to_end(number)
        return known
