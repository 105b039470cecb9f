"""Backups with the real commands and service: full, incremental, and restored on another computer."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.device import Device
from tests.support.service import ServiceProcess

from satchel.keys import RootSecret
from satchel.memory import MEMORY_FILE, Event, MemoryStore
from satchel.store import Changes, Store

ROOT = RootSecret(b"\x51" * 32)
PIECES = 60


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path / "cloud") as running:
        yield running


@pytest.fixture
def laptop(tmp_path: Path, service: ServiceProcess) -> Device:
    device = Device(tmp_path / "laptop", ROOT)
    for number in range(PIECES):
        device.save(os.urandom(3000).hex().encode(), title=f"piece {number}")
    device.run("connect", service.url, "--pair", service.pairing_code)
    return device


@pytest.fixture
def new_laptop(tmp_path: Path, service: ServiceProcess) -> Device:
    """Another computer of the same owner, with only the keys and the cloud."""
    device = Device(tmp_path / "new-laptop")
    device.home.mkdir()
    device.vault.create(ROOT, use_keyring=False)
    device.run("connect", service.url, "--pair", service.new_pairing_code())
    return device


def database(home: Path) -> bytes:
    return (home / "store.db").read_bytes()


def test_a_store_is_restored_on_another_computer(laptop: Device, new_laptop: Device) -> None:
    first = laptop.json("backup")
    assert (first["kind"], first["pieces"]) == ("full", PIECES)
    with Store.open(laptop.home) as store:
        piece = next(store.pieces())
    laptop.edit(piece.id, Changes(content=b"edited"))
    second = laptop.json("backup")
    assert second["kind"] == "incremental"
    assert second["size_bytes"] < first["size_bytes"] / 3
    restored = new_laptop.json("restore")
    assert restored["pieces"] == PIECES
    assert database(new_laptop.home) == database(laptop.home)
    assert new_laptop.run("show", piece.id).stdout == b"edited"


def test_later_backups_of_both_computers_are_incremental(laptop: Device, new_laptop: Device) -> None:
    laptop.json("backup")
    new_laptop.json("restore")
    new_laptop.save(b"made there")
    there = new_laptop.json("backup")
    laptop.save(b"made here")
    here = laptop.json("backup")
    assert [there["kind"], here["kind"]] == ["incremental", "incremental"]
    assert laptop.json("verify", there["id"])["pieces"] == PIECES + 1
    listed = laptop.json("backups")["backups"]
    assert [entry["id"] for entry in listed[:2]] == [here["id"], there["id"]]


def test_backups_are_listed_and_deleted(laptop: Device) -> None:
    first, second = laptop.json("backup"), laptop.json("backup", "--expires", "never")
    listed = {entry["id"]: entry for entry in laptop.json("backups")["backups"]}
    assert listed.keys() == {first["id"], second["id"]}
    assert listed[second["id"]]["expires"] is None
    assert listed[first["id"]]["expires"] is None
    assert (listed[first["id"]]["held"], listed[second["id"]]["held"]) == (False, True)
    assert all(entry["authentic"] and entry["pieces"] == PIECES for entry in listed.values())
    laptop.run("backups", "rm", first["id"][:10])
    assert [entry["id"] for entry in laptop.json("backups")["backups"]] == [second["id"]]
    assert laptop.json("verify")["id"] == second["id"]


def test_an_older_backup_that_is_named_is_restored_and_undone(laptop: Device) -> None:
    first = laptop.json("backup")
    before = database(laptop.home)
    laptop.save(b"later")
    laptop.run("backup")
    assert "--yes" in laptop.run("restore", first["id"], code=2).said
    assert laptop.json("restore", first["id"], "--yes")["lost"] == {"missing": 1, "newer": 0}
    assert database(laptop.home) == before
    assert laptop.json("restore", "--undo")["pieces"] == PIECES + 1
    assert laptop.json("restore", "--undo")["pieces"] == PIECES


def test_after_a_backup_to_a_file_the_cloud_s_latest_is_no_rollback(laptop: Device, tmp_path: Path) -> None:
    laptop.json("backup")
    laptop.json("backup", "--to", tmp_path / "a.age")
    assert laptop.json("restore", "--yes")["pieces"] == PIECES
    assert laptop.json("restore", "--yes", "--from", tmp_path / "a.age")["pieces"] == PIECES


def test_a_backup_is_read_without_restoring_it(laptop: Device, new_laptop: Device) -> None:
    first = laptop.json("backup")
    added = laptop.save(b"a xylophone", title="later")
    second = laptop.json("backup")
    shown = new_laptop.json("backups", "show", second["id"][:8])
    assert (shown["pieces"], shown["borrows_from"]) == (PIECES + 1, [first["id"]])
    assert len(new_laptop.json("backups", "ls", first["id"], "--all")["pieces"]) == PIECES
    found = new_laptop.json("backups", "ls", second["id"], "--search", "xylophone")
    assert [piece["id"] for piece in found["pieces"]] == [added]
    compared = new_laptop.json("backups", "diff", first["id"], second["id"])
    assert [piece["id"] for piece in compared["added"]] == [added]
    assert compared["changed"] == compared["removed"] == []
    assert [piece["id"] for piece in laptop.json("backups", "diff", first["id"])["added"]] == [added]
    assert not (new_laptop.home / "store.db").exists()


def test_a_sample_is_verified_against_the_cloud(laptop: Device) -> None:
    made = laptop.json("backup")
    document = laptop.json("verify", "--sample", "10%")
    assert (document["id"], document["checked"], document["same"]) == (made["id"], 6, 6)


def test_a_rolled_back_cloud_is_detected(laptop: Device, service: ServiceProcess) -> None:
    """The newest backup disappears, as it would if the cloud's disk were restored."""
    laptop.json("backup")
    second = laptop.json("backup")
    other = Device(laptop.home.parent / "thief", None)
    other.home.mkdir()
    other.vault.create(ROOT, use_keyring=False)
    other.run("connect", service.url, "--pair", service.new_pairing_code())
    other.run("backups", "rm", second["id"])
    assert service.url in laptop.run("restore", code=5).said


