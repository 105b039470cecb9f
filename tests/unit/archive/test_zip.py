"""The strict zip: there is one way to write it, and only that is accepted."""

import struct
import zipfile
from io import BytesIO
from zlib import crc32

import pytest

from satchel.archive.zipformat import TAIL_BYTES, Directory, Entry, parse_directory, parse_end
from satchel.archive.zipwriter import ZipWriter
from satchel.errors import IntegrityError
from satchel.zip_records import STORED, ZSTD

GIB = 2**30


def written(**entries: bytes) -> bytes:
    sink = BytesIO()
    writer = ZipWriter(sink)
    for name, data in entries.items():
        writer.add_stored(name, data)
    assert writer.finish() == len(sink.getvalue())
    return sink.getvalue()


def read(raw: bytes) -> list[Entry]:
    directory = parse_end(raw[-TAIL_BYTES:], len(raw))
    return parse_directory(raw[directory.offset : directory.offset + directory.size_bytes], directory.count)


def test_a_written_zip_is_parsed_to_the_same_entries() -> None:
    raw = written(a=b"first", b=b"", c=b"x" * 1000)
    entries = read(raw)
    assert [(entry.name, entry.size_bytes) for entry in entries] == [("a", 5), ("b", 0), ("c", 1000)]
    assert raw[entries[0].data_offset : entries[0].end_offset] == b"first"


def test_other_programs_read_it() -> None:
    with zipfile.ZipFile(BytesIO(written(a=b"first", c=b"x" * 1000))) as archive:
        assert archive.testzip() is None
        assert archive.read("c") == b"x" * 1000


def test_entries_are_readable_by_their_owner_only() -> None:
    with zipfile.ZipFile(BytesIO(written(a=b"first"))) as archive:
        assert archive.infolist()[0].external_attr >> 16 == 0o100600


def test_every_flipped_bit_of_the_directory_is_refused_or_changes_an_entry() -> None:
    raw = written(a=b"first", b=b"second")
    start = raw.index(b"PK\1\2")
    originals = read(raw)
    for place in range(start, len(raw)):
        for bit in range(8):
            changed = bytearray(raw)
            changed[place] ^= 1 << bit
            try:
                assert read(bytes(changed)) != originals
            except IntegrityError:
                continue


@pytest.mark.parametrize(
    "raw",
    [b"", b"PK\5\6", bytes(22), b"PK\5\6" + bytes(17), written(a=b"x") + b"\0", written(a=b"x") + b"comment"],
)
def test_a_malformed_end_is_refused(raw: bytes) -> None:
    with pytest.raises(IntegrityError):
        read(raw)


def test_a_comment_is_refused() -> None:
    raw = bytearray(written(a=b"x"))
    raw[-2:] = struct.pack("<H", 3)
    with pytest.raises(IntegrityError):
        read(bytes(raw) + b"hey")


def test_a_directory_that_begins_before_the_zip_is_refused() -> None:
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0, 0, 100, 0xFFFF_FF00, 0)
    with pytest.raises(IntegrityError):
        parse_end(end, len(end))


@pytest.mark.parametrize("change", [(8, 8), (10, 12), (30, 1)])
def test_flags_methods_and_extra_fields_are_refused(change: tuple[int, int]) -> None:
    raw = bytearray(Entry("a", STORED, 0, 1, 1, 0).central_header())
    place, value = change
    raw[place] = value
    with pytest.raises(IntegrityError):
        parse_directory(bytes(raw), 1)


def test_a_name_that_is_not_ascii_is_refused() -> None:
    raw = Entry("ab", STORED, 0, 1, 1, 0).central_header().replace(b"ab", b"\xc3\xa9")
    with pytest.raises(IntegrityError):
        parse_directory(raw, 1)


@pytest.mark.parametrize(
    ("size", "offset"), [(10, 5 * GIB), (5 * GIB, 10), (5 * GIB, 5 * GIB), (4 * GIB - 1, 0), (4 * GIB - 2, 0)]
)
def test_large_numbers_survive_in_zip64_records(size: int, offset: int) -> None:
    entry = Entry("padding", STORED, 7, size, size, offset)
    assert parse_directory(entry.central_header(), 1) == [entry]
    assert entry.data_offset == offset + len(entry.local_header())


@pytest.mark.parametrize(
    "directory", [Directory(3, 100, 5 * GIB), Directory(70_000, 5_000_000, 9), Directory(0xFFFF, 9, 9)]
)
def test_a_large_directory_has_a_zip64_end(directory: Directory) -> None:
    end = directory.end_records()
    assert len(end) == directory.end_bytes == TAIL_BYTES
    assert parse_end(end, directory.offset + directory.size_bytes + len(end)) == directory


def test_a_small_zip_with_a_zip64_end_is_refused() -> None:
    end = Directory(70_000, 5_000_000, 9).end_records()
    forged = end.replace(struct.pack("<2Q", 70_000, 70_000), struct.pack("<2Q", 3, 3))
    with pytest.raises(IntegrityError):
        parse_end(forged, 9 + 5_000_000 + len(end))


def test_padding_reaches_the_chosen_length() -> None:
    sink = BytesIO()
    writer = ZipWriter(sink)
    writer.add_stored("a", b"x")
    writer.add_padding("padding", lambda length: 300_000 - length(0))
    assert writer.finish() == len(sink.getvalue()) == 300_000
    padding = read(sink.getvalue())[-1]
    assert padding.crc32 == crc32(bytes(padding.size_bytes))


def test_a_compressed_entry_keeps_its_method() -> None:
    sink = BytesIO()
    writer = ZipWriter(sink)
    writer.add_compressed("z", ZSTD, b"abc", size_bytes=9, checksum=1)
    writer.finish()
    assert read(sink.getvalue()) == [Entry("z", ZSTD, 1, 3, 9, 0)]
