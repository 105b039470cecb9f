"""The memory is in a backup if it was asked for, borrows what has not changed, and comes back as it was."""

import shutil
from dataclasses import replace as replaced
from datetime import timedelta
from pathlib import Path

import pytest
from tests.golden.memories.make import PARSER, START_MS
from tests.support.archives import (
    NOON,
    OWNER,
    FolderDestination,
    add_pieces,
    context_of,
    make_store,
)

from satchel.archive.manifest import Manifest
from satchel.backup import Context
from satchel.backup.archive_opening import open_archive
from satchel.backup.create.backup import BackupOptions, BackupResult, back_up, back_up_to_file
from satchel.backup.listing import list_backups
from satchel.backup.local.outbox import Outbox
from satchel.backup.local.places import Places
from satchel.backup.local.previous_stores import previous_memories, prune_previous_stores
from satchel.backup.local.record import read_record
from satchel.backup.memory_copies import forget_copies
from satchel.backup.restore.memory import MemoryLosses
from satchel.backup.restore.restore import (
    Approved,
    Offer,
    RestoreResult,
    restore,
    select_backup,
    select_file,
    undo_restore,
    verify,
)
from satchel.errors import SatchelError
from satchel.local_files import SourceFile
from satchel.memory import MEMORY_FILE, Event, MemoryStore
from satchel.store import Store

MANY = 2_000


class Taking(Approved):
    """Takes the memory, and keeps what it was shown."""

    def __init__(self) -> None:
        self.shown: list[MemoryLosses | None] = []

    def takes_memory(self, offer: Offer) -> bool:
        assert offer.manifest.memory_facts is not None
        return True

    def replace_memory(self, offer: Offer, losses: MemoryLosses | None) -> None:
        assert offer.replaces or losses is not None
        self.shown.append(losses)


def remember(home: Path, *texts: str, at_ms: int = START_MS) -> None:
    with MemoryStore.create(home) as memory:
        memory.add(Event("shell", at_ms + number, text, place=PARSER) for number, text in enumerate(texts))


def texts_of(home: Path) -> list[str]:
    with MemoryStore.open(home) as memory:
        return [event.text for event in memory.events()]


def back_up_with(home: Path, destination: FolderDestination, *, memory: bool = True) -> BackupResult:
    return back_up(context_of(home), destination, BackupOptions("laptop", memory=memory))


def take_back(home: Path, destination: FolderDestination, choice: str = "latest") -> RestoreResult:
    with select_backup(destination, context_of(home), choice) as selection:
        return restore(context_of(home), selection, approval=Taking(), allow_older=True)


def manifest_of(destination: FolderDestination, archive: str) -> Manifest:
    with SourceFile(destination.folder / f"{archive}.age") as reader:
        return open_archive(reader, OWNER, archive).manifest


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = make_store(tmp_path / "home", pieces=300, size_bytes=500)
    remember(made, *(f"make test-{number} VERBOSE={number * 7919}" for number in range(MANY)))
    return made


@pytest.fixture
def destination(tmp_path: Path) -> FolderDestination:
    return FolderDestination(tmp_path / "destination")


def test_a_memory_is_backed_up_only_if_it_is_asked_for(home: Path, destination: FolderDestination) -> None:
    without = back_up_with(home, destination, memory=False)
    manifest = manifest_of(destination, without.summary.archive)
    assert (manifest.format, manifest.memory_facts) == ("satchel-archive/1", None)
    with_it = back_up_with(home, destination)
    manifest = manifest_of(destination, with_it.summary.archive)
    assert manifest.format == "satchel-archive/2"
    assert manifest.memory_facts is not None
    assert manifest.memory_facts.events == MANY
    assert [
        entry.summary and entry.summary.has_memory for entry in list_backups(context_of(home), destination)
    ] == [
        True,
        False,
    ]
    assert (
        with_it.summary.new_data_bytes
        == (manifest.frames.blocks + manifest.memory_facts.frames.blocks) * 4096
    )
    last = read_record(home).last_backup()
    assert last is not None
    assert last.has_memory


