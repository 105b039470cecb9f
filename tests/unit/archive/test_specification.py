"""The limits in docs/spec/archive.md match the code."""

import re
from pathlib import Path

import pytest

from satchel.archive import limits

SPEC = (Path(__file__).parents[3] / "docs" / "spec" / "archive.md").read_text()


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ("blocks in a database", limits.MAX_BLOCKS),
        ("borrowed archives", limits.MAX_BORROWED),
        ("runs in a block map", limits.MAX_RUNS),
        ("bytes of a manifest", limits.MAX_MANIFEST_BYTES),
        ("expansion of an entry", limits.MAX_RATIO),
        ("characters of a label", limits.MAX_LABEL_CHARS),
        ("sequence", limits.MAX_SEQUENCE),
    ],
)
def test_limits_are_as_specified(limit: str, value: int) -> None:
    assert re.search(rf"^\| {limit} \| {value} \|", SPEC, re.MULTILINE)


def test_blocks_and_frames_are_as_specified() -> None:
    assert limits.BLOCK_BYTES == 4096
    assert limits.FRAME_BLOCKS == 255
    assert f'"{limits.FORMAT}"' in SPEC
