"""Devices of a moved cloud: every command names the new address in one line, and none goes there unasked."""

import json
from pathlib import Path

import pytest
from tests.integration.moving.conftest import Move
from tests.support.device import Device

from satchel.backup.local.places import Places


@pytest.fixture
def device(moving: Move, tmp_path: Path) -> Device:
    """A connected device with a backup."""
    made = Device(tmp_path / "home")
    made.run("init")
    made.run("connect", moving.old.url, "--pair", moving.old.new_pairing_code())
    made.json("save", "-", stdin=b"first")
    made.json("backup")
    return made


def test_a_device_follows_its_cloud_only_when_told(moving: Move, device: Device, tmp_path: Path) -> None:
    old, new = moving.old.url, moving.new.url
    piece = device.json("save", "-", stdin=b"second")["id"]
    link = device.json("share", piece, "--yes")["link"]
    stays = device.run("connect", new, code=2)
    assert b"has not moved" in stays.stderr
    backups = device.json("backups")["backups"]
    device.run("audit")
    moving.run()
    moving.restart_old()

    line = f"satchel: the cloud at {old} has moved to {new}"
    for words in (("backup",), ("backups",), ("shares",), ("devices",), ("get", link), ("sync",)):
        refused = device.run(*words, code=4).stderr.decode()
        assert line in refused, words
        assert f"satchel connect {new}" in refused
        assert link.partition("#")[2] not in refused
    assert json.loads(device.run("backup", "--json", code=4).stderr)["error"]["message"] in line
    kept = device.run("disconnect", "--yes", code=1).stderr.decode()
    assert "has moved" in kept
    assert "satchel disconnect --forget" in kept

    unasked = device.run("connect", new, code=2).stderr.decode()
    assert "there is no terminal to ask on" in unasked
    for option in (
        ("--pair", "K7QF-M2XD"),
        ("--sign-in",),
        ("--device-flow",),
        ("--label", "x"),
        ("--domain", "x"),
    ):
        both = device.run("connect", new, "--moved", *option, code=2).stderr.decode()
        assert f"cannot be combined with {option[0]}" in both
    assert b"already connected" in device.run("connect", new, "--label", "x", code=2).stderr
    elsewhere = device.run("connect", "http://127.0.0.1:9", "--moved", code=2).stderr.decode()
    assert f"has moved to {new}, not to http://127.0.0.1:9" in elsewhere
    device.run("backups", code=4)  # nothing has changed
    assert not moving.new.output.exists(), "nothing has reached the new cloud"

    moving.new.start()
    record = Places(device.home).sequences
    seen = record.read_bytes()
    record.write_bytes(b"{")
    assert b"is damaged" in device.run("connect", new, "--moved", code=5).stderr
    device.run("backups", code=4)  # the device still knows the old address only
    record.write_bytes(seen)
    followed = device.json("connect", new, "--moved")
    assert followed["url"] == new
    connection, heads = device.home / "cloud.json", device.home / "audit-heads.json"
    for path in (connection, heads, record, Places(device.home).record):
        kept = path.read_text()
        assert (old in kept, new in kept) == (False, True), path
    assert device.json("backups")["backups"] == backups
    assert device.json("backup")["id"]
    device.run("verify")
    device.run("audit")
    assert device.run("get", link.replace(old, new)).stdout == b"second"
    assert device.json("shares")["shares"][0]["state"] == "live"


def test_a_new_address_that_does_not_know_the_device_changes_nothing(moving: Move, device: Device) -> None:
    backups = device.json("backups")["backups"]
    moving.old.stop()
    moving.new.start()
    unreachable = device.run("connect", moving.new.url, code=2).stderr.decode()
    assert "does not respond" in unreachable
    refused = device.run("connect", moving.new.url, "--moved", code=4).stderr.decode()
    assert "does not know this device; nothing was changed" in refused
    moving.old.start()
    assert device.json("backups")["backups"] == backups
