import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel_service.log.errors import DamagedLogError
from satchel_service.log.format import GENESIS, Entry, Kind, WriterId, decode_entry, digest_of, emptied_entry
from satchel_service.log.handover import Link, MoveId, SourceId, closing_payloads

WRITER = WriterId(bytes(range(16)))
ENTRY = Entry(Kind.CHANGES, 7, WRITER, b"\x11" * 32, 1_700_000_000_000, 3, (b"first", b"", b"third"))

entries = st.builds(
    Entry,
    st.sampled_from(Kind),
    st.integers(1, 2**63),
    st.binary(min_size=16, max_size=16).map(WriterId),
    st.binary(min_size=32, max_size=32),
    st.integers(0, 2**63),
    st.integers(0, 2**31),
    st.lists(st.binary(max_size=40), max_size=4).map(tuple),
)


def test_the_encoding_matches_the_specification() -> None:
    body = (
        b"satlog\x00\x01"
        b"\x01"
        b"\x00\x00\x00\x00\x00\x00\x00\x07"
        b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
        + b"\x11"
        * 32
        + b"\x00\x00\x01\x8b\xcf\xe5\x68\x00"
        b"\x00\x00\x00\x03"
        b"\x00\x00\x00\x03"
        b"\x00\x00\x00\x05first"
        b"\x00\x00\x00\x00"
        b"\x00\x00\x00\x05third"
    )
    assert ENTRY.encode() == body + hashlib.sha256(body).digest()


@given(entries)
def test_encoding_and_decoding_are_inverse(entry: Entry) -> None:
    data = entry.encode()
    assert decode_entry(data) == entry
    assert decode_entry(data).encode() == data


def test_an_entry_with_any_changed_byte_is_refused() -> None:
    data = ENTRY.encode()
    for at in range(len(data)):
        with pytest.raises(DamagedLogError):
            decode_entry(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def test_a_truncated_entry_is_refused() -> None:
    data = ENTRY.encode()
    for length in range(len(data)):
        with pytest.raises(DamagedLogError):
            decode_entry(data[:length])


@pytest.mark.parametrize(
    "body",
    [
        ENTRY.encode()[:-32] + b"more",
        ENTRY.encode()[:-33],
        ENTRY.encode()[:-32].replace(b"satlog\x00\x01", b"satlog\x00\x02"),
        ENTRY.encode()[:8] + b"\x09" + ENTRY.encode()[9:-32],
        ENTRY.encode()[:77] + b"\x00\x00\x00\x04" + ENTRY.encode()[81:-32],
        ENTRY.encode()[:77] + b"\x00\x00\x00\x02" + ENTRY.encode()[81:-32],
        ENTRY.encode()[:77] + b"\xff\xff\xff\xff" + ENTRY.encode()[81:-32],
        ENTRY.encode()[:81] + b"\xff\xff\xff\xff" + ENTRY.encode()[85:-32],
    ],
    ids=["longer", "shorter", "version", "kind", "one-more", "one-fewer", "many-more", "long-payload"],
)
def test_a_malformed_entry_with_a_valid_digest_is_refused(body: bytes) -> None:
    with pytest.raises(DamagedLogError):
        decode_entry(body + hashlib.sha256(body).digest())


def test_an_emptied_entry_holds_only_its_sequence_and_writer() -> None:
    entry = decode_entry(emptied_entry(7, WRITER).encode())
    assert (entry.kind, entry.sequence, entry.writer, entry.payloads) == (Kind.EMPTIED, 7, WRITER, ())
    assert entry.previous == GENESIS


def test_the_digest_is_at_the_end_of_an_entry() -> None:
    data = ENTRY.encode()
    assert digest_of(data) == hashlib.sha256(data[:-32]).digest()


MOVE = MoveId(bytes(range(100, 116)))
SOURCE = SourceId(bytes(range(50, 66)))
CLOSING = Entry(
    Kind.CLOSING, 8, WRITER, b"\x22" * 32, 5, 3, closing_payloads(MOVE, "https://new.example.org")
)
AWAITING = Entry(Kind.AWAITING, 1, WRITER, GENESIS, 5, 0, (MOVE, SOURCE))
OPENING = Entry(Kind.OPENING, 2, WRITER, b"\x33" * 32, 5, 3, (Link(MOVE, 8, b"\x44" * 32).encode(), b"image"))


@pytest.mark.parametrize(
    ("entry", "kind", "payloads"),
    [
        (CLOSING, b"\x04", b"\0\0\0\x02" + b"\0\0\0\x10" + MOVE + b"\0\0\0\x17https://new.example.org"),
        (AWAITING, b"\x05", b"\0\0\0\x02" + b"\0\0\0\x10" + MOVE + b"\0\0\0\x10" + SOURCE),
        (
            OPENING,
            b"\x06",
            b"\0\0\0\x02\0\0\0\x38" + MOVE + b"\0\0\0\0\0\0\0\x08" + b"\x44" * 32 + b"\0\0\0\x05image",
        ),
    ],
    ids=["closing", "awaiting", "opening"],
)
def test_the_entries_of_a_move_are_of_version_2(entry: Entry, kind: bytes, payloads: bytes) -> None:
    encoded = entry.encode()
    assert encoded.startswith(b"satlog\x00\x02" + kind)
    assert encoded[:-32].endswith(payloads)
    assert decode_entry(encoded) == entry


@pytest.mark.parametrize(("kind", "version"), [(1, 2), (3, 2), (4, 1), (6, 1), (7, 2), (1, 3)])
def test_an_entry_whose_version_does_not_match_its_kind_is_refused(kind: int, version: int) -> None:
    body = bytearray(ENTRY.encode()[:-32])
    body[7], body[8] = version, kind
    with pytest.raises(DamagedLogError, match="unknown format or kind"):
        decode_entry(bytes(body) + hashlib.sha256(body).digest())
