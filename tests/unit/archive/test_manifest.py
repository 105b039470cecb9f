"""The manifest: strict JSON under a MAC."""

import msgspec
import pytest
from tests.support.archives import NOON, OWNER, STRANGER

from satchel.archive.manifest import (
    ArchiveRef,
    DatabaseFacts,
    FrameFacts,
    Manifest,
    MapFacts,
    manifest_mac,
    open_manifest,
)
from satchel.errors import IntegrityError

KEY = OWNER.manifest_key
GOOD = Manifest(
    format="satchel-archive/1",
    archive="a" * 32,
    store="b" * 32,
    sequence=7,
    created=NOON,
    device="läptop",
    satchel="0.1.0",
    schema=1,
    pieces=3,
    previous=ArchiveRef(archive="c" * 32, manifest="1" * 64),
    database=DatabaseFacts(size_bytes=300 * 4096, block_bytes=4096, blocks=300, root="2" * 64),
    frames=FrameFacts(blocks=256, digests=("3" * 64, "4" * 64)),
    map=MapFacts(runs=2, digest="5" * 64),
    borrowed=(ArchiveRef(archive="c" * 32, manifest="1" * 64),),
)


def opened(raw: bytes) -> Manifest:
    return open_manifest(raw, manifest_mac(raw, KEY), KEY).manifest


def changed(**fields: object) -> bytes:
    return msgspec.json.encode({**msgspec.json.decode(GOOD.to_bytes()), **fields})


def test_a_manifest_survives_encoding() -> None:
    assert opened(GOOD.to_bytes()) == GOOD
    assert opened(changed()) == GOOD


def test_a_manifest_signed_by_someone_else_is_refused() -> None:
    raw = GOOD.to_bytes()
    with pytest.raises(IntegrityError, match="not by you"):
        open_manifest(raw, manifest_mac(raw, STRANGER.manifest_key), KEY)


@pytest.mark.parametrize("mac", [b"", b"0" * 64, b"\xff" * 64])
def test_a_wrong_mac_is_refused(mac: bytes) -> None:
    with pytest.raises(IntegrityError):
        open_manifest(GOOD.to_bytes(), mac, KEY)


def test_every_flipped_bit_is_refused() -> None:
    raw = GOOD.to_bytes()
    mac = manifest_mac(raw, KEY)
    for place in range(len(raw)):
        for bit in range(8):
            flipped = bytearray(raw)
            flipped[place] ^= 1 << bit
            with pytest.raises(IntegrityError):
                open_manifest(bytes(flipped), mac, KEY)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"\xff",
        GOOD.to_bytes() + b"\n",
        b" " + GOOD.to_bytes(),
        GOOD.to_bytes().replace(b'"sequence":7', b'"sequence":7,"sequence":7'),
        GOOD.to_bytes().replace(b'"sequence":7', b'"sequence":7.0'),
        GOOD.to_bytes().replace("ä".encode(), b"\\u00e4"),
        changed(more=1),
        changed(format="satchel-archive/2"),
        changed(archive="A" * 32),
        changed(archive="a" * 32 + "\n"),
        changed(store="b" * 31),
        changed(sequence=0),
        changed(sequence=-1),
        changed(created="2026-11-22T12:00:00"),
        changed(created="2026-11-22T13:00:00+01:00"),
        changed(device="x" * 201),
        changed(pieces=-1),
        changed(database={"size_bytes": 4096, "block_bytes": 4096, "blocks": 2, "root": "2" * 64}),
        changed(database={"size_bytes": 8192, "block_bytes": 8192, "blocks": 1, "root": "2" * 64}),
        changed(database={"size_bytes": 2**60, "block_bytes": 4096, "blocks": 2**48, "root": "2" * 64}),
        changed(frames={"blocks": 511, "digests": ["3" * 64, "4" * 64]}),
        changed(frames={"blocks": 256, "digests": ["3" * 64]}),
        changed(map={"runs": 2**30, "digest": "5" * 64}),
        changed(borrowed=[{"archive": f"{n:032x}", "manifest": "1" * 64} for n in range(65)]),
        changed(borrowed=[{"archive": "c" * 32, "manifest": "1" * 64}] * 2),
        changed(borrowed=[{"archive": "a" * 32, "manifest": "1" * 64}]),
    ],
)
def test_a_malformed_manifest_is_refused_even_if_signed(raw: bytes) -> None:
    with pytest.raises(IntegrityError):
        opened(raw)
