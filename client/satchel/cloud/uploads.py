"""Resumable uploads, several parts at a time.

Only the cloud records which parts have arrived; the client keeps no journal. If either of
them is killed or a response is lost, the next attempt reads the state, sends the missing parts and completes the upload.
"""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from satchel.cloud.problems import IncompleteError
from satchel.errors import IntegrityError
from satchel_wire.messages import Upload, UploadPart, UploadRequest

if TYPE_CHECKING:
    from typing import Literal

    from satchel.cloud.client import CloudClient
    from satchel.outgoing.recording import Kind

MEMORY_BYTES: Final = 32 << 20  # limit of all parts in flight, unless a single part is larger
MAX_PART_BYTES: Final = 64 << 20  # a part is held in memory; the service plans parts of at most 30 MiB
MAX_PARALLEL: Final = 4
KINDS: "Final[dict[str, Kind]]" = {"archive": "backup-part", "share": "share-body"}
ATTEMPTS: Final = 3  # to complete an upload that still lacks parts


class PartSource(Protocol):
    """The sealed bytes to send. Several threads read it, and a part may be read more than once."""

    @property
    def size_bytes(self) -> int:
        """The total size."""
        ...

    def read_at(self, offset: int, length: int) -> bytes:
        """Return exactly these bytes."""
        ...


class BytesSource:
    """Sealed bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size_bytes(self) -> int:
        """The total size."""
        return len(self._data)

    def read_at(self, offset: int, length: int) -> bytes:
        """Return exactly these bytes."""
        return self._data[offset : offset + length]


def upload(
    client: "CloudClient",
    upload_id: str,
    kind: "Literal['archive', 'share']",
    source: PartSource,
    *,
    sent: Callable[[int], None],
    pieces: tuple[str, ...] = (),
) -> None:
    """Upload an object, or its missing parts if an earlier attempt was interrupted. On return the upload is complete.

    `sent` is called from any thread with the number of bytes that arrived, earlier attempts included. `pieces` are the
    ids of the Pieces in it, for the ledger. Raise
    ConflictError if the id exists with another size; UnreachableError if the cloud is unreachable or full, in which
    case the next attempt resumes.
    """
    request = UploadRequest(kind=kind, size_bytes=source.size_bytes)
    report = _SentReport(sent)
    for attempt in range(ATTEMPTS):
        state = client.begin_upload(upload_id, request)
        if state.complete:
            report.add_rest(source)
            return
        _check(state, source)
        report.add(part for part in state.parts if part.received)
        missing = [part for part in state.parts if not part.received]
        _send_parts(missing, source, report, partial(client.put_part, kind=KINDS[kind], pieces=pieces))
        try:
            client.complete_upload(upload_id)
        except IncompleteError:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return


def parallel_parts(part_bytes: int) -> int:
    """Return how many parts of this size may be in flight within the memory limit."""
    return max(1, min(MAX_PARALLEL, MEMORY_BYTES // max(1, part_bytes)))


class _SentReport:
    """Reports each part once, even if it is sent several times."""

    def __init__(self, sent: Callable[[int], None]) -> None:
        self._sent = sent
        self._numbers: set[int] = set()
        self._bytes = 0
        self._lock = threading.Lock()

    def add(self, parts: Iterable[UploadPart]) -> None:
        with self._lock:
            new = [part for part in parts if part.number not in self._numbers]
            self._numbers.update(part.number for part in new)
            self._bytes += sum(part.size_bytes for part in new)
        for part in new:
            self._sent(part.size_bytes)

    def add_rest(self, source: PartSource) -> None:
        self._sent(source.size_bytes - self._bytes)


def _check(state: Upload, source: PartSource) -> None:
    """Require parts that cover the object exactly and in order; any other list would corrupt it."""
    ends = [0, *(part.offset + part.size_bytes for part in state.parts)]
    fits = all(
        part.offset == at and 0 < part.size_bytes <= MAX_PART_BYTES
        for part, at in zip(state.parts, ends, strict=False)
    )
    if not fits or ends[-1] != source.size_bytes:
        raise IntegrityError(
            f"the cloud's parts of upload {state.id!r} do not cover its {source.size_bytes} bytes",
            hint="update satchel and its cloud, then try again",
        )


def _send_parts(
    parts: list[UploadPart],
    source: PartSource,
    report: _SentReport,
    put: Callable[[UploadPart, bytes], None],
) -> None:
    """Send parts in parallel. On the first failure, finish those in flight and stop."""
    has_failed = threading.Event()

    def send(part: UploadPart) -> None:
        if has_failed.is_set():  # parts that nobody has cancelled yet
            return
        try:
            put(part, source.read_at(part.offset, part.size_bytes))
        except BaseException:
            has_failed.set()
            raise
        report.add([part])

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
