"""The hash of an entry of the audit log: docs/spec/audit.md section 3, by test vectors."""

import json
from pathlib import Path
from typing import Any

import pytest

from satchel_wire.audit import Entry, encode, hash_of

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/audit/entries.json").read_text())["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_an_entry_has_the_encoding_and_the_hash_of_its_vector(vector: dict[str, Any]) -> None:
    entry, previous = Entry(**vector["entry"]), bytes.fromhex(vector["previous"])
    assert encode(previous, entry).hex() == vector["encoded"]
    assert hash_of(previous, entry).hex() == vector["sha256"]


def test_each_field_and_the_previous_hash_change_the_hash() -> None:
    entry = Entry(number=7, time_ms=8, event="a", actor="b")
    values: list[int | str] = [9 if isinstance(value, int) else "x" for value in entry]
    changed = [Entry(*(*entry[:at], value, *entry[at + 1 :])) for at, value in enumerate(values)]  # type: ignore[arg-type]
    hashes = {hash_of(bytes(32), each) for each in (entry, *changed)} | {hash_of(b"\x01" * 32, entry)}
    assert len(hashes) == len(Entry._fields) + 2


def test_text_cannot_move_between_neighbouring_fields() -> None:
    one = Entry(number=1, time_ms=1, event="a", actor="bc", actor_id="d")
    assert hash_of(bytes(32), one) != hash_of(bytes(32), one._replace(event="ab", actor="c"))
    assert hash_of(bytes(32), one) != hash_of(bytes(32), one._replace(actor="bcd", actor_id=""))
