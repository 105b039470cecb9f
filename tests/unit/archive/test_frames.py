"""Frames expand to exactly their stated length."""

import pytest
import zstandard

from satchel.archive.frames import pack, unpack
from satchel.archive.limits import FRAME_BYTES, MAX_RATIO
from satchel.errors import IntegrityError


def test_packed_blocks_expand_to_the_same_bytes() -> None:
    blocks = bytes(range(256)) * 4096
    packed = pack(blocks)
    assert packed.size_bytes == len(blocks)
    assert unpack(packed.data, len(blocks), "frame 0") == blocks


def test_a_frame_of_zeros_is_within_the_maximum_ratio() -> None:
    assert len(pack(bytes(FRAME_BYTES)).data) * MAX_RATIO > FRAME_BYTES


def claiming(size_bytes: int) -> bytes:
    """Return a zstd frame that states a wrong length."""
    header = b"\x28\xb5\x2f\xfd\xe0" + size_bytes.to_bytes(8, "little")
    return header + zstandard.ZstdCompressor().compress(bytes(4096))[7:]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not zstd",
        zstandard.ZstdCompressor().compress(bytes(4095)),
        zstandard.ZstdCompressor().compress(bytes(4097)),
        zstandard.ZstdCompressor().compress(bytes(4096)) + b"x",
        zstandard.ZstdCompressor().compress(bytes(4096)) * 2,
        zstandard.ZstdCompressor().compress(bytes(4096))[:-1],
        zstandard.ZstdCompressor(write_content_size=False).compress(bytes(4096)),
        zstandard.ZstdCompressor().compress(bytes(64 * 2**20)),
        claiming(2**40),
    ],
)
def test_anything_but_one_complete_frame_of_that_length_is_refused(data: bytes) -> None:
    with pytest.raises(IntegrityError):
        unpack(data, 4096, "frame 0")
