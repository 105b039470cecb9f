"""The checks of an archive's directory."""

from dataclasses import replace

import pytest
from tests.support.archives import Part, zip_of

from satchel.archive.contents import Contents, check_zeros, frame_name, read_contents, read_entry
from satchel.archive.frames import pack
from satchel.archive.limits import FRAME_BYTES, MAX_MANIFEST_BYTES, MAX_RATIO
from satchel.archive.zipformat import Directory, Entry
from satchel.errors import IntegrityError
from satchel.zip_records import STORED


def zstd(name: str, data: bytes) -> Part:
    packed = pack(data)
    return Part(name, 93, packed.data, packed.size_bytes, packed.checksum)


GOOD = [
    zstd(frame_name(0), bytes(FRAME_BYTES)),
    zstd(frame_name(1), bytes(4096)),
    zstd("blocks.map", bytes(16)),
    Part.stored("manifest.json", b"{}"),
    Part.stored("manifest.mac", b"0" * 64),
    Part.stored("padding", bytes(10)),
]


def contents_of(parts: list[Part]) -> Contents:
    raw = zip_of(parts)
    return read_contents(lambda offset, length: raw[offset : offset + length], len(raw))


def test_a_valid_archive_is_accepted() -> None:
    contents = contents_of(GOOD)
    assert contents.blocks == 256
    assert [entry.name for entry in contents.frames] == ["frames/00000000", "frames/00000001"]


def test_an_archive_without_new_blocks_is_accepted() -> None:
    assert contents_of(GOOD[2:]).blocks == 0


def renamed(place: int, name: str) -> list[Part]:
    return [replace(part, name=name) if number == place else part for number, part in enumerate(GOOD)]


def resized(place: int, size_bytes: int) -> list[Part]:
    return [replace(part, size_bytes=size_bytes) if n == place else part for n, part in enumerate(GOOD)]


@pytest.mark.parametrize(
    "parts",
    [
        renamed(0, "../../../etc/cron.d/x"),
        renamed(0, "/etc/passwd"),
        renamed(1, frame_name(0)),
        renamed(1, frame_name(2)),
        renamed(1, "frames/1"),
        renamed(3, "manifest.JSON"),
        [*GOOD, Part.stored("more", b"")],
        [*GOOD, GOOD[-1]],
        [GOOD[0], GOOD[0], *GOOD[1:]],
        [GOOD[1], GOOD[0], *GOOD[2:]],
        [*GOOD[:2], GOOD[3], GOOD[2], *GOOD[4:]],
        GOOD[:-1],
        GOOD[:2],
        [],
    ],
)
def test_wrong_names_or_order_are_refused(parts: list[Part]) -> None:
    with pytest.raises(IntegrityError):
        contents_of(parts)


@pytest.mark.parametrize(
    "parts",
    [
        resized(0, FRAME_BYTES - 4096),
        resized(0, FRAME_BYTES + 4096),
        resized(0, 2**40),
        resized(1, 8192),
        resized(1, 4095),
        resized(1, 0),
        resized(2, 16 * 2**21),
        resized(3, 5),
        [*GOOD[:3], Part.stored("manifest.json", bytes(MAX_MANIFEST_BYTES + 1)), *GOOD[4:]],
        [*GOOD[:4], Part.stored("manifest.mac", b"0" * 65), *GOOD[5:]],
        [*GOOD[:5], Part.stored("padding", bytes(3 * FRAME_BYTES))],
        [*GOOD[:3], zstd("manifest.json", bytes(100)), *GOOD[4:]],
        [Part.stored(frame_name(0), bytes(FRAME_BYTES)), *GOOD[1:]],
        [replace(GOOD[0], data=b"x" * (FRAME_BYTES // MAX_RATIO - 1)), *GOOD[1:]],
    ],
)
def test_lengths_methods_and_ratios_have_limits(parts: list[Part]) -> None:
    with pytest.raises(IntegrityError):
        contents_of(parts)


def test_a_directory_with_too_many_entries_is_not_read() -> None:
    raw = zip_of([Part.stored("x", b"")] * 66_000)
    asked: list[int] = []

    def read_at(offset: int, length: int) -> bytes:
        asked.append(length)
        return raw[offset : offset + length]

    with pytest.raises(IntegrityError, match="more entries"):
        read_contents(read_at, len(raw))
    assert sum(asked) < 1000


def placed(gap_before: int) -> bytes:
    """Return a well-formed zip with a byte that belongs to no entry, before that entry or before the directory."""
    raw = b""
    entries: list[Entry] = []
    for number, part in enumerate(GOOD):
        raw += b"x" if number == gap_before else b""
        entry = Entry(part.name, part.method, part.checksum, len(part.data), part.size_bytes, len(raw))
        raw += entry.local_header() + part.data
        entries.append(entry)
    raw += b"x" if gap_before == len(GOOD) else b""
    directory = b"".join(entry.central_header() for entry in entries)
    return raw + directory + Directory(len(entries), len(directory), len(raw)).end_records()


@pytest.mark.parametrize("gap_before", range(len(GOOD) + 1))
def test_bytes_that_belong_to_no_entry_are_refused(gap_before: int) -> None:
    raw = placed(gap_before)
    with pytest.raises(IntegrityError, match="gap"):
        read_contents(lambda offset, length: raw[offset : offset + length], len(raw))


def test_without_a_gap_the_same_zip_is_accepted() -> None:
    raw = placed(-1)
    assert raw == zip_of(GOOD)
    assert read_contents(lambda offset, length: raw[offset : offset + length], len(raw)).blocks == 256


def test_a_local_header_must_match_the_directory() -> None:
    raw = bytearray(zip_of(GOOD))
    raw[30:45] = b"frames/00000007"

    def read_at(offset: int, length: int) -> bytes:
        return bytes(raw[offset : offset + length])

    contents = read_contents(read_at, len(raw))
    with pytest.raises(IntegrityError):
        read_entry(read_at, contents.frames[0])


PADDING = Entry("padding", STORED, 0, 1000, 1000, 77)
PADDING_BYTES = PADDING.local_header() + bytes(1000)


@pytest.mark.parametrize("piece_bytes", [1, 7, len(PADDING.local_header()), 500, 5000])
def test_padding_is_checked_whatever_the_piece_size(piece_bytes: int) -> None:
    def cut(data: bytes) -> list[bytes]:
        return [data[at : at + piece_bytes] for at in range(0, len(data), piece_bytes)]

    check_zeros(cut(PADDING_BYTES), PADDING)
    for place in (0, len(PADDING_BYTES) - 1000, len(PADDING_BYTES) - 1):
        changed = bytearray(PADDING_BYTES)
        changed[place] ^= 1
        with pytest.raises(IntegrityError):
            check_zeros(cut(bytes(changed)), PADDING)
    for data in (PADDING_BYTES[:-1], PADDING_BYTES + b"\0", PADDING_BYTES[:3], b""):
        with pytest.raises(IntegrityError):
            check_zeros(cut(data), PADDING)
