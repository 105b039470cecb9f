"""Opening: in one go, as a stream, or at any place. Only authenticated bytes ever come out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Final

from satchel.age.errors import HeaderError, PayloadError
from satchel.age.format import MAX_HEADER_BYTES, Header, header_length
from satchel.age.keywrap import Identity, open_header
from satchel.age.pipeline import ordered_map
from satchel.age.stream import (
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

_FIRST_READ_BYTES: Final = 4096  # holds any header with a handful of recipients


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
        more = source.read(min(_FIRST_READ_BYTES, MAX_HEADER_BYTES))
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
        self._read_at = read_at
        header, length = _read_header(read_at, size)
        file_key = open_header(header, identities)
        if size < length + NONCE_BYTES:
            raise HeaderError("the sealed file ends before its payload")
        self._cipher = PayloadCipher(file_key, read_at(length, NONCE_BYTES))
        self._start = length + NONCE_BYTES
        self._layout = Layout.of_sealed(size - self._start)
        self._recent: tuple[int, bytes] = (-1, b"")
        self._last = self._open_span(self._layout.chunks - 1, self._layout.chunks)

    @property
    def size(self) -> int:
        """The length of the plaintext in bytes."""
        return self._layout.size_bytes

    def read_at(self, offset: int, length: int) -> bytes:
        """Read plaintext; less than `length` only at the end. Raises PayloadError."""
        return b"".join(self.stream(offset, length, threads=1))

    def stream(
        self, offset: int = 0, length: int | None = None, *, threads: int | None = None
    ) -> Iterator[bytes]:
        """Read plaintext in pieces of about 1 MiB with a bounded read-ahead. Raises PayloadError."""
        if offset < 0 or (length is not None and length < 0):
            raise ValueError("a range begins at 0 and has a length")
        end = self.size if length is None else min(self.size, offset + length)
        if offset >= end:
            return iter(())
        first, stop = offset // CHUNK_BYTES, -(-end // CHUNK_BYTES)
        spans = ((at, min(at + BATCH_CHUNKS, stop)) for at in range(first, stop, BATCH_CHUNKS))
        return ordered_map(lambda span: self._read_span(span, offset, end), spans, threads)

    def _read_span(self, span: tuple[int, int], offset: int, end: int) -> bytes:
        first, stop = span
        plain = self._open_chunk(first) if stop - first == 1 else self._open_span(first, stop)
        base = first * CHUNK_BYTES
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
        sealed = self._read_at(self._start + start, length)
        if len(sealed) != length:
            raise PayloadError("the sealed file is shorter than it was")
        opened = _open_batch(self._cipher, _Sealed(first, sealed, is_end=stop == self._layout.chunks))
        if opened.failure is not None:
            raise opened.failure
        return opened.plain


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


def _read_header(read_at: ReadAt, size: int) -> tuple[Header, int]:
    want = min(_FIRST_READ_BYTES, size)
    while True:
        start = read_at(0, want)
        length = header_length(start, is_whole=want == size)
        if length is not None:
            return Header.parse(start[:length]), length
        want = min(want * 4, size)


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