def test_unchanged_blocks_of_the_memory_are_borrowed_however_the_store_grows(
    home: Path, destination: FolderDestination
) -> None:
    first = back_up_with(home, destination)
    add_pieces(home, range(1000, 1400), 500)
    remember(home, "git push", at_ms=START_MS + 10**6)
    second = back_up_with(home, destination)
    before, after = (manifest_of(destination, one.summary.archive).memory_facts for one in (first, second))
    assert before is not None
    assert after is not None
    assert 0 < after.frames.blocks < before.frames.blocks / 4
    back_up_with(home, destination, memory=False)
    third = manifest_of(destination, back_up_with(home, destination).summary.archive)
    assert third.memory_facts is not None
    assert third.memory_facts.frames.blocks <= 2, (
        "a backup without the memory does not make the next one start over"
    )
    assert {ref.archive for ref in third.borrowed} >= {first.summary.archive}


def test_a_backup_that_borrows_from_one_with_a_memory_has_its_version(
    home: Path, destination: FolderDestination
) -> None:
    first = back_up_with(home, destination)
    add_pieces(home, range(1000, 1010))
    manifest = manifest_of(destination, back_up_with(home, destination, memory=False).summary.archive)
    assert [ref.archive for ref in manifest.borrowed] == [first.summary.archive]
    assert (manifest.format, manifest.memory) == ("satchel-archive/2", None)
    whole = back_up(context_of(home), destination, BackupOptions("laptop", full=True))
    assert manifest_of(destination, whole.summary.archive).format == "satchel-archive/1"