def test_the_recovery_words_of_another_owner_open_nothing(
    laptop: Device, tmp_path: Path, service: ServiceProcess
) -> None:
    laptop.json("backup")
    stranger = Device(tmp_path / "stranger", RootSecret(b"\x52" * 32))
    stranger.run("connect", service.url, "--pair", service.new_pairing_code())
    stranger.run("restore", code=5)
    (entry,) = stranger.json("backups")["backups"]
    assert (entry["authentic"], entry["pieces"], entry["device"]) == (False, None, None)


def test_an_unreachable_cloud_leaves_the_archive_waiting(laptop: Device, service: ServiceProcess) -> None:
    service.stop()
    assert json.loads(laptop.run("backup", "--json", code=6).stderr)["error"]["exit_code"] == 6
    service.start()
    assert laptop.json("backup")["pieces"] == PIECES
    assert len(laptop.json("backups")["backups"]) == 1


def test_the_cloud_learns_no_text(laptop: Device, service: ServiceProcess) -> None:
    laptop.save(b"a very secret word: xylophone")
    laptop.json("backup")
    stored = b"".join(path.read_bytes() for path in service.folder.rglob("*") if path.is_file())
    assert b"xylophone" not in stored


def test_two_computers_sync_through_the_cloud(
    laptop: Device, service: ServiceProcess, tmp_path: Path
) -> None:
    desk = Device(tmp_path / "desk", ROOT)
    desk.run("connect", service.url, "--pair", service.new_pairing_code())
    there = desk.save(b"made at the desk", title="desk")
    desk.run("backup")
    assert laptop.json("sync", "--dry-run")["merged"][0]["added"] == 1
    first = laptop.json("sync")
    assert (first["merged"][0]["added"], first["failed"]) == (1, [])
    assert laptop.run("show", there).stdout == b"made at the desk"
    assert desk.json("sync")["merged"][0]["added"] == PIECES
    assert laptop.json("sync")["merged"][0]["added"] == 0
    listed = [{piece["id"] for piece in each.json("list", "--all")["pieces"]} for each in (laptop, desk)]
    assert listed[0] == listed[1]
    laptop.run("rm", there, "--yes")
    backup = desk.json("backups")["backups"][0]["id"]
    assert laptop.json("restore", backup, "--piece", there)["restored"] == 1
    assert laptop.run("show", there).stdout == b"made at the desk"


def test_the_memory_goes_through_the_cloud_and_sync_leaves_it_alone(
    laptop: Device, new_laptop: Device
) -> None:
    with MemoryStore.create(laptop.home) as memory:
        memory.add(Event("shell", number, f"make test-{number}") for number in range(500))
    assert laptop.json("backup")["memory"] is False
    assert laptop.json("backup", "--with-memory")["memory"] is True
    with MemoryStore.open(laptop.home) as memory:
        memory.add([Event("shell", 1_000, "git push")])
    laptop.run("settings", "set", "backup.with-memory", "on")
    last = laptop.json("sync")["backup"]
    listed = {each["id"]: each["memory"] for each in laptop.json("backups")["backups"]}
    assert list(listed.values()) == [True, True, False]
    assert listed[last] is True
    assert laptop.json("verify")["memory"] is True

    new_laptop.run("init", "--quiet", code=0)
    merged = new_laptop.run("sync")
    assert "memories are not merged" in merged.said
    assert not (new_laptop.home / MEMORY_FILE).exists()
    done = new_laptop.json("restore", last, "--with-memory", "--yes")
    assert done["memory"] == {"events": 501, "restored": True, "kept": None}
    with MemoryStore.open(new_laptop.home) as memory:
        assert memory.count() == 501
        assert memory.control.sources() == {}
