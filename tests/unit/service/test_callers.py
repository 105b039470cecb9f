"""A device that is revoked during its request changes nothing, whatever it asked for."""

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.support.asgi import Answer, Call
from tests.support.wire_device import WireDevice
from tests.unit.service.conftest import InProcess
from tests.unit.service.test_request_answers import ask, send

from satchel_service.backups.backups import Backups
from satchel_service.backups.pruning import Retentions
from satchel_service.backups.uploads import Uploads
from satchel_service.cloud import Cloud
from satchel_service.database import rows
from satchel_service.devices.devices import Devices
from satchel_service.lifecycle.erasure import authorize
from satchel_service.problems import ProblemError
from satchel_wire import messages
from satchel_wire.operations import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

GONE = "e" * 32  # a device that has been revoked
READS = {
    "list_devices",
    "show_account",
    "show_upload",
    "put_part",
    "download_archive",
    "list_backups",
    "show_backup",
    "show_retention",
    "preview_retention",
    "list_shares",
    "show_share",
    "list_audit",
    "list_reports",
    "list_requests",
    "show_request",
    "download_answer",
    "show_status",
    "erase_cloud_without_code",
}
"""Operations of a device that change nothing in the database."""


def everything(cloud: InProcess) -> list[list[tuple[object, ...]]]:
    """Return all rows that an owner has."""
    owned = ("devices", "pairing_codes", "uploads", "archives", "backups", "needs", "shares", "retention")
    tables = (*owned, "requests", "answers")
    return cloud.loopback.run(
        cloud.environment.database.read(lambda db: [rows(db, f"SELECT * FROM {table}") for table in tables])
    )


def test_a_revoked_device_changes_nothing(cloud: InProcess) -> None:
    env, whole = cloud.environment, Cloud(cloud.environment)
    backup, share = cloud.device.backup(b"one"), cloud.device.share()
    deleted = cloud.device.backup(b"two")
    cloud.device.call("DELETE", f"/v1/backups/{deleted}")
    begun = cloud.device.new_id()
    upload = cloud.device.announce(begun, 4).json()
    cloud.device.send_parts(upload, b"part")
    archive = cloud.device.upload(b"three")
    body = cloud.device.upload(b"body", "share")
    published = messages.ShareRequest(upload=body, proof_sha256=bytes(32))
    request_id = ask(cloud)
    assert send(cloud, request_id, answer_id="c" * 32).status == 200
    terms = messages.RequestTerms(proof_sha256=bytes(32), sheet=b"", answer_bytes=10)
    attempts: dict[str, Callable[[], Awaitable[object]]] = {
        "create_pairing": lambda: asyncio.sleep(0),  # see `test_pairing`
        "revoke_device": lambda: Devices(env).revoke(cloud.device.id, by=GONE),
        "step_up": lambda: asyncio.sleep(0),  # see `sign_in/test_step_up`
        "set_owner": lambda: asyncio.sleep(0),
        "announce_upload": lambda: Uploads(env).announce(
            "a" * 32, messages.UploadRequest(kind="share", size_bytes=4), by=GONE
        ),
        "abort_upload": lambda: Uploads(env).abort(begun, by=GONE),
        "complete_upload": lambda: Uploads(env).complete(begun, by=GONE),
        "commit_backup": lambda: Backups(env).commit(archive, messages.BackupRequest(summary=b""), by=GONE),
        "change_backup": lambda: Backups(env).change(backup, messages.BackupChange(expires=None), by=GONE),
        "delete_backup": lambda: Backups(env).delete(backup, by=GONE),
        "undelete_backup": lambda: Backups(env).undelete(deleted, by=GONE),
        "erase_backups": lambda: Backups(env).erase((backup,), GONE, lambda _: None),
        "set_retention": lambda: Retentions(env).set(
            messages.Retention(last=1, daily=0, weekly=0, monthly=0), by=GONE
        ),
        "publish_share": lambda: whole.shares.publish("b" * 32, published, by=GONE),
        "change_share": lambda: whole.shares.change(share, messages.ShareChange(version=1, views=3), by=GONE),
        "rearm_share": lambda: whole.shares.rearm(share, messages.RearmRequest(), by=GONE),
        "revoke_share": lambda: whole.shares.revoke(share, by=GONE),
        "make_request": lambda: whole.requests.make("d" * 32, terms, by=GONE),
        "revoke_request": lambda: whole.requests.revoke(request_id, by=GONE),
        "delete_answer": lambda: whole.requests.delete_answer(request_id, "c" * 32, by=GONE),
        "erase_cloud": lambda: authorize(env, GONE, lambda _: None),
    }
    assert set(attempts) == {each.id for each in OPERATIONS if not each.public} - READS
    for elsewhere in ("create_pairing", "step_up", "set_owner"):
        attempts.pop(elsewhere)
    before = everything(cloud)
    for name, attempt in attempts.items():
        with pytest.raises(ProblemError, match="not-signed-in"):
            cloud.loopback.run(attempt())
        assert everything(cloud) == before, name


def test_of_two_devices_that_revoke_each_other_one_stays(cloud: InProcess) -> None:
    for _ in range(10):
        other = WireDevice(cloud.stranger._send)
        assert other.pair(cloud.operators_code()).status == 201
        answers = race(cloud, (cloud.device, other), (other, cloud.device))
        assert sorted(answer.status for answer in answers) == [204, 401]
        winner = cloud.device if answers[0].status == 204 else other
        listed = winner.call("GET", "/v1/devices").json()["devices"]
        assert [device["id"] for device in listed] == [winner.id]
        cloud.device = winner


def race(cloud: InProcess, *pairs: tuple[WireDevice, WireDevice]) -> list[Answer]:
    """Let the first device of each pair revoke the second, at once."""
    return cloud.loopback.race(
        Call("DELETE", f"/v1/devices/{revoked.id}", {"Authorization": f"Bearer {device.token}"})
        for device, revoked in pairs
    )
