"""Clients that connect and wait, send slowly or read slowly: each is cut off, and others are served meanwhile."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Final

import pytest
from tests.security.abuse.conftest import BODY, IDLE_FILES, PART_BYTES, AttackedCloud, Clouds
from tests.support.http_shapes import JSON, PLAIN, Reply, read_replies
from tests.support.raw_http import RawConnection
from tests.support.waiting import wait_until

from satchel_service.server.connections import BURST, FILES_EACH, HEADERS_S
from satchel_service.settings import SETTINGS

DEFAULT_CONNECTIONS: Final = next(each.default for each in SETTINGS if each.name == "connections")
CONNECTIONS: Final = 60
FLOOD: Final = 300
REPLACED_S: Final = HEADERS_S / 2  # long before the connections would be closed anyway
PACE_S: Final = 0.5
BOUND_S: Final = 40.0  # every drip must end by itself long before; the part would take 18 hours


@pytest.fixture(scope="module")
def small_cloud(clouds: Clouds) -> AttackedCloud:
    """A cloud that allows few connections."""
    return clouds.start({"SATCHEL_CONNECTIONS": str(CONNECTIONS)})


FLOODS: dict[str, bytes] = {
    "silent connections": b"",
    "connections with half a request line": b"GET /li",
    "connections with endless headers": PLAIN + b"X: y\r\n",
    "connections that never send their body": JSON + b"Content-Length: 100\r\n\r\n",
    "connections that never end their chunks": JSON + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    "downloads that are never read": b"",  # the request is completed below
}


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_of_connections_does_not_keep_others_out(small_cloud: AttackedCloud, flood: str) -> None:
    cloud, data = small_cloud, FLOODS[flood]
    if flood == "downloads that are never read":
        share = cloud.device.share(bytes(8 * 1024 * 1024))
        data = PLAIN.replace(b"/live", f"/s/{share}/raw".encode()) + b"\r\n"
    with ExitStack() as held:
        for number in range(FLOOD):
            connection = held.enter_context(RawConnection(cloud.url, receive_buffer=4096))
            with suppress(ConnectionError):  # one of the latest has replaced it
                connection.send(data)
            if number % 40 == 0:
                assert cloud.stranger.open(cloud.share).body == BODY
                assert cloud.device.call("GET", "/v1/status").status == 200
        wait_until(lambda: cloud.open_files() <= FILES_EACH * CONNECTIONS + IDLE_FILES, timeout_s=REPLACED_S)
    cloud.check()
    wait_until(lambda: cloud.open_files() <= IDLE_FILES)


def test_the_full_number_of_connections_fits_into_the_memory(clouds: Clouds) -> None:
    """Each connection holds what costs the service most: a response of which the client reads nothing."""
    cloud = clouds.start()
    share = cloud.device.share(bytes(8 * 1024 * 1024))
    request = PLAIN.replace(b"/live", f"/s/{share}/raw".encode()) + b"\r\n"
    with ExitStack() as held:
        for _ in range(int(DEFAULT_CONNECTIONS) + BURST):
            connection = held.enter_context(RawConnection(cloud.url, receive_buffer=4096))
            with suppress(ConnectionError):
                connection.send(request)
        cloud.check()
    wait_until(lambda: cloud.open_files() <= IDLE_FILES)


def test_the_upload_of_a_device_survives_a_flood_of_strangers(small_cloud: AttackedCloud) -> None:
    device = small_cloud.device
    upload = device.new_id()
    device.announce(upload, PART_BYTES)
    with ExitStack() as held:
        part = held.enter_context(RawConnection(small_cloud.url))
        part.send(part_head(small_cloud, upload, b"Expect: 100-continue\r\n"))
        assert part.receive_head().startswith(b"HTTP/1.1 100 ")  # the token has been checked
        for number in range(FLOOD):
            connection = held.enter_context(RawConnection(small_cloud.url))
            with suppress(ConnectionError):
                connection.send(JSON + b"Content-Length: 100\r\n\r\n" if number % 2 else b"")
        part.send(bytes(PART_BYTES))
        assert part.receive_head().startswith(b"HTTP/1.1 204 ")
    small_cloud.check()


def part_head(cloud: AttackedCloud, upload: str, more: bytes = b"") -> bytes:
    """Return the head of a request that puts the first part of an upload."""
    head = (
        f"PUT /v1/uploads/{upload}/parts/1 HTTP/1.1\r\nHost: cloud.test\r\nConnection: close\r\n"
        f"Authorization: Bearer {cloud.device.token}\r\nContent-Type: application/octet-stream\r\n"
        f"Content-Length: {PART_BYTES}\r\n"
    )
    return head.encode() + more + b"\r\n"


def drip(url: str, start: bytes, drop: bytes) -> tuple[list[Reply], float]:
    """Send `drop` again and again until the server ends the connection; return its responses and how long it took."""
    began = time.monotonic()
    with RawConnection(url, patience_s=PACE_S) as connection:
        received = bytearray()
        connection.send(start)
        while time.monotonic() - began < BOUND_S:
            try:
                with suppress(TimeoutError):
                    if not (data := connection.receive_some()):
                        break
                    received += data
            except ConnectionError:
                break
            with suppress(ConnectionError):  # the server has closed; its response may still wait to be read
                connection.send(drop)
        return read_replies(bytes(received)), time.monotonic() - began


DRIPS: dict[str, Callable[[AttackedCloud, str], tuple[bytes, bytes]]] = {
    "nothing": lambda _cloud, _upload: (b"", b""),
    "a byte of the request line": lambda _cloud, _upload: (b"GET /", b"x"),
    "a header": lambda _cloud, _upload: (PLAIN, b"X: y\r\n"),
    "a byte of a message": lambda _cloud, _upload: (JSON + b"Content-Length: 16000\r\n\r\n", b" "),
    "a chunk of a message": lambda _cloud, _upload: (
        JSON + b"Transfer-Encoding: chunked\r\n\r\n",
        b"1\r\n \r\n",
    ),
    "a byte of a chunk size": lambda _cloud, _upload: (JSON + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "bytes of a part": lambda cloud, upload: (part_head(cloud, upload), b"xy"),
    "a body that nobody reads": lambda _cloud, _upload: (PLAIN + b"Content-Length: 9999999\r\n\r\n", b"x"),
}


@pytest.fixture(scope="module")
def drips(shared_cloud: AttackedCloud) -> Iterator[dict[str, tuple[list[Reply], float]]]:
    """Send everything slowly at the same time."""
    upload = shared_cloud.device.new_id()
    shared_cloud.device.announce(upload, PART_BYTES)
    with ThreadPoolExecutor(len(DRIPS)) as threads:
        started = {
            name: threads.submit(drip, shared_cloud.url, *make(shared_cloud, upload))
            for name, make in DRIPS.items()
        }
        yield {name: each.result() for name, each in started.items()}
    shared_cloud.check()


@pytest.mark.parametrize("sent", DRIPS)
def test_a_client_that_sends_slowly_is_cut_off(
    drips: dict[str, tuple[list[Reply], float]], sent: str
) -> None:
    replies, elapsed_s = drips[sent]
    assert elapsed_s < BOUND_S
    assert [reply.status for reply in replies] in ([], [200], [408])


@pytest.mark.parametrize("sent", ["a byte of a message", "a chunk of a message", "bytes of a part"])
def test_a_client_that_sends_a_body_slowly_is_told(
    drips: dict[str, tuple[list[Reply], float]], sent: str
) -> None:
    assert [reply.status for reply in drips[sent][0]] == [408]
