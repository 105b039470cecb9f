import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel_service.log.errors import DamagedLogError
from satchel_service.log.format import Snapshot, WriterId, decode_snapshot

WRITER = WriterId(b"\x22" * 16)
SNAPSHOT = Snapshot(9, b"\x11" * 32, WRITER, 3, 1_700_000_000_000, 2, (4, 6), ((5, WRITER),), b"image")

numbers = st.integers(0, 2**63)
writers = st.binary(min_size=16, max_size=16).map(WriterId)
snapshots = st.builds(
    Snapshot,
    numbers,
    st.binary(min_size=32, max_size=32),
    writers,
    st.integers(0, 2**31),
    numbers,
    numbers,
    st.lists(numbers, max_size=3).map(tuple),
    st.lists(st.tuples(numbers, writers), max_size=3).map(tuple),
    st.binary(max_size=50),
)


def test_the_encoding_matches_the_specification() -> None:
    body = (
        b"satsnap\x01"
        b"\x00\x00\x00\x00\x00\x00\x00\x09" + b"\x11" * 32 + b"\x22" * 16 + b"\x00\x00\x00\x03"
        b"\x00\x00\x01\x8b\xcf\xe5\x68\x00"
        b"\x00\x00\x00\x00\x00\x00\x00\x02"
        b"\x00\x00\x00\x02"
        b"\x00\x00\x00\x01"
        b"\x00\x00\x00\x00\x00\x00\x00\x05"
        b"\x00\x00\x00\x00\x00\x00\x00\x04"
        b"\x00\x00\x00\x00\x00\x00\x00\x06"
        b"\x00\x00\x00\x00\x00\x00\x00\x05" + b"\x22" * 16 + b"image"
    )
    assert SNAPSHOT.encode() == body + hashlib.sha256(body).digest()


@given(snapshots)
def test_encoding_and_decoding_are_inverse(snapshot: Snapshot) -> None:
    data = snapshot.encode()
    assert decode_snapshot(data) == snapshot
    assert decode_snapshot(data).encode() == data


def test_a_snapshot_with_any_changed_byte_is_refused() -> None:
    data = SNAPSHOT.encode()
    for at in range(len(data)):
        with pytest.raises(DamagedLogError):
            decode_snapshot(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def test_a_truncated_snapshot_is_refused() -> None:
    data = SNAPSHOT.encode()
    for length in range(len(data)):
        with pytest.raises(DamagedLogError):
            decode_snapshot(data[:length])


@pytest.mark.parametrize(
    "body",
    [
        SNAPSHOT.encode()[:-32] + b"more",
        SNAPSHOT.encode()[:-33],
        SNAPSHOT.encode()[:-32].replace(b"satsnap\x01", b"satsnap\x02"),
        SNAPSHOT.encode()[:84] + b"\xff\xff\xff\xff" + SNAPSHOT.encode()[88:-32],
    ],
    ids=["longer", "shorter", "version", "long-chain"],
)
def test_a_malformed_snapshot_with_a_valid_digest_is_refused(body: bytes) -> None:
    with pytest.raises(DamagedLogError):
        decode_snapshot(body + hashlib.sha256(body).digest())
