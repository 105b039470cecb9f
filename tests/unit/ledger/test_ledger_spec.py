"""docs/spec/ledger.md matches the code."""

import re
from pathlib import Path
from typing import Final

import msgspec
import pytest

from satchel.ledger.file import APPLICATION_ID, FORMAT, Ledger
from satchel.ledger.records import (
    SALT_BYTES,
    START,
    Ended,
    Forgotten,
    Read,
    Sent,
    Wrote,
    commit,
    decode,
    encode,
    link,
)
from satchel.outgoing.recording import KINDS

ROOT: Final = Path(__file__).resolve().parents[3]
PAGE: Final = (ROOT / "docs/spec/ledger.md").read_text("utf-8")
VECTORS: Final = re.findall(r"^\| `(\{.*\})` \| `([0-9a-f]{64})` \|$", PAGE, re.MULTILINE)


def test_the_records_of_the_page_have_its_digests() -> None:
    digest = START
    assert [type(decode(record.encode())) for record, _ in VECTORS] == [Sent, Ended, Forgotten, Read, Wrote]
    for record, expected in VECTORS:
        assert encode(decode(record.encode())) == record.encode()
        digest = link(digest, record.encode())
        assert digest.hex() == expected


def test_the_commitment_of_the_page() -> None:
    [expected] = re.findall(r"the commitment is `([0-9a-f]{64})`", PAGE)
    assert commit(bytes(range(SALT_BYTES)), b'{"prompt":"hello"}') == expected


@pytest.mark.parametrize("kind", [Sent, Ended, Read])
def test_the_fields_of_the_page_are_those_of_the_records(kind: type[msgspec.Struct]) -> None:
    part = PAGE.split(f"**`{kind.__name__.lower()}`**")[1].split("\n**")[0]
    named = re.findall(r"^\| `(\w+)` \| *(`[^`]*`)? *\|", part, re.MULTILINE)
    fields = msgspec.structs.fields(kind)
    assert [name for name, _ in named] == ["record", *(field.name for field in fields)]
    assert [bool(default) for _, default in named[1:]] == [not field.required for field in fields]


def test_every_kind_is_on_the_page() -> None:
    [listed] = re.findall(r"^\| `kind` \| \| (.*) \|$", PAGE, re.MULTILINE)
    assert re.findall(r"`([\w-]+)`", listed) == list(KINDS)


def test_the_file_is_that_of_the_page(tmp_path: Path) -> None:
    with Ledger.create(tmp_path) as ledger:
        found = ledger.connection.execute("SELECT sql FROM sqlite_schema").fetchall()
        assert ledger.connection.pragma("application_id") == APPLICATION_ID
    assert [f"{sql};" for (sql,) in found] == re.findall(r"^CREATE TABLE .*$", PAGE, re.MULTILINE)
    assert f"`0x{APPLICATION_ID:x}`" in PAGE
    assert f"`user_version` {FORMAT}" in PAGE


def test_a_record_of_a_write_has_the_fields_of_a_record_of_a_read() -> None:
    assert Wrote.__struct_fields__ == Read.__struct_fields__
    assert Wrote.__struct_defaults__ == Read.__struct_defaults__
