"""Clouds and devices are updated at different times: each release works with the other's counterpart."""

import hmac
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import pytest
from tests.compatibility.conftest import CLIENT, ROOT, MakeDevice, Sources
from tests.golden.archives.make import PHRASE
from tests.support.archives import OWNER, SUMMARY
from tests.support.device import Device
from tests.support.service import ServiceProcess

from satchel.archive.summary import new_bytes_of

Start = Callable[[Sources], ServiceProcess]
CURRENT: Sources = {}
OPEN_SUMMARY: Final = """
import sys
from satchel.archive.summary import open_summary
from satchel.errors import IntegrityError

archive, key, opened = sys.argv[1], *map(bytes.fromhex, sys.argv[2:])
try:
    print(open_summary(opened, archive, key).sequence)
except IntegrityError:
    print("does not authenticate")
"""


def connected(device: Device, service: ServiceProcess) -> Device:
    device.run("connect", service.url, "--pair", service.new_pairing_code())
    return device


def save(device: Device, text: str) -> str:
    return str(device.json("save", "-", stdin=text.encode())["id"])


@pytest.mark.parametrize("is_old_client", [True, False], ids=["earlier-client", "earlier-cloud"])
def test_the_releases_work_together(
    is_old_client: bool,
    previous: Sources,
    make_device: MakeDevice,
    start_service: Start,
    tmp_path: Path,
) -> None:
    unasked = () if is_old_client else ("--yes",)
    service = start_service(CURRENT if is_old_client else previous)
    device = connected(make_device("one", previous if is_old_client else CURRENT), service)
    piece = save(device, "first")
    first = device.json("backup")
    save(device, "second")
    second = device.json("backup")
    listed = device.json("backups")["backups"]
    assert [each["id"] for each in listed] == [second["id"], first["id"]]
    device.run("restore", "latest", "--into", tmp_path / "then")
    device.run("verify")

    link = device.json("share", piece, "--expires", "1h", "--card", *unasked)["link"]
    assert device.run("get", link).stdout == b"first"
    reader = make_device("reader", CURRENT if is_old_client else previous)
    assert reader.run("get", link).stdout == b"first", "a reader with the other release"
    share = device.json("shares")["shares"][0]
    ends = datetime.fromisoformat(share["expires"]) - datetime.now(UTC)
    assert timedelta(minutes=50) < ends <= timedelta(hours=1)
    device.run("shares", "update", share["id"], "--expires", "2h")
    device.run("shares", "rearm", share["id"], "--views", "3", "--expires", "3h")
    device.run("shares", "revoke", share["id"])
    reader.run("get", link, code=3)

    device.run("backups", "rm", first["id"])
    assert [each["id"] for each in device.json("backups")["backups"]] == [second["id"]]
    # this release exits with 1 where the owner should act: nobody has confirmed the recovery words
    status = json.loads(device.run("status", "--json", code=0 if is_old_client else 1).stdout)
    assert status["cloud"] is not None
    other = connected(make_device("two", CURRENT), service)
    device.run("devices", "revoke", other.json("devices")["devices"][1]["id"])
    device.run("disconnect", "--yes")


def test_both_releases_share_a_cloud_and_one_is_revoked(
    previous: Sources, make_device: MakeDevice, start_service: Start
) -> None:
    service = start_service(CURRENT)
    earlier = connected(make_device("one", previous), service)
    later = connected(make_device("two", CURRENT), service)
    save(earlier, "first")
    backup = earlier.json("backup")["id"]
    later.run("backups", "delete", backup)
    assert earlier.json("backups")["backups"] == []
    later.run("backups", "undelete", "--all")
    assert [each["id"] for each in earlier.json("backups")["backups"]] == [backup]
    mine = next(each["id"] for each in later.json("devices")["devices"] if not each["current"])
    later.run("devices", "revoke", mine)
    earlier.run("backups", code=4)


@pytest.mark.parametrize(
    "command",
    [
        ("backup", "--keep-daily", "3"),
        ("backups", "prune"),
        ("backups", "delete", "BACKUP", "--now", "--code", "AAAA"),
        ("request", "the staging key"),
    ],
    ids=" ".join,
)
def test_a_feature_that_an_earlier_cloud_lacks_is_refused_in_one_line(
    command: tuple[str, ...], previous: Sources, make_device: MakeDevice, start_service: Start
) -> None:
    device = connected(make_device("one", CURRENT), start_service(previous))
    save(device, "first")
    backup = device.json("backup")["id"]
    refused = device.run(*(backup if word == "BACKUP" else word for word in command), "--json", code=1)
    problem = json.loads(refused.stderr)["error"]
    assert "is too old for" in problem["message"]
    assert "update the cloud" in problem["hint"]
    assert len(device.json("backups")["backups"]) == 1, "nothing was changed"


def test_an_earlier_cloud_keeps_what_the_owner_does_not_delete(
    previous: Sources, make_device: MakeDevice, start_service: Start
) -> None:
    device = connected(make_device("one", CURRENT), start_service(previous))
    device.run("settings", "set", "backup.keep-daily", "3")
    save(device, "first")
    assert device.json("backup")["expires"] is None
    assert device.json("backups", "--deleted")["deleted"] == []
    device.run("backups", "undelete", "--all")
    save(device, "second")
    held = device.json("backup", "--expires", "never")
    assert held["expires"] is None
    save(device, "third")
    assert device.json("backup", "--expires", "2d")["expires"] is not None
    device.run("disconnect", "--erase-cloud", "--yes")


