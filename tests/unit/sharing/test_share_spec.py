"""docs/spec/share.md matches the code."""

import re
from pathlib import Path

import pytest

from satchel.pieces import fields
from satchel.sharing import body, container

SPEC = (Path(__file__).parents[3] / "docs" / "spec" / "share.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("at least one and at most {}", container.MAX_FILES),
        ("all files together at most {:,} bytes", container.MAX_CONTENT_BYTES),
        ("`piece.json` at most {:,}", container.MAX_DOCUMENT_BYTES),
        ("more than {} times its packed size", container.MAX_RATIO),
        ("at most {} bytes in UTF-8", fields.MAX_FILE_NAME_BYTES),
    ],
)
def test_the_limits_match_the_specification(said: str, number: int) -> None:
    assert said.format(number) in SPEC


def test_every_field_of_piece_json_is_specified() -> None:
    section = SPEC.partition("## 4. The body")[2].partition("## 5.")[0]
    told = {
        name
        for row in re.findall(r"^\| (`.*?`) \|", section, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    assert told == set(body._SeveralDocument.__struct_fields__)


def test_a_share_accepts_what_the_store_accepts() -> None:
    assert (container.MAX_FILES, container.MAX_CONTENT_BYTES) == (fields.MAX_FILES, fields.MAX_CONTENT_BYTES)
