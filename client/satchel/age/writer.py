"""Encryption: a writer that uses threads for large files.

Memory is bounded: at most `threads` + 2 batches of 1 MiB and their sealed copies exist at once.
"""

import os
from collections import deque
from collections.abc import Sequence
from io import BytesIO
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from satchel.age.keywrap import Entropy, FileKey, Recipient, header_bytes, make_header
from satchel.age.pipeline import default_threads
from satchel.age.stream import (
    BATCH_BYTES,
    BATCH_CHUNKS,
    NONCE_BYTES,
    SEALED_BATCH_BYTES,
    Layout,
    PayloadCipher,
)

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

    from _typeshed import ReadableBuffer


def sealed_size(plaintext_bytes: int, recipients: Sequence[Recipient]) -> int:
    """Return the exact size in bytes of the sealed file of a plaintext of this length."""
    return header_bytes(recipients) + NONCE_BYTES + Layout.of_plaintext(plaintext_bytes).sealed_bytes


def seal(plaintext: bytes, recipients: Sequence[Recipient], *, entropy: Entropy = os.urandom) -> bytes:
    """Encrypt in memory."""
    sink = BytesIO()
    with seal_writer(sink, recipients, entropy=entropy) as writer:
        writer.write(plaintext)
    return sink.getvalue()


def seal_writer(
    sink: BinaryIO,
    recipients: Sequence[Recipient],
    *,
    threads: int | None = None,
    entropy: Entropy = os.urandom,
) -> "SealWriter":
    """Write the header of an age file to `sink` and return a writer for its plaintext."""
    return SealWriter(sink, recipients, threads=threads, entropy=entropy)


class _Batch:
    """A buffer of plaintext, a buffer for its ciphertext, and its position in the file."""

    __slots__ = ("filled", "first", "plain", "sealed")

    def __init__(self) -> None:
        self.plain = memoryview(bytearray(BATCH_BYTES))
        self.sealed = memoryview(bytearray(SEALED_BATCH_BYTES))
        self.filled = 0
        self.first = 0


class SealWriter:
    """Writes one age file, from one thread. `close`, or leaving `with` without an error, completes it.

    The sink is called in the caller's thread only, must not keep references to the buffers, and stays open. After an
    error the file lacks its last chunk, so every reader rejects it.
    """

    def __init__(
        self,
        sink: BinaryIO,
        recipients: Sequence[Recipient],
        *,
        threads: int | None = None,
        entropy: Entropy = os.urandom,
    ) -> None:
        file_key = FileKey.generate(entropy)
        header = make_header(file_key, recipients, entropy).marshal()
        nonce = entropy(NONCE_BYTES)
        self._cipher = PayloadCipher(file_key, nonce)
        self._sink = sink
        self._threads = threads or default_threads()
        self._pool: ThreadPoolExecutor | None = None
        self._pending: deque[tuple[_Batch, Future[int]]] = deque()
        self._spare: list[_Batch] = []
        self._batch = _Batch()
        self._next_chunk = 0
        self._is_closed = False
        self.size_bytes = 0
        """The number of plaintext bytes written so far."""
        _write_all(sink, header + nonce)

    def write(self, data: "ReadableBuffer") -> int:
        """Encrypt bytes and return their number. Raise ValueError after `close` or a failed write."""
        if self._is_closed:
            raise ValueError("the sealed file is closed")
        with memoryview(data).cast("B") as view:
            try:
                self._take(view)
            except BaseException:
                self.abort()
                raise
            self.size_bytes += len(view)
            return len(view)

    def close(self) -> None:
        """Seal the rest as the last chunk and write everything. Idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            while self._pending:
                self._write_oldest()
            self._write_sealed(self._batch, self._seal(self._batch, is_end=True))
        finally:
            self._release()

    def abort(self) -> None:
        """Stop without writing the last chunk, so that readers reject the file."""
        self._is_closed = True
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _take(self, view: memoryview) -> None:
        while view:
            if self._batch.filled == BATCH_BYTES:
                self._dispatch()
            batch = self._batch
            count = min(len(view), BATCH_BYTES - batch.filled)
            batch.plain[batch.filled : batch.filled + count] = view[:count]
            batch.filled += count
            view = view[count:]

    def _dispatch(self) -> None:
        """Seal a full batch that is not the last one, on a thread if there are several."""
        batch = self._batch
        batch.first = self._next_chunk
        if self._threads == 1:
            self._write_sealed(batch, self._seal(batch, is_end=False))
        else:
            self._pending.append((batch, self._start_pool().submit(self._seal, batch, is_end=False)))
            if len(self._pending) > self._threads:
                self._write_oldest()
            self._batch = self._spare.pop() if self._spare else _Batch()
        self._next_chunk += BATCH_CHUNKS
        self._batch.filled, self._batch.first = 0, self._next_chunk

    def _seal(self, batch: _Batch, *, is_end: bool) -> int:
        plain = batch.plain[: batch.filled]
        return self._cipher.seal(batch.first, plain, batch.sealed, is_end=is_end)

    def _write_oldest(self) -> None:
        batch, sealed = self._pending.popleft()
        self._write_sealed(batch, sealed.result())
        self._spare.append(batch)

    def _write_sealed(self, batch: _Batch, length: int) -> None:
        _write_all(self._sink, batch.sealed[:length])

    def _start_pool(self) -> "ThreadPoolExecutor":
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - costs 10 ms, for large files only

            self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="seal")
        return self._pool

    def _release(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pending.clear()
        self._spare.clear()


def _write_all(sink: BinaryIO, data: "ReadableBuffer") -> None:
    """Write all of the data, even to a raw sink that accepts part of it at a time."""
    view = memoryview(data)
    while view:
        view = view[sink.write(view) :]