def test_the_memory_comes_back_with_its_chain(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    back_up_with(home, destination)
    remember(home, "git push", at_ms=START_MS + 10**6)
    add_pieces(home, range(1000, 1010))
    back_up_with(home, destination)
    with select_backup(destination, context_of(home)) as selection:
        verify(context_of(home), selection)
    new = tmp_path / "new"
    result = take_back(new, destination)
    assert result.memory is not None
    assert (result.memory.events, result.memory.previous) == (MANY + 1, None)
    assert texts_of(new) == texts_of(home)
    with Store.open(new) as store:
        assert store.count() == 310
    again = back_up_with(new, destination)
    facts = manifest_of(destination, again.summary.archive).memory_facts
    assert facts is not None
    assert facts.frames.blocks < facts.database.blocks / 4, "what was restored is known"


def test_a_file_holds_the_memory_too(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "all.age"
    back_up_to_file(context_of(home), target, BackupOptions("laptop", memory=True))
    with select_file(target) as selection:
        verify(context_of(home), selection)
        restore(context_of(tmp_path / "without"), selection)
        done = restore(context_of(tmp_path / "with"), selection, approval=Taking())
    assert not (tmp_path / "without" / MEMORY_FILE).exists()
    assert done.memory is not None
    assert texts_of(tmp_path / "with") == texts_of(home)


def test_a_restored_memory_takes_in_nothing_that_this_device_did_not_agree_to(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    with MemoryStore.open(home) as memory:
        control = memory.control
        control.turn_on("shell", 1)
        control.turn_on("git", 2)
        control.watch("git", PARSER, '{"authors": ["ann@example.org"], "tips": ["ab"]}')
        control.exclude("ssh")
        control.pause()
    back_up_with(home, destination)
    take_back(tmp_path / "new", destination)
    with MemoryStore.open(tmp_path / "new") as memory:
        assert memory.control.sources() == {}
        assert memory.control.watched("git") == []
        assert memory.control.exclusions() == ["ssh"]
        assert memory.control.paused_until(START_MS) is None
    with MemoryStore.open(home) as memory:
        control = memory.control
        control.resume()
        control.turn_off("shell")
        control.exclude("/private")
        control.watch("git", "/srv/other", '{"authors": [], "tips": ["cd"]}')
    take_back(home, destination)
    with MemoryStore.open(home) as memory:
        assert memory.control.sources() == {"git": 2}
        assert memory.control.exclusions() == ["/private", "ssh"]
        assert memory.control.paused_until(START_MS) is None
        assert [(place.path, place.position) for place in memory.control.watched("git")] == [
            (PARSER, '{"authors": ["ann@example.org"], "tips": ["ab"]}'),
            ("/srv/other", '{"authors": [], "tips": []}'),
        ]


def test_the_memory_that_is_replaced_is_shown_first_and_kept(
    home: Path, destination: FolderDestination
) -> None:
    back_up_with(home, destination)
    remember(home, "a newer command", at_ms=START_MS + 10**6)
    approval = Taking()
    with select_backup(destination, context_of(home)) as selection:
        result = restore(context_of(home), selection, approval=approval)
    assert approval.shown == [MemoryLosses(MANY + 1, 1)]
    assert "a newer command" not in texts_of(home)
    assert result.memory is not None
    assert [result.memory.previous] == previous_memories(home)
    undone = undo_restore(home, clock=lambda: NOON)
    assert undone.brings_memory
    assert "a newer command" in texts_of(home)
    remember(home, "and it is written again", at_ms=START_MS + 10**7)
    assert len(previous_memories(home)) == 1
    prune_previous_stores(home, NOON + timedelta(days=10_000))
    assert previous_memories(home) == []


def test_a_waiting_archive_without_the_memory_does_not_pass_for_one_with_it(
    home: Path, destination: FolderDestination, tmp_path: Path
) -> None:
    broken = FolderDestination(tmp_path / "broken")
    shutil.rmtree(broken.folder)
    with pytest.raises(OSError):
        back_up_with(home, broken, memory=False)
    assert back_up_with(home, destination).summary.has_memory
    assert len(list_backups(context_of(home), destination)) == 2


@pytest.mark.parametrize("damage", ["trigger", "version", "missing table", "text"])
def test_a_hostile_memory_is_refused_and_nothing_is_replaced(
    home: Path, destination: FolderDestination, tmp_path: Path, damage: str
) -> None:
    with MemoryStore.open(home) as memory:
        statement = {
            "trigger": "CREATE TRIGGER evil AFTER INSERT ON events BEGIN DELETE FROM exclusions; END",
            "version": "PRAGMA user_version = 999",
            "missing table": "DROP TABLE summaries",
            "text": "UPDATE texts SET text = printf('%.*c', 70000, 'x') WHERE id = 1",
        }[damage]
        memory.connection.execute(statement).fetchall()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            MemoryStore, "kind", replaced(MemoryStore.kind, format=999 if damage == "version" else 1)
        )
        back_up_with(home, destination)
    before = (home / "store.db").read_bytes()
    with (
        select_backup(destination, context_of(home)) as selection,
        pytest.raises(SatchelError, match=r"tables|limit|newer"),
    ):
        restore(Context(tmp_path / "new", OWNER), selection, approval=Taking())
    assert not (tmp_path / "new" / "store.db").exists()
    assert (home / "store.db").read_bytes() == before
    assert Places(home).memory.exists()


def test_a_waiting_backup_with_the_memory_is_discarded_when_something_is_forgotten(
    home: Path, tmp_path: Path
) -> None:
    broken = FolderDestination(tmp_path / "broken")
    for has_memory in (True, False):
        shutil.rmtree(broken.folder, ignore_errors=True)
        with pytest.raises(OSError):
            back_up_with(home, broken, memory=has_memory)
        outbox = Outbox(Places(home).outbox)
        waiting = outbox.waiting()
        assert waiting is not None
        assert waiting.has_memory is has_memory
        assert forget_copies(home, lambda memory: memory.forget([])) == []
        assert (outbox.waiting() is None) is has_memory


def test_too_long_a_chain_of_both_begins_anew(
    home: Path, destination: FolderDestination, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up_with(home, destination)
    add_pieces(home, range(1000, 1010))
    remember(home, "git push", at_ms=START_MS + 10**6)
    monkeypatch.setattr("satchel.archive.plan.MAX_BORROWED", 0)
    manifest = manifest_of(destination, back_up_with(home, destination).summary.archive)
    assert manifest.borrowed == ()
    assert manifest.memory_facts is not None
    assert manifest.memory_facts.frames.blocks == manifest.memory_facts.database.blocks
