"""Opening: in one go, as a stream, or at any place. Only authenticated bytes ever come out."""

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
"""`read_at(offset, length)` gives exactly those bytes of the sealed file; called from several threads."""

READ_CHUNKS: Final = 128  # 8 MiB: one request when the file is in the cloud
_FIRST_READ_BYTES: Final = CHUNK_BYTES  # holds the header of any number of recipients that people use


def unseal(sealed: bytes, identities: Sequence[Identity]) -> bytes:
    """Open what fits in memory. Raises an AgeError, and then nothing of it comes out."""
    return b"".join(open_stream(BytesIO(sealed), identities))


def open_stream(
    source: BinaryIO, identities: Sequence[Identity], *, threads: int | None = None
) -> Iterator[bytes]:
    """Open an age file from a source that only moves forward; the pieces are about 1 MiB.

    The header is checked before this returns. Each piece is authentic, but only the end of the
    iteration says that the file was whole: a PayloadError may come after any number of pieces.
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
    """Random access to the plaintext of a sealed file, for ranged restores.

    Making one reads and checks the header and the last chunk, so `size` is authentic: the file was
    neither cut nor lengthened. Safe to use from several threads if `read_at` is.
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
        """Read plaintext in the caller's thread; less than `length` only at the end. Raises PayloadError.

        Chunks that lie together are fetched together, up to 8 MiB at a time.
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
        """Read plaintext in order, in pieces of about `piece_bytes`, on threads that read ahead.

        At most `threads` + 2 pieces are in memory. A larger piece means fewer calls of `read_at`,
        which pays where each of them is a request. Raises PayloadError.
        """
        end = offset + (self.size if length is None else length)
        spans = self._spans(offset, end - offset, max(1, piece_bytes // CHUNK_BYTES))
        return ordered_map(lambda span: self._read_span(span, offset, end), spans, threads)

    def _spans(self, offset: int, length: int, at_most: int) -> Iterator[range]:
        """Cut a range of the plaintext into runs of chunk numbers."""
        if offset < 0 or length < 0:
            raise ValueError("a range begins at 0 or later and has no negative length")
        end = min(self.size, offset + length)
        chunks = range(offset // CHUNK_BYTES, -(-end // CHUNK_BYTES) if offset < end else 0)
        return (chunks[at : at + at_most] for at in range(0, len(chunks), at_most))

    def _read_span(self, span: range, offset: int, end: int) -> bytes:
        plain = self._open_chunk(span.start) if len(span) == 1 else self._open_span(span.start, span.stop)
        base = span.start * CHUNK_BYTES
        return plain[max(0, offset - base) : end - base]

    def _open_chunk(self, index: int) -> bytes:
        """One chunk, from memory if it is the last one or the one read before (many small reads)."""
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
    """The sealed bytes, the first of them kept: header, nonce and a small file come in one read."""

    def __init__(self, read_at: ReadAt, size: int) -> None:
        self._read_at = read_at
        self._size = size
        self._kept = b""
        self._kept = self.read(0, min(_FIRST_READ_BYTES, size))

    def read(self, offset: int, length: int) -> bytes:
        if offset + length <= len(self._kept):
            return self._kept[offset : offset + length]
        data = self._read_at(offset, length)
        if len(data) != length:
            raise PayloadError("the sealed file is shorter than it was said to be")
        return data

    def read_header(self) -> bytes:
        want = len(self._kept)
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
    """Open consecutive chunks up to the first that is not in its place, and say what is wrong with it."""
    sealed = memoryview(batch.data)
    if len(sealed) < TAG_BYTES:
        return _Opened(b"", PayloadError("the sealed file is cut short"))
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
    """Open one chunk; returns what is wrong with it, if anything, and how many bytes may be released."""
    is_whole = len(sealed) >= TAG_BYTES
    if is_whole and cipher.open(index, sealed, out, is_final=is_final):
        if is_final and index and not out:
            return PayloadError("the sealed file ends with an empty chunk"), 0
        return None, len(out)
    if len(sealed) == SEALED_CHUNK_BYTES and cipher.open(index, sealed, out, is_final=not is_final):
        wrong = "is cut short after" if is_final else "goes on after its last"
        return PayloadError(f"the sealed file {wrong} chunk {index}"), len(out)
    return PayloadError(f"chunk {index} of the sealed file does not authenticate"), 0


def _batches(source: BinaryIO, start: bytes) -> Iterator[_Sealed]:
    """Cut the payload into batches; each is held back until it is known whether more follows."""
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
    """Read so many bytes, fewer only at the end of the source."""
    pieces: list[bytes] = []
    while length > 0 and (piece := source.read(length)):
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)
