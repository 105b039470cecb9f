"""Archives of earlier versions are restored byte for byte (`make` created them)."""

import hashlib
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.golden.archives.make import PHRASE

from satchel.archive.destination import ArchiveReader
from satchel.backup import Context
from satchel.backup.archive_opening import open_archive
from satchel.backup.local.file_destination import refuse_borrowed
from satchel.backup.local.places import locked_home
from satchel.backup.local.sequences import series_of_cloud
from satchel.backup.reading.reader import reading
from satchel.backup.restore.assembly import open_chain
from satchel.backup.restore.memory import assemble_memory
from satchel.backup.restore.restore import Approved, Offer, Selection, restore
from satchel.errors import NotFoundError
from satchel.keys import derive_owner_keys, from_phrase
from satchel.local_files import SourceFile
from satchel.memory import MemoryStore
from satchel.store import Store

HERE = Path(__file__).parent
KEYS = derive_owner_keys(from_phrase(PHRASE))
CLOUD = series_of_cloud("https://cloud.example")
GOLDEN = [
    (version, name) for version in ("v1", "v2", "v3", "v4", "memory1") for name in ("first", "second", "full")
]


def expected(version: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((HERE / version / "expected.json").read_text())
    return document


def by_id(version: str, archive_id: str) -> ArchiveReader:
    names = {facts["id"]: name for name, facts in expected(version).items()}
    return SourceFile(HERE / version / f"{names[archive_id]}.age")


@pytest.mark.parametrize(("version", "name"), GOLDEN)
def test_a_golden_archive_is_restored(version: str, name: str, tmp_path: Path) -> None:
    facts = expected(version)[name]
    with SourceFile(HERE / version / f"{name}.age") as reader:
        selection = Selection(reader, facts["id"], lambda archive_id: by_id(version, archive_id), CLOUD)
        done = restore(Context(tmp_path / "home", KEYS), selection)
    assert done.manifest.pieces == facts["pieces"]
    assert hashlib.sha256((tmp_path / "home" / "store.db").read_bytes()).hexdigest() == facts["sha256"]
    with Store.open(tmp_path / "home") as store:
        assert store.count() == facts["pieces"]
        assert list(store.problems()) == []


@pytest.mark.parametrize(("version", "name"), GOLDEN)
def test_a_golden_archive_is_read_as_it_is_restored(version: str, name: str, tmp_path: Path) -> None:
    facts = expected(version)[name]
    context = Context(tmp_path / "home", KEYS)
    with SourceFile(HERE / version / f"{name}.age") as reader:
        selection = Selection(reader, facts["id"], lambda archive_id: by_id(version, archive_id), CLOUD)
        with reading(context) as session, session.open(selection) as backup:
            listed = list(backup.pieces())
            found = list(backup.search(""))
            heads = list(backup.heads())
        restore(context, selection)
    with Store.open(tmp_path / "home") as store:
        assert listed == list(store.pieces())
    assert found == listed
    assert [head.id for head in heads] == [piece.id for piece in reversed(listed)]


@pytest.mark.parametrize(("version", "name"), GOLDEN)
def test_a_golden_manifest_is_unchanged(version: str, name: str) -> None:
    facts = expected(version)[name]
    with SourceFile(HERE / version / f"{name}.age") as reader:
        manifest = open_archive(reader, KEYS, None).manifest
    assert {
        "id": manifest.archive,
        "store": manifest.store,
        "sequence": manifest.sequence,
        "created": manifest.created.isoformat(),
        "device": manifest.device,
        "pieces": manifest.pieces,
        "borrowed": [ref.archive for ref in manifest.borrowed],
        "own_blocks": manifest.frames.blocks,
    } == {key: value for key, value in facts.items() if key not in {"sha256", "events", "memory_sha256"}}


def test_the_second_archive_borrows_and_is_not_self_contained(tmp_path: Path) -> None:
    facts = expected("v1")["second"]
    assert facts["borrowed"] == [expected("v1")["first"]["id"]]
    with (
        SourceFile(HERE / "v1" / "second.age") as reader,
        pytest.raises(NotFoundError, match="borrows from another one"),
    ):
        restore(Context(tmp_path / "home", KEYS), Selection(reader, None, refuse_borrowed, CLOUD))


@pytest.mark.parametrize("name", ["first", "second", "full"])
def test_the_memory_of_a_golden_archive_is_restored_byte_for_byte(name: str, tmp_path: Path) -> None:
    facts = expected("memory1")[name]
    context = Context(tmp_path / "home", KEYS)
    with SourceFile(HERE / "memory1" / f"{name}.age") as reader, ExitStack() as readers:
        archive = open_archive(reader, KEYS, facts["id"])
        chain = open_chain(archive, lambda archive_id: by_id("memory1", archive_id), KEYS, readers)
        with locked_home(tmp_path) as places:
            memory = assemble_memory(context, chain, places)
            assert hashlib.sha256(memory.database.read_bytes()).hexdigest() == facts["memory_sha256"]
    assert archive.manifest.format == "satchel-archive/2"
    assert memory.events == facts["events"]


def test_a_golden_memory_is_readable_after_its_restore(tmp_path: Path) -> None:
    with SourceFile(HERE / "memory1" / "full.age") as reader:
        selection = Selection(reader, None, refuse_borrowed, CLOUD)
        restore(Context(tmp_path / "home", KEYS), selection, approval=TakingMemory())
    with MemoryStore.open(tmp_path / "home") as memory:
        assert next(memory.events(source="shell")).text == "pytest -k headers"
        assert memory.count() == expected("memory1")["full"]["events"]


class TakingMemory(Approved):
    """Takes the memory."""

    def takes_memory(self, offer: Offer) -> bool:
        return offer.manifest.memory_facts is not None
