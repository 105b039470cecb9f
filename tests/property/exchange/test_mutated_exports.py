"""Exports of every importer, cut, flipped, repeated and encoded at random: read in part, or refused in one line.

A mutated export never becomes one Piece of its raw text, and reading it never fails in any other way.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.exchange.conftest import is_one_line, no_keys
from tests.unit.exchange.test_damaged_json import ASSETS, DATABASE, GISTS
from tests.unit.exchange.test_masscode import write_database
from tests.unit.exchange.test_vscode import DOCUMENT

from satchel.errors import SatchelError
from satchel.exchange.detection import KINDS, kind_of, read
from satchel.exchange.items import History, Item, Problem
from satchel.exchange.masscode import sqlite_child
from satchel.exchange.masscode.front_matter import split
from satchel.exchange.masscode.vault import fragments_of
from satchel.store import Draft

Change = tuple[str, int, int | bytes | str]

EXPORT: Final = Path(__file__).parents[2] / "golden" / "exports" / "v2.zip"
DOCUMENTS: Final = {
    "gists.json": json.dumps(GISTS).encode(),
    "gists.jsonl": b"\n".join(json.dumps(each).encode() for each in GISTS),
    "db.json": json.dumps(DATABASE, indent=1).encode(),
    "assets.json": json.dumps(ASSETS).encode(),
    "mine.code-snippets": DOCUMENT.encode(),
    "export.zip": EXPORT.read_bytes(),
}
INSERTED: Final = [b"\0", b'"', b"{", b"]", b",", b"\\ud83d", b"[" * 300, b"null"]
SEEDS: Final = 400
ENCODINGS: Final = ["utf-8-sig", "utf-16", "utf-32", "utf-16-be"]

spots = st.integers(0, 1 << 20)
cuts = st.tuples(st.just("cut"), spots, st.just(0))
flips = st.tuples(st.just("flip"), spots, st.integers(1, 255))
changes_of_text = st.lists(
    cuts
    | flips
    | st.tuples(st.just("repeat"), spots, st.integers(1, 500))
    | st.tuples(st.just("insert"), spots, st.sampled_from(INSERTED))
    | st.tuples(st.just("encode"), st.just(0), st.sampled_from(ENCODINGS)),
    min_size=1,
    max_size=4,
)
changes_of_pages = st.lists(flips | flips | flips | cuts, min_size=1, max_size=6)


def mutated(data: bytes, changes: list[Change]) -> bytes:
    for what, spot, value in changes:
        at = spot % (len(data) + 1)
        if what == "cut":
            data = data[:at]
        elif what == "flip" and isinstance(value, int) and at < len(data):
            data = data[:at] + bytes([data[at] ^ value]) + data[at + 1 :]
        elif what == "repeat" and isinstance(value, int):
            data = data[:at] + data[at : at + value] * 2 + data[at:]
        elif isinstance(value, bytes):
            data = data[:at] + value + data[at:]
        elif isinstance(value, str):
            data = data.decode("utf-8", "replace").encode(value)
    return data


@contextmanager
def written(name: str, data: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path


def drained(items: Iterator[Item]) -> list[Item]:
    """Return all items; the edits of histories are read as they come, as an import does."""
    found = []
    for item in items:
        found.append(item)
        if isinstance(item, History):
            list(item.edits)
    return found


def refusal_of(path: Path, kind: str | None, found: list[Item]) -> SatchelError | None:
    """Read a source into `found`. Return the error that refuses it, if any."""
    try:
        found += drained(read(path, kind or kind_of(path), no_keys))
    except SatchelError as error:
        return error
    return None


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(max_examples=150, deadline=None)
@given(changes=changes_of_text)
def test_a_mutated_export_is_read_in_part_or_refused(name: str, changes: list[Change]) -> None:
    items = list[Item]()
    with written(name, mutated(DOCUMENTS[name], changes)) as path:
        error = refusal_of(path, None, items)
    assert error is None or (is_one_line(error) and error.hint)
    assert all(item.reason for item in items if isinstance(item, Problem))


def drawn_change(rng: Random) -> Change:
    what, spot = rng.choice(["cut", "flip", "repeat", "insert", "encode"]), rng.randrange(1 << 20)
    value: dict[str, int | bytes | str] = {
        "cut": 0,
        "flip": rng.randint(1, 255),
        "repeat": rng.randint(1, 500),
        "insert": rng.choice(INSERTED),
        "encode": rng.choice(ENCODINGS),
    }
    return what, spot, value[what]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_mutated_export_never_becomes_one_piece_of_its_raw_text(name: str) -> None:
    """The same changes in every run: in one of some thousand, the damage hits every name that tells the format."""
    whole, judged = DOCUMENTS[name], 0
    for seed in range(SEEDS):
        rng = Random(seed)
        changes = [drawn_change(rng) for _ in range(rng.randint(1, 4))]
        data, items = mutated(whole, changes), list[Item]()
        kept = min(len(mutated(whole, changes[:number])) for number in range(len(changes) + 1))
        if kept <= len(whole) // 2:  # of a shorter rest, nobody can tell
            continue
        with written(name, data) as path:
            refusal_of(path, None, items)
        assert not [item for item in items if isinstance(item, Draft) and item.content == data], changes
        judged += 1
    assert judged > SEEDS // 2


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "folder"])
@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=200) | st.text(alphabet='[]{}",:\\u null0123ab\n').map(str.encode))
def test_any_bytes_are_read_or_refused_in_every_format(kind: str, data: bytes) -> None:
    with written("file.json", data) as path:
        error = refusal_of(path, kind, [])
    assert error is None or is_one_line(error)


@pytest.fixture(scope="module")
def database() -> bytes:
    with written("x.db", b"") as path:
        return write_database(path).read_bytes()


@settings(max_examples=150, deadline=None)
@given(changes=changes_of_pages)
def test_a_mutated_database_is_read_in_part_or_refused(database: bytes, changes: list[Change]) -> None:
    with written("x.db", mutated(database, changes)) as path:
        messages = list(sqlite_child.messages(path, is_copy=False))
    assert messages[-1] == sqlite_child.Message()
    assert len(messages) < 1_000


@given(st.text(alphabet="-|>[]:'\"\\#`\n abcFragment0 ", max_size=400))
def test_any_front_matter_and_body_are_read(text: str) -> None:
    for source in (text, f"---\n{text}\n---\n{text}", f"## Fragment: a\n```\n{text}"):
        fields, body = split(source)
        assert len(body) <= len(source)
        assert all(fields)
        assert fragments_of(body, ["a"]) or not body.strip()
