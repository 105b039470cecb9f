import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel_service.log.errors import DamagedLogError
from satchel_service.log.format import GENESIS, Entry, Kind, WriterId, decode_entry, digest_of, emptied_entry

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
