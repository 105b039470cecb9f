"""Uploads that survive: part by part, several at once, going on where an earlier attempt stopped.

What has arrived is the cloud's knowledge alone, read anew at the start; this side keeps no journal. So a killed
client, a killed server and a lost answer all end in the same place: read the state, send what is missing, complete.
"""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final, Protocol

from satchel.cloud.problems import IncompleteError
from satchel.errors import IntegrityError
from satchel_wire.messages import Upload, UploadPart, UploadRequest

if TYPE_CHECKING:
    from typing import Literal

    from satchel.cloud.client import CloudClient

MEMORY_BYTES: Final = 32 << 20  # of parts in flight, as long as one part is not larger by itself
MAX_PART_BYTES: Final = 64 << 20  # a part is in memory whole; a cloud of satchel asks for 30 MiB at most
MAX_PARALLEL: Final = 4
ROUNDS: Final = 3  # of finding parts missing after all of them were sent


class PartSource(Protocol):
    """The sealed bytes to send. Read by several threads at once, each part as often as it takes."""

    @property
    def size_bytes(self) -> int:
        """How many there are."""
        ...

    def read_at(self, offset: int, length: int) -> bytes:
        """Read exactly these."""
        ...


class BytesSource:
    """Sealed bytes that are in memory already."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size_bytes(self) -> int:
        """How many there are."""
        return len(self._data)

    def read_at(self, offset: int, length: int) -> bytes:
        """Read exactly these."""
        return self._data[offset : offset + length]


def upload(
    client: "CloudClient",
    upload_id: str,
    kind: "Literal['archive', 'share']",
    source: PartSource,
    *,
    sent: Callable[[int], None],
) -> None:
    """Send the object under this id, or the rest of it; when this returns the cloud has all of it.

    `sent` is told of arrived bytes, those of earlier attempts included, from any thread. The same id with another
    size: ConflictError. No answer, or no room: UnreachableError, and what has arrived stays for the next attempt.
    """
    request = UploadRequest(kind=kind, size_bytes=source.size_bytes)
    told = _Told(sent)
    for attempt in range(ROUNDS):
        state = client.begin_upload(upload_id, request)
        if state.complete:
            told.all_of(source)
            return
        _check(state, source)
        told.arrived(part for part in state.parts if part.received)
        _send_parts(client, [part for part in state.parts if not part.received], source, told)
        try:
            client.complete_upload(upload_id)
        except IncompleteError:
            if attempt == ROUNDS - 1:
                raise
        else:
            return


def parallel_parts(part_bytes: int) -> int:
    """How many parts of this size are sent at once, so that memory stays bounded."""
    return max(1, min(MAX_PARALLEL, MEMORY_BYTES // max(1, part_bytes)))


class _Told:
    """Tells of each part once, however often it is sent."""

    def __init__(self, sent: Callable[[int], None]) -> None:
        self._sent = sent
        self._numbers: set[int] = set()
        self._bytes = 0
        self._lock = threading.Lock()

    def arrived(self, parts: Iterable[UploadPart]) -> None:
        with self._lock:
            new = [part for part in parts if part.number not in self._numbers]
            self._numbers.update(part.number for part in new)
            self._bytes += sum(part.size_bytes for part in new)
        for part in new:
            self._sent(part.size_bytes)

    def all_of(self, source: PartSource) -> None:
        self._sent(source.size_bytes - self._bytes)


def _check(state: Upload, source: PartSource) -> None:
    """Take only parts that cover the object exactly, in order: a wrong list would upload a wrong object."""
    at = 0
    for part in state.parts:
        if part.offset != at or not 0 < part.size_bytes <= MAX_PART_BYTES:
            break
        at += part.size_bytes
    if at != source.size_bytes:
        raise IntegrityError(
            f"the cloud's parts of upload {state.id!r} do not cover its {source.size_bytes} bytes as parts should",
            hint="update satchel and its cloud, then try again",
        )


def _send_parts(client: "CloudClient", parts: list[UploadPart], source: PartSource, told: _Told) -> None:
    """Send these parts, several at once; the first failure ends it after what is in flight."""

    def send(part: UploadPart) -> None:
        client.put_part(part, source.read_at(part.offset, part.size_bytes))
        told.arrived([part])

    workers = parallel_parts(max((part.size_bytes for part in parts), default=1))
    with ThreadPoolExecutor(workers, thread_name_prefix="upload") as pool:
        futures = [pool.submit(send, part) for part in parts]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    for future in futures:
        if not future.cancelled():
            future.result()
