"""Backups with the real commands and service: full, incremental, and restored on another computer."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.device import Device
from tests.support.service import ServiceProcess

from satchel.keys import RootSecret
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
    assert listed[first["id"]]["expires"] is not None
    assert all(entry["authentic"] and entry["pieces"] == PIECES for entry in listed.values())
    laptop.run("backups", "rm", first["id"][:10])
    assert [entry["id"] for entry in laptop.json("backups")["backups"]] == [second["id"]]
    assert laptop.json("verify")["id"] == second["id"]


def test_restoring_an_older_backup_needs_a_flag(laptop: Device) -> None:
    first = laptop.json("backup")
    before = database(laptop.home)
    laptop.save(b"later")
    laptop.run("backup")
    refused = laptop.run("restore", first["id"], code=5)
    assert "--allow-older" in refused.stderr.decode()
    laptop.run("restore", first["id"], "--allow-older")
    assert database(laptop.home) == before


def test_a_rolled_back_cloud_is_detected(laptop: Device, service: ServiceProcess) -> None:
    """The newest backup disappears, as it would if the cloud's disk were restored."""
    laptop.json("backup")
    second = laptop.json("backup")
    other = Device(laptop.home.parent / "thief", None)
    other.home.mkdir()
    other.vault.create(ROOT, use_keyring=False)
    other.run("connect", service.url, "--pair", service.new_pairing_code())
    other.run("backups", "rm", second["id"])
    laptop.run("restore", code=5)


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
