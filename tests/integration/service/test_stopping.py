"""A stop finishes requests in flight, accepts no new ones, and takes at most eight seconds."""

import socket
import time

from tests.integration.service.conftest import PART_BYTES, has_begun
from tests.integration.service.test_interruptions import DATA, part_headers
from tests.support.raw_http import RawConnection
from tests.support.service import ServiceProcess
from tests.support.waiting import wait_until
from tests.support.wire_device import WireDevice

STOP_S = 8.0


def accepts(service: ServiceProcess) -> bool:
    try:
        socket.create_connection(("127.0.0.1", service.port), timeout=5).close()
    except OSError:
        return False
    return True


def test_a_stop_finishes_a_slow_upload_and_accepts_no_new_connection(
    service: ServiceProcess, device: WireDevice
) -> None:
    upload = device.new_id()
    device.announce(upload, PART_BYTES)
    with RawConnection(service.url) as slow:
        slow.send_head("PUT", f"/v1/uploads/{upload}/parts/1", part_headers(device, PART_BYTES))
        slow.send(DATA[: PART_BYTES // 2])
        wait_until(lambda: has_begun(service))
        began = time.monotonic()
        service.terminate()
        wait_until(lambda: not accepts(service))
        slow.send(DATA[PART_BYTES // 2 : PART_BYTES])
        assert slow.receive().startswith(b"HTTP/1.1 204 ")
    assert service.wait() == 0
    assert time.monotonic() - began < STOP_S
    service.start()
    parts = device.call("GET", f"/v1/uploads/{upload}").json()["parts"]
    assert [part["received"] for part in parts] == [True]


def test_a_stop_does_not_wait_for_idle_or_stuck_connections(
    service: ServiceProcess, device: WireDevice
) -> None:
    upload = device.new_id()
    device.announce(upload, PART_BYTES)  # leaves an idle connection open
    with RawConnection(service.url) as stuck:
        stuck.send_head("PUT", f"/v1/uploads/{upload}/parts/1", part_headers(device, PART_BYTES))
        stuck.send(DATA[: PART_BYTES // 2])
        wait_until(lambda: has_begun(service))
        began = time.monotonic()
        service.stop()
        assert time.monotonic() - began < STOP_S


def test_a_stop_writes_the_counts_of_openings(service: ServiceProcess, device: WireDevice) -> None:
    share = device.share()
    for _ in range(3):
        assert device.open(share).status == 200
    assert service.stop() == 0
    service.start()
    assert device.call("GET", f"/v1/shares/{share}").json()["opened"] == 3


def test_an_idle_service_stops_at_once(service: ServiceProcess) -> None:
    began = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - began < 4.0


def test_a_stopped_service_leaves_no_copy_of_its_database(
    service: ServiceProcess, device: WireDevice
) -> None:
    device.backup()
    assert list(service.local.iterdir()) != []
    assert service.stop() == 0
    assert list(service.local.iterdir()) == []


def test_a_killed_service_leaves_a_copy_that_the_next_one_removes(
    service: ServiceProcess, device: WireDevice
) -> None:
    device.backup()
    service.kill()
    left = list(service.local.iterdir())
    service.start()
    assert left != []
    assert not set(left) & set(service.local.iterdir())
