"""Decryption: in memory, as a stream, or by random access. Only authenticated bytes are released."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Final

from satchel.age.errors import HeaderError, PayloadError
from satchel.age.format import Header, header_length
from satchel.age.keywrap import Identity, open_header
from satchel.age.pipeline import ordered_map
from satchel.age.stream import (
    BATCH_BYTES,
    BATCH_CHUNKS,
    CHUNK_BYTES,
    NONCE_BYTES,
    SEALED_BATCH_BYTES,
    SEALED_CHUNK_BYTES,
    TAG_BYTES,
    Layout,
    PayloadCipher,
)

ReadAt = Callable[[int, int], bytes]
"""`read_at(offset, length)` returns exactly those bytes of the sealed file. It is called from several threads."""

READ_CHUNKS: Final = 128  # 8 MiB: one request if the file is in the cloud
_FIRST_READ_BYTES: Final = CHUNK_BYTES  # enough for any realistic number of recipients


def unseal(sealed: bytes, identities: Sequence[Identity]) -> bytes:
    """Decrypt in memory. Raise AgeError, releasing nothing."""
    return b"".join(open_stream(BytesIO(sealed), identities))


def open_stream(
    source: BinaryIO, identities: Sequence[Identity], *, threads: int | None = None
) -> Iterator[bytes]:
    """Decrypt an age file from a forward-only source, in pieces of about 1 MiB.

    The header is verified before this returns. Each piece is authentic, but the file is complete only once the
    iteration ends: any number of pieces may precede a PayloadError.
    """
    start = b""
    while (length := header_length(start, is_whole=False)) is None:
        more = source.read(_FIRST_READ_BYTES)
        if not more:
            header_length(start, is_whole=True)  # raises
        start += more
    file_key = open_header(Header.parse(start[:length]), identities)
    start = start[length:]
    start += _read_full(source, NONCE_BYTES - len(start))
    if len(start) < NONCE_BYTES:
        raise HeaderError("the sealed file ends before its payload")
    cipher = PayloadCipher(file_key, start[:NONCE_BYTES])
    batches = _batches(source, start[NONCE_BYTES:])
    return _release(ordered_map(lambda batch: _open_batch(cipher, batch), batches, threads))


class SealedFile:
    """Random access to the plaintext of a sealed file.

    The constructor verifies the header and the last chunk, so `size` is authentic: the file is neither truncated nor
    extended. Safe to use from several threads if `read_at` is.
    """

    def __init__(self, read_at: ReadAt, size: int, identities: Sequence[Identity]) -> None:
        self._source = _Source(read_at, size)
        header = self._source.read_header()
        file_key = open_header(Header.parse(header), identities)
        self._start = len(header) + NONCE_BYTES
        if size < self._start:
            raise HeaderError("the sealed file ends before its payload")
        self._cipher = PayloadCipher(file_key, self._source.read(len(header), NONCE_BYTES))
        self._layout = Layout.of_sealed(size - self._start)
        self._recent: tuple[int, bytes] = (-1, b"")
        self._last = self._open_span(self._layout.chunks - 1, self._layout.chunks)

    @property
    def size(self) -> int:
        """The length of the plaintext in bytes."""
        return self._layout.size_bytes

    def read_at(self, offset: int, length: int) -> bytes:
        """Return plaintext, fewer than `length` bytes only at the end. Raise PayloadError.

        Adjacent chunks are fetched together, up to 8 MiB at a time.
        """
        spans = self._spans(offset, length, READ_CHUNKS)
        return b"".join([self._read_span(span, offset, offset + length) for span in spans])

    def stream(
        self,
        offset: int = 0,
        length: int | None = None,
        *,
        piece_bytes: int = BATCH_BYTES,
        threads: int | None = None,
    ) -> Iterator[bytes]:
        """Yield plaintext in order, in pieces of about `piece_bytes`, prefetched on threads. Raise PayloadError.

        At most `threads` + 2 pieces are in memory. Larger pieces need fewer calls of `read_at`, which helps if each
        call is a request.
        """
        end = offset + (self.size if length is None else length)
        spans = self._spans(offset, end - offset, max(1, piece_bytes // CHUNK_BYTES))
        return ordered_map(lambda span: self._read_span(span, offset, end), spans, threads)

    def _spans(self, offset: int, length: int, at_most: int) -> Iterator[range]:
        """Divide a range of the plaintext into runs of chunk numbers."""
        if offset < 0 or length < 0:
            raise ValueError("the offset and the length of a range must not be negative")
        end = min(self.size, offset + length)
        chunks = range(offset // CHUNK_BYTES, -(-end // CHUNK_BYTES) if offset < end else 0)
        return (chunks[at : at + at_most] for at in range(0, len(chunks), at_most))

    def _read_span(self, span: range, offset: int, end: int) -> bytes:
        plain = self._open_chunk(span.start) if len(span) == 1 else self._open_span(span.start, span.stop)
        base = span.start * CHUNK_BYTES
        return plain[max(0, offset - base) : end - base]

    def _open_chunk(self, index: int) -> bytes:
        """Return one chunk; the last and the most recent are cached for many small reads."""
        if index == self._layout.chunks - 1:
            return self._last
        recent, plain = self._recent
        if recent != index:
            plain = self._open_span(index, index + 1)
            self._recent = (index, plain)
        return plain

    def _open_span(self, first: int, stop: int) -> bytes:
        start = first * SEALED_CHUNK_BYTES
        length = min(stop * SEALED_CHUNK_BYTES, self._layout.sealed_bytes) - start
        sealed = self._source.read(self._start + start, length)
        opened = _open_batch(self._cipher, _Sealed(first, sealed, is_end=stop == self._layout.chunks))
        if opened.failure is not None:
            raise opened.failure
        return opened.plain


class _Source:
    """The sealed bytes. The first read is cached: it covers the header, the nonce and small files."""

    def __init__(self, read_at: ReadAt, size: int) -> None:
        self._read_at = read_at
        self._size = size
        self._cached = b""
        self._cached = self.read(0, min(_FIRST_READ_BYTES, size))

    def read(self, offset: int, length: int) -> bytes:
        if offset + length <= len(self._cached):
            return self._cached[offset : offset + length]
        data = self._read_at(offset, length)
        if len(data) != length:
            raise PayloadError("the sealed file is shorter than its stated size")
        return data

    def read_header(self) -> bytes:
        want = len(self._cached)
        while True:
            start = self.read(0, want)
            length = header_length(start, is_whole=want == self._size)
            if length is not None:
                return start[:length]
            want = min(want * 4, self._size)


@dataclass(frozen=True, slots=True)
class _Sealed:
    first: int
    data: bytes
    is_end: bool


@dataclass(frozen=True, slots=True)
class _Opened:
    plain: bytes
    failure: PayloadError | None


def _release(batches: Iterable[_Opened]) -> Iterator[bytes]:
    for batch in batches:
        if batch.plain:
            yield batch.plain
        if batch.failure is not None:
            raise batch.failure


def _open_batch(cipher: PayloadCipher, batch: _Sealed) -> _Opened:
    """Open consecutive chunks, up to the first failure."""
    sealed = memoryview(batch.data)
    if len(sealed) < TAG_BYTES:
        return _Opened(b"", PayloadError("the sealed file is truncated"))
    out = memoryview(bytearray(len(sealed)))
    released = 0
    for place, start in enumerate(range(0, len(sealed), SEALED_CHUNK_BYTES)):
        piece = sealed[start : start + SEALED_CHUNK_BYTES]
        is_final = batch.is_end and start + len(piece) == len(sealed)
        index = batch.first + place
        target = out[released : released + max(0, len(piece) - TAG_BYTES)]
        failure, length = _open_chunk(cipher, index, piece, target, is_final=is_final)
        released += length
        if failure is not None:
            return _Opened(bytes(out[:released]), failure)
    return _Opened(bytes(out[:released]), None)


def _open_chunk(
    cipher: PayloadCipher, index: int, sealed: memoryview, out: memoryview, *, is_final: bool
) -> tuple[PayloadError | None, int]:
    """Open one chunk. Return its failure, if any, and how many bytes may be released."""
    is_whole = len(sealed) >= TAG_BYTES
    if is_whole and cipher.open(index, sealed, out, is_final=is_final):
        if is_final and index and not out:
            return PayloadError("the sealed file ends with an empty chunk"), 0
        return None, len(out)
    if len(sealed) == SEALED_CHUNK_BYTES and cipher.open(index, sealed, out, is_final=not is_final):
        wrong = "is truncated after" if is_final else "continues after its last"
        return PayloadError(f"the sealed file {wrong} chunk {index}"), len(out)
    return PayloadError(f"chunk {index} of the sealed file does not authenticate"), 0


def _batches(source: BinaryIO, start: bytes) -> Iterator[_Sealed]:
    """Divide the payload into batches. Each one waits for the next read, which shows whether it is the last."""
    held = start + _read_full(source, SEALED_BATCH_BYTES - len(start))
    first = 0
    while True:
        following = _read_full(source, SEALED_BATCH_BYTES)
        yield _Sealed(first, held, is_end=not following)
        if not following:
            return
        held = following
        first += BATCH_CHUNKS


def _read_full(source: BinaryIO, length: int) -> bytes:
    """Read `length` bytes, fewer only at the end of the source."""
    pieces: list[bytes] = []
    while length > 0 and (piece := source.read(length)):
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)
