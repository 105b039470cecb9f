"""Kills and lost connections: acknowledged data survives, the rest leaves no trace, uploads resume."""

import os
import threading
from contextlib import suppress

import pytest
import urllib3
from tests.integration.service.conftest import PART_BYTES, Connect, has_begun
from tests.support.raw_http import RawConnection
from tests.support.service import ServiceProcess
from tests.support.waiting import wait_until
from tests.support.wire_device import WireDevice

from satchel_wire.retention import DEFAULT

SURELY_KEPT = DEFAULT.last - 1  # one place may go to a committed but unacknowledged backup
DATA = os.urandom(5 * PART_BYTES + 1234)


def part_headers(device: WireDevice, size: int) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {device.token}",
        "Content-Type": "application/octet-stream",
        "Content-Length": str(size),
        "Connection": "close",
    }


def received(device: WireDevice, upload: str) -> list[int]:
    parts = device.call("GET", f"/v1/uploads/{upload}").json()["parts"]
    return [part["number"] for part in parts if part.get("received")]


def test_an_upload_resumes_with_the_part_during_which_the_server_was_killed(
    service: ServiceProcess, device: WireDevice
) -> None:
    upload = device.new_id()
    device.announce(upload, len(DATA))
    for number in (1, 2):
        body = DATA[(number - 1) * PART_BYTES :][:PART_BYTES]
        assert device.call("PUT", f"/v1/uploads/{upload}/parts/{number}", body=body).status == 204
    with RawConnection(service.url) as cut:
        cut.send_head("PUT", f"/v1/uploads/{upload}/parts/3", part_headers(device, PART_BYTES))
        cut.send(DATA[2 * PART_BYTES :][: PART_BYTES // 2])
        wait_until(lambda: has_begun(service))
        service.restart()
    assert received(device, upload) == [1, 2]
    device.send_parts(device.announce(upload, len(DATA)).json(), DATA)
    assert device.call("POST", f"/v1/uploads/{upload}/complete").status == 200
    assert device.call("PUT", f"/v1/backups/{upload}", {"summary": ""}).status == 200
    assert device.call("GET", f"/v1/archives/{upload}").body == DATA


def test_a_part_leaves_no_trace_when_the_client_is_killed(
    service: ServiceProcess, device: WireDevice
) -> None:
    upload = device.new_id()
    device.announce(upload, len(DATA))
    with RawConnection(service.url) as cut:
        cut.send_head("PUT", f"/v1/uploads/{upload}/parts/1", part_headers(device, PART_BYTES))
        cut.send(DATA[: PART_BYTES - 1])
        wait_until(lambda: has_begun(service))
    wait_until(lambda: '"operation":"put_part","status":400' in service.output.read_text())
    assert received(device, upload) == []


@pytest.mark.parametrize("delay_ms", [0, 2, 5, 10, 20, 40, 80, 160, 900])
def test_everything_acknowledged_before_a_kill_survives_it(
    service: ServiceProcess, connect: Connect, delay_ms: int
) -> None:
    device = connect(service)
    device.pair(service.pairing_code)
    acknowledged: list[str] = []
    killer = threading.Timer(delay_ms / 1000, service.kill)
    killer.start()
    with suppress(urllib3.exceptions.HTTPError):
        while len(acknowledged) < 200:
            acknowledged.append(device.backup(os.urandom(1000)))
    killer.join()
    service.start()
    listed = device.call("GET", "/v1/backups").json()
    for backup_id in acknowledged:  # of more than the retention keeps, the first wait for their deletion
        assert device.call("GET", f"/v1/backups/{backup_id}").status == 200
    assert set(acknowledged[-SURELY_KEPT:]) <= {backup["id"] for backup in listed["backups"]}
    for backup in listed["backups"]:
        assert len(device.call("GET", f"/v1/archives/{backup['id']}").body) == 1000


def test_a_view_acknowledged_before_a_kill_stays_used(service: ServiceProcess, device: WireDevice) -> None:
    share = device.share(b"body", views=2)
    assert device.open(share).status == 200
    service.restart()
    assert device.open(share).status == 200
    assert device.open(share).problem == "used-up"


def test_a_revoked_device_stays_revoked_after_a_kill(
    service: ServiceProcess, device: WireDevice, connect: Connect
) -> None:
    other = connect(service)
    other.pair(device.call("POST", "/v1/pairings").json()["code"])
    assert device.call("DELETE", f"/v1/devices/{other.id}").status == 204
    service.restart()
    assert other.call("GET", "/v1/backups").problem == "not-signed-in"
    assert device.call("GET", "/v1/backups").status == 200