def test_an_updated_cloud_keeps_the_backups_that_its_clients_made_expire_by_default(
    previous: Sources, make_device: MakeDevice, start_service: Start
) -> None:
    service = start_service(previous)
    device = connected(make_device("one", previous), service)
    save(device, "first")
    default = device.json("backup")["id"]
    save(device, "second")
    chosen = device.json("backup", "--expires", "10d")["id"]
    start_service(CURRENT)
    listed = {each["id"]: each["expires"] for each in device.json("backups")["backups"]}
    assert listed[default] is None, "nobody asked for the expiry of 30 days"
    assert listed[chosen] is not None
    device.run("disconnect", "--erase-cloud", "--yes", code=4)


def test_a_store_of_the_previous_release_is_migrated_and_then_refused_by_it(
    previous: Sources, make_device: MakeDevice
) -> None:
    earlier = make_device("one", previous)
    piece = save(earlier, "first")
    earlier.run("edit", piece, "--title", "mine")
    current = Device(earlier.home)
    shown = current.json("show", piece)
    assert (shown["title"], shown["content"]) == ("mine", "first")
    save(current, "second")
    refused = earlier.run("list", "--json", code=1)
    problem = json.loads(refused.stderr)["error"]
    assert "was written by a newer satchel" in problem["message"]
    assert problem["hint"] == "update satchel"
    assert len(current.json("list")["pieces"]) == 2


def test_backups_of_both_releases_are_merged_by_this_one(
    previous: Sources, make_device: MakeDevice, tmp_path: Path
) -> None:
    earlier = make_device("one", previous)
    piece, gone = save(earlier, "first"), save(earlier, "gone")
    shutil.copytree(earlier.home, tmp_path / "two")
    current = Device(tmp_path / "two")
    current.run("edit", piece, "--title", "edited here")
    current.run("rm", gone, "--yes")
    later = save(current, "second")
    newest = save(earlier, "third")
    earlier.run("backup", "--to", tmp_path / "earlier.age")
    current.run("backup", "--to", tmp_path / "current.age")
    merged = current.json("restore", "--from", tmp_path / "earlier.age", "--merge")
    assert merged["added"] == 1
    assert {each["id"] for each in current.json("list")["pieces"]} == {piece, later, newest}
    assert current.json("show", piece)["title"] == "edited here"
    refused = earlier.run("restore", "--from", tmp_path / "current.age", "--json", code=1)
    assert json.loads(refused.stderr)["error"]["hint"] == "update satchel"
    assert len(earlier.json("list")["pieces"]) == 3, "nothing was changed"


def test_an_earlier_release_lists_backups_with_a_memory_and_refuses_them_in_one_line(
    previous: Sources, make_device: MakeDevice, start_service: Start, tmp_path: Path
) -> None:
    current = connected(make_device("one", CURRENT), start_service(CURRENT))
    save(current, "first")
    current.run("memory", "on", "agents")
    with_memory = current.json("backup", "--with-memory")
    (tmp_path / "two").mkdir()
    shutil.copy(current.home / "cloud.json", tmp_path / "two")
    shutil.copytree(current.home / "keys", tmp_path / "two" / "keys")
    earlier = Device(tmp_path / "two", environ=previous, command=(sys.executable, "-c", CLIENT))
    listed = earlier.json("backups")["backups"]
    assert [(each["id"], each["pieces"], each["authentic"]) for each in listed] == [
        (with_memory["id"], 1, True)
    ]
    refused = earlier.run("restore", "latest", "--into", tmp_path / "then", "--json", code=5)
    assert "\n" not in json.loads(refused.stderr)["error"]["message"]
    assert not (tmp_path / "then" / "store.db").exists()


@pytest.mark.parametrize(
    ("changes", "is_read"),
    [
        ({"new_bytes": new_bytes_of(2, has_memory=True)}, True),
        ({"memory": True}, False),
        ({"format": "satchel-summary/2"}, False),
    ],
    ids=["byte", "field", "format"],
)
def test_an_earlier_release_reads_no_other_form_of_summary_with_a_memory(
    changes: dict[str, object], is_read: bool, previous: Sources
) -> None:
    fields = msgspec.to_builtins(SUMMARY) | changes
    raw = json.dumps(fields).encode()
    mac = hmac.digest(OWNER.manifest_key, b"satchel/v1/summary\0" + raw, "sha256")
    ran = subprocess.run(
        [sys.executable, "-c", OPEN_SUMMARY, SUMMARY.archive, OWNER.manifest_key.hex(), (mac + raw).hex()],
        env={"PATH": "/usr/bin:/bin", **previous},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == (f"{SUMMARY.sequence}\n" if is_read else "does not authenticate\n")


@pytest.mark.parametrize("name", ["full", "first", "second"])
def test_an_earlier_release_refuses_a_golden_archive_with_a_memory(
    name: str, previous: Sources, tmp_path: Path
) -> None:
    earlier = Device(tmp_path / "home", environ=previous, command=(sys.executable, "-c", CLIENT))
    earlier.run("recovery", "use", stdin=PHRASE.encode())
    golden = ROOT / f"tests/golden/archives/memory1/{name}.age"
    for command in ("restore", "verify"):
        refused = earlier.run(command, "--from", golden, "--json", code=5)
        assert json.loads(refused.stderr)["error"]["message"].startswith("the zip in the archive holds ")
    assert not (tmp_path / "home" / "store.db").exists()
