"""Payloads: round trips, damage, random access, and independence of the number of threads."""

import io
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satchel.age import (
    AgeError,
    HeaderError,
    PayloadError,
    SealedFile,
    X25519Identity,
    open_stream,
    seal,
    seal_writer,
    sealed_size,
    unseal,
)
from satchel.age.pipeline import ordered_map
from satchel.age.stream import BATCH_BYTES, CHUNK_BYTES, SEALED_CHUNK_BYTES, Layout

ME = X25519Identity.from_bytes(b"\x01" * 32)
TO_ME, AS_ME = [ME.recipient], [ME]
HEADER_BYTES = sealed_size(0, TO_ME) - 32  # less the nonce and the tag of the empty chunk
EDGES = sorted(
    {
        max(0, multiple + change)
        for multiple in (0, CHUNK_BYTES, 2 * CHUNK_BYTES, BATCH_BYTES, 2 * BATCH_BYTES)
        for change in (-1, 0, 1)
    }
)


def counting(size: int) -> bytes:
    """Return bytes in which no two positions of a chunk and no two chunks are equal."""
    words = itertools.count(1)
    return b"".join(next(words).to_bytes(8, "big") for _ in range(size // 8 + 1))[:size]


@dataclass
class Recorded:
    """An in-memory sealed file that records each read."""

    sealed: bytes
    reads: list[tuple[int, int]] = field(default_factory=list)

    def read_at(self, offset: int, length: int) -> bytes:
        self.reads.append((offset, length))
        return self.sealed[offset : offset + length]

    def open(self) -> SealedFile:
        return SealedFile(self.read_at, len(self.sealed), AS_ME)


class Trickle(io.RawIOBase):
    """A raw stream that reads and writes a few bytes at a time, like a socket."""

    def __init__(self, data: bytes = b"", step: int = 1000) -> None:
        self.data = bytearray(data)
        self.step = step

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        count = min(self.step, len(buffer), len(self.data))
        buffer[:count] = self.data[:count]
        del self.data[:count]
        return count

    def write(self, data: "bytes | memoryview") -> int:  # type: ignore[override]
        self.data += data[: self.step]
        return min(self.step, len(data))


def seal_in_pieces(plain: bytes, piece: int, threads: int) -> bytes:
    sink = io.BytesIO()
    with seal_writer(sink, TO_ME, threads=threads) as writer:
        for at in range(0, len(plain), piece):
            assert writer.write(plain[at : at + piece]) == len(plain[at : at + piece])
    return sink.getvalue()


@pytest.mark.parametrize("size", EDGES)
@pytest.mark.parametrize("threads", [1, 3])
def test_every_size_around_a_boundary_round_trips(size: int, threads: int) -> None:
    plain = counting(size)
    sealed = seal_in_pieces(plain, 300_000, threads)
    assert len(sealed) == sealed_size(size, TO_ME)
    assert b"".join(open_stream(io.BytesIO(sealed), AS_ME, threads=threads)) == plain
    file = Recorded(sealed).open()
    assert file.size == size
    assert b"".join(file.stream(threads=threads)) == file.read_at(0, size) == plain


@settings(max_examples=30)
@given(st.integers(0, 3 * BATCH_BYTES), st.integers(1, 2 * BATCH_BYTES), st.integers(1, 4))
def test_the_sizes_of_writes_do_not_matter(size: int, piece: int, threads: int) -> None:
    plain = counting(size)
    assert unseal(seal_in_pieces(plain, max(piece, size // 500 + 1), threads), AS_ME) == plain


SLICED = counting(5 * CHUNK_BYTES + 321)
SLICED_SEALED = seal(SLICED, TO_ME)


@given(st.integers(0, len(SLICED) + 10), st.integers(0, len(SLICED) + 10))
def test_random_access_equals_the_slice(offset: int, length: int) -> None:
    file = Recorded(SLICED_SEALED).open()
    expected = SLICED[offset : offset + length]
    assert file.read_at(offset, length) == expected
    assert b"".join(file.stream(offset, length, piece_bytes=2 * CHUNK_BYTES)) == expected


def test_a_range_before_the_beginning_is_refused() -> None:
    file = Recorded(SLICED_SEALED).open()
    for offset, length in [(-1, 5), (0, -1)]:
        with pytest.raises(ValueError, match="range"):
            file.read_at(offset, length)
        with pytest.raises(ValueError, match="range"):
            file.stream(offset, length)


SMALL = seal(b"a small secret", TO_ME)


@pytest.mark.parametrize("at", range(len(SMALL)))
def test_every_flipped_bit_of_a_small_file_is_refused(at: int) -> None:
    for bit in range(8):
        changed = bytearray(SMALL)
        changed[at] ^= 1 << bit
        with pytest.raises(AgeError):
            unseal(bytes(changed), AS_ME)
        with pytest.raises(AgeError):
            Recorded(bytes(changed)).open().read_at(0, 100)


@given(st.integers(0, len(SLICED_SEALED) - 1), st.integers(0, 7))
def test_a_flipped_bit_releases_only_the_chunks_before_it(at: int, bit: int) -> None:
    changed = bytearray(SLICED_SEALED)
    changed[at] ^= 1 << bit
    released = b""
    with pytest.raises(AgeError):  # noqa: PT012 - what came out before the error is the point
        for piece in open_stream(io.BytesIO(changed), AS_ME):
            released += piece
    chunk = max(0, at - HEADER_BYTES - 16) // SEALED_CHUNK_BYTES
    assert released == SLICED[: chunk * CHUNK_BYTES]


@pytest.mark.parametrize("end", range(len(SMALL)))
def test_every_truncation_of_a_small_file_is_refused(end: int) -> None:
    with pytest.raises(AgeError):
        unseal(SMALL[:end], AS_ME)
    with pytest.raises(AgeError):
        Recorded(SMALL[:end]).open()


@pytest.mark.parametrize("chunks", range(5))
@pytest.mark.parametrize("extra", [0, 1, 15, 16, 17, 1000])
def test_every_truncation_of_a_longer_file_is_refused(chunks: int, extra: int) -> None:
    cut = SLICED_SEALED[: HEADER_BYTES + 16 + chunks * SEALED_CHUNK_BYTES + extra]
    with pytest.raises(PayloadError):
        unseal(cut, AS_ME)
    with pytest.raises(PayloadError):
        Recorded(cut).open()


@pytest.mark.parametrize("tail", [b"x", bytes(16), bytes(SEALED_CHUNK_BYTES)])
@pytest.mark.parametrize("size", [5, CHUNK_BYTES, BATCH_BYTES])
def test_trailing_bytes_are_refused(size: int, tail: bytes) -> None:
    longer = seal(bytes(size), TO_ME) + tail
    with pytest.raises(PayloadError):
        unseal(longer, AS_ME)
    with pytest.raises(PayloadError):
        Recorded(longer).open()


def test_swapped_chunks_are_refused() -> None:
    start, size = HEADER_BYTES + 16, SEALED_CHUNK_BYTES
    first, second = SLICED_SEALED[start : start + size], SLICED_SEALED[start + size : start + 2 * size]
    swapped = SLICED_SEALED[:start] + second + first + SLICED_SEALED[start + 2 * size :]
    with pytest.raises(PayloadError, match="chunk 0"):
        unseal(swapped, AS_ME)
    file = Recorded(swapped).open()
    with pytest.raises(PayloadError, match="chunk 1"):
        file.read_at(CHUNK_BYTES, 10)
    assert file.read_at(2 * CHUNK_BYTES, 10) == SLICED[2 * CHUNK_BYTES :][:10]


def test_a_small_file_is_opened_with_one_read() -> None:
    recorded = Recorded(SMALL)
    assert recorded.open().read_at(2, 5) == b"small"
    assert recorded.reads == [(0, len(SMALL))]


def test_neighbouring_chunks_are_fetched_together() -> None:
    recorded = Recorded(seal(counting(40 * CHUNK_BYTES), TO_ME))
    file = recorded.open()
    recorded.reads.clear()
    file.read_at(3 * CHUNK_BYTES + 5, 20 * CHUNK_BYTES)
    assert len(recorded.reads) == 1
    assert recorded.reads[0][1] == 21 * SEALED_CHUNK_BYTES


def test_many_small_reads_of_one_chunk_fetch_it_once() -> None:
    recorded = Recorded(SLICED_SEALED)
    file = recorded.open()
    recorded.reads.clear()
    for at in range(2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 1000, 100):
        assert file.read_at(at, 100) == SLICED[at : at + 100]
    assert file.read_at(len(SLICED) - 5, 5) == SLICED[-5:]
    assert len(recorded.reads) == 1


def test_threads_can_read_one_file_concurrently() -> None:
    file = Recorded(SLICED_SEALED).open()
    places = [(at * 7919 % len(SLICED), at * 31 % 9000) for at in range(400)]
    with ThreadPoolExecutor(8) as pool:
        pieces = list(pool.map(lambda place: file.read_at(*place), places))
    assert pieces == [SLICED[at : at + length] for at, length in places]


def test_a_source_that_shrank_is_refused() -> None:
    recorded = Recorded(SLICED_SEALED)
    file = recorded.open()
    recorded.sealed = recorded.sealed[: 2 * CHUNK_BYTES]
    with pytest.raises(PayloadError, match="shorter"):
        file.read_at(CHUNK_BYTES, CHUNK_BYTES)


def test_short_reads_and_writes_are_handled() -> None:
    sink = Trickle()
    with seal_writer(sink, TO_ME) as writer:  # type: ignore[arg-type]
        writer.write(SLICED)
    source = Trickle(bytes(sink.data), step=777)
    assert b"".join(open_stream(source, AS_ME)) == SLICED  # type: ignore[arg-type]


def test_a_long_header_is_read_by_both_readers() -> None:
    crowd = [X25519Identity.generate().recipient for _ in range(900)]
    sealed = seal(b"to many", [*crowd, ME.recipient])
    assert sealed_size(7, [*crowd, ME.recipient]) == len(sealed) > CHUNK_BYTES
    assert unseal(sealed, AS_ME) == Recorded(sealed).open().read_at(0, 99) == b"to many"


def test_any_buffer_can_be_written() -> None:
    sink = io.BytesIO()
    with seal_writer(sink, TO_ME) as writer:
        writer.write(bytearray(b"ab"))
        writer.write(memoryview(b"c-d-")[::1])
        writer.write(memoryview(b"12345678").cast("I"))
        writer.write(b"")
    assert unseal(sink.getvalue(), AS_ME) == b"abc-d-12345678"
    assert writer.size_bytes == 14


def test_an_error_while_sealing_leaves_an_unreadable_file() -> None:
    sink = io.BytesIO()
    with pytest.raises(RuntimeError), seal_writer(sink, TO_ME) as writer:  # noqa: PT012 - the block is the case
        writer.write(counting(3 * BATCH_BYTES))
        raise RuntimeError
    with pytest.raises(PayloadError):
        unseal(sink.getvalue(), AS_ME)


class Full(io.BytesIO):
    """A disk that fills up after a number of bytes."""

    def __init__(self, space: int) -> None:
        super().__init__()
        self.space = space

    def write(self, data: "bytes | memoryview") -> int:  # type: ignore[override]
        if self.tell() + len(data) > self.space:
            raise OSError(28, "no space left on device")
        return super().write(data)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_sink_that_fails_ends_the_writer(threads: int) -> None:
    sink = Full(BATCH_BYTES // 2)
    writer = seal_writer(sink, TO_ME, threads=threads)
    with pytest.raises(OSError, match="no space"):
        writer.write(counting(8 * BATCH_BYTES))
    with pytest.raises(ValueError, match="closed"):
        writer.write(b"more")
    writer.close()
    with pytest.raises(AgeError):
        unseal(sink.getvalue(), AS_ME)


def test_close_is_idempotent_and_forbids_writing() -> None:
    sink = io.BytesIO()
    writer = seal_writer(sink, TO_ME)
    writer.close()
    writer.close()
    with pytest.raises(ValueError, match="closed"):
        writer.write(b"x")
    assert unseal(sink.getvalue(), AS_ME) == b""


def test_a_stream_can_be_abandoned() -> None:
    sealed = seal(counting(6 * BATCH_BYTES), TO_ME)
    pieces = Recorded(sealed).open().stream()
    assert next(pieces) == counting(BATCH_BYTES)
    assert isinstance(pieces, Iterator)
    pieces.close()  # type: ignore[attr-defined]


def test_the_header_is_verified_before_the_first_piece() -> None:
    with pytest.raises(HeaderError):
        open_stream(io.BytesIO(b"something else"), AS_ME)


def test_results_are_ordered_and_prefetching_is_bounded() -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for item in range(50):
            drawn.append(item)
            yield item

    for result in ordered_map(lambda item: item * item, items(), threads=2):
        root = round(result**0.5)
        assert len(drawn) <= root + 5
    assert drawn == list(range(50))


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_on_a_thread_is_raised_in_order(threads: int) -> None:
    def work(item: int) -> int:
        if item == 3:
            raise OSError("gone")
        return item

    results: list[int] = []
    with pytest.raises(OSError, match="gone"):
        results.extend(ordered_map(work, range(9), threads=threads))
    assert not results or results == [0, 1, 2]


@pytest.mark.parametrize("sealed_bytes", [0, 15, SEALED_CHUNK_BYTES + 1, SEALED_CHUNK_BYTES + 16])
def test_an_impossible_length_is_refused(sealed_bytes: int) -> None:
    with pytest.raises(PayloadError):
        Layout.of_sealed(sealed_bytes)


@given(st.integers(0, 1 << 50))
def test_a_layout_knows_both_lengths(size: int) -> None:
    layout = Layout.of_plaintext(size)
    assert Layout.of_sealed(layout.sealed_bytes) == layout


def test_sealing_and_opening_keep_memory_flat(measure_peak: Callable[[str], int]) -> None:
    """Seal and open 256 MiB in less than a third of that memory."""
    peak_bytes = measure_peak(
        """
import os, tempfile
from satchel.age import X25519Identity, open_stream, seal_writer
me = X25519Identity.generate()
block = os.urandom(1 << 20)
with tempfile.TemporaryFile() as file:
    with seal_writer(file, [me.recipient], threads=2) as writer:
        for _ in range(256):
            writer.write(block)
    file.seek(0)
    assert sum(len(piece) for piece in open_stream(file, [me], threads=2)) == 256 << 20
"""
    )
    assert peak_bytes < 80 << 20
