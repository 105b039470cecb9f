"""Connections that vanish at each step of an upload: nothing leaks, the quota is right, and the upload can be resumed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from tests.security.abuse.conftest import PART_BYTES, AttackedCloud
from tests.support.raw_http import RawConnection
from tests.support.waiting import wait_until

DATA: Final = bytes(range(256)) * (PART_BYTES // 128) + b"the rest"  # two parts and a small one
REPEATS: Final = 10


class Step(NamedTuple):
    """A request of an upload, of which `sent` returns the bytes that arrive before the connection vanishes."""

    method: str
    path: str
    content_type: str
    body: bytes
    sent: Callable[[bytes, bytes], bytes]


def half_head(head: bytes, _body: bytes) -> bytes:
    return head[: len(head) // 2]


def head_only(head: bytes, _body: bytes) -> bytes:
    return head


def half_body(head: bytes, body: bytes) -> bytes:
    return head + body[: len(body) // 2]


def all_but_a_byte(head: bytes, body: bytes) -> bytes:
    return head + body[:-1]


def whole(head: bytes, body: bytes) -> bytes:
    return head + body


ANNOUNCEMENT: Final = json.dumps({"kind": "archive", "size_bytes": len(DATA)}).encode()
JSON: Final = "application/json"
OCTETS: Final = "application/octet-stream"
CUTS: Final = (half_head, head_only, half_body, all_but_a_byte, whole)
STEPS: Final = {
    **{f"announcing, {cut.__name__}": Step("PUT", "", JSON, ANNOUNCEMENT, cut) for cut in CUTS},
    **{f"a part, {cut.__name__}": Step("PUT", "/parts/1", OCTETS, DATA[:PART_BYTES], cut) for cut in CUTS},
    **{
        f"the last part, {cut.__name__}": Step("PUT", "/parts/3", OCTETS, DATA[2 * PART_BYTES :], cut)
        for cut in CUTS
    },
    "completing, half_head": Step("POST", "/complete", OCTETS, b"", half_head),
    "completing, whole": Step("POST", "/complete", OCTETS, b"", whole),
    "asking, whole": Step("GET", "", OCTETS, b"", whole),
    "aborting, half_head": Step("DELETE", "", OCTETS, b"", half_head),
}


def vanish(cloud: AttackedCloud, upload: str, step: Step) -> None:
    """Send the beginning of a request and close the connection."""
    head = (
        f"{step.method} /v1/uploads/{upload}{step.path} HTTP/1.1\r\nHost: cloud.test\r\n"
        f"Authorization: Bearer {cloud.device.token}\r\nContent-Type: {step.content_type}\r\n"
        f"Content-Length: {len(step.body)}\r\n\r\n"
    ).encode()
    with RawConnection(cloud.url) as connection:
        connection.send(step.sent(head, step.body))


def used_bytes(cloud: AttackedCloud) -> int:
    size: int = cloud.device.call("GET", "/v1/status").json()["used_bytes"]
    return size


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("name", STEPS)
def test_a_connection_that_vanishes_leaves_nothing(cloud: AttackedCloud, name: str) -> None:
    step, device = STEPS[name], cloud.device
    uploads, staging = cloud.service.folder / "uploads", cloud.service.folder / "staging"
    used, folders, files = used_bytes(cloud), names(uploads), cloud.open_files()
    upload = device.new_id()
    if not name.startswith("announcing"):
        assert device.announce(upload, len(DATA)).status == 200
    for _ in range(REPEATS):
        vanish(cloud, upload, step)
    wait_until(lambda: not names(staging) and cloud.open_files() <= files + 2)
    assert used_bytes(cloud) - used in (0, len(DATA)), "an upload counts once, with its announced size"
    wait_until(lambda: len(names(uploads) - folders) <= 1)  # of announcements at the same time, one wins
    device.send_parts(device.announce(upload, len(DATA)).json(), DATA)
    assert device.call("POST", f"/v1/uploads/{upload}/complete").json()["complete"]
    assert device.call("DELETE", f"/v1/uploads/{upload}").status == 204
    assert used_bytes(cloud) == used
    assert names(uploads) == folders


def test_a_reader_that_vanishes_ends_the_download(cloud: AttackedCloud) -> None:
    archive = cloud.device.backup(bytes(12 * 1024 * 1024))
    files = cloud.open_files()
    for _ in range(REPEATS):
        with RawConnection(cloud.url, receive_buffer=4096) as connection:
            connection.send(
                f"GET /v1/archives/{archive} HTTP/1.1\r\nHost: cloud.test\r\n"
                f"Authorization: Bearer {cloud.device.token}\r\n\r\n".encode()
            )
            assert connection.receive_head().startswith(b"HTTP/1.1 200 ")
    wait_until(lambda: cloud.open_files() <= files and len(downloads(cloud)) == REPEATS)
    assert max(entry["bytes_out"] for entry in downloads(cloud)) < 12 * 1024 * 1024


def downloads(cloud: AttackedCloud) -> list[dict[str, Any]]:
    return [entry for entry in cloud.entries("request") if entry["operation"] == "download_archive"]
