"""A backup passes a container of 128 MiB, and the service holds less than 64 MiB.

Parts pass through the service into a directory; to a bucket, devices send them past it.

`SATCHEL_IMAGE_BACKUP_MIB` sets the size of the backup; `make image-memory` runs 5 GiB.
"""

import hashlib
import os
import re
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, Self

import pytest
import urllib3
from tests.integration.image.conftest import CODE
from tests.support.buckets import moto_server
from tests.support.s3_servers import S3Server, docker
from tests.support.service import free_port
from tests.support.storm import sender
from tests.support.waiting import wait_until
from tests.support.wire_device import WireDevice, b64

__all__ = ["moto_server"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

MIB: Final = 1024 * 1024
BACKUP_MIB: Final = int(os.environ.get("SATCHEL_IMAGE_BACKUP_MIB", "256"))
CONTAINER_MIB: Final = 128
HELD_MIB: Final = 64
SENDERS: Final = 2  # as many parts as a client sends at a time
SAMPLE_S: Final = 0.5
# cgroup version 1, version 2: what cannot be written to a disk when memory runs short
FIELDS: Final = re.compile(r"^(?:rss|anon|shmem) (\d+)$", re.MULTILINE)
STATISTICS: Final = "cat /sys/fs/cgroup/memory/memory.stat 2>/dev/null || cat /sys/fs/cgroup/memory.stat"
HARDENING: Final = (
    "--read-only",
    "--tmpfs",
    "/tmp",
    "--cap-drop",
    "ALL",
    "--security-opt",
    "no-new-privileges",
)
LIMITS: Final = ("--memory", f"{CONTAINER_MIB}m", "--memory-swap", f"{CONTAINER_MIB}m")


class Watcher:
    """Samples the memory that a container holds, and keeps the largest value."""

    def __init__(self, container: str) -> None:
        self.peak_mib = 0.0
        self._container = container
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._is_over.wait(SAMPLE_S):
            fields = FIELDS.findall(docker("exec", self._container, "sh", "-c", STATISTICS))
            self.peak_mib = max(self.peak_mib, sum(map(int, fields)) / MIB)


@contextmanager
def container(image: str, port: int, *options: str) -> Iterator[str]:
    """Run the image with little memory."""
    address = ("--network", "host", "--env", "SATCHEL_BIND=127.0.0.1", "--env", f"PORT={port}")
    started = docker("run", "--detach", *HARDENING, *LIMITS, *address, *options, image).strip()
    try:
        yield started
    finally:
        docker("rm", "--force", "--volumes", started)


def answers(url: str) -> bool:
    try:
        return urllib3.request("GET", f"{url}/ready", timeout=5.0, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def piece(part: dict[str, Any]) -> bytes:
    """Return a part of the backup, different from every other one."""
    size = int(part["size_bytes"])
    return hashlib.shake_128(str(part["offset"]).encode()).digest(MIB) * (size // MIB) + bytes(size % MIB)


def back_up(device: WireDevice, pool: urllib3.PoolManager) -> str:
    """Upload a backup in parts, as the client does, and return its id."""
    backup = device.new_id()
    parts = device.announce(backup, BACKUP_MIB * MIB).json()["parts"]

    def send(part: dict[str, Any]) -> int:
        if part["url"].startswith("/"):
            return device.call("PUT", part["url"], body=piece(part)).status
        return pool.request("PUT", part["url"], body=piece(part)).status  # straight to the bucket

    with ThreadPoolExecutor(SENDERS) as senders:
        assert set(senders.map(send, parts)) <= {200, 204}
    assert device.call("POST", f"/v1/uploads/{backup}/complete").json()["complete"]
    summary: dict[str, Any] = {"needs": [], "expires": None, "summary": b64(b"sealed summary")}
    assert device.call("PUT", f"/v1/backups/{backup}", summary).status == 200
    return backup


def received_bytes(pool: urllib3.PoolManager, url: str, token: str) -> int:
    """Read an archive to its end without keeping it."""
    answer = pool.request("GET", url, headers={"Authorization": f"Bearer {token}"}, preload_content=False)
    return sum(len(data) for data in answer.stream(MIB))


@pytest.mark.parametrize("storage", ["directory", "bucket"])
def test_a_backup_passes_through_a_container_of_128_mib(
    storage: str, image: str, moto_server: S3Server, pool: urllib3.PoolManager
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environ = moto_server.environ(f"memory/{os.urandom(8).hex()}") if storage == "bucket" else {}
    options = [f"--env={name}={value}" for name, value in environ.items()]
    with container(image, port, *options) as started:
        wait_until(lambda: answers(url))
        device = WireDevice(sender(pool, url))
        assert device.pair(CODE.findall(docker("exec", started, "satchel-service", "pair"))[0]).status == 201
        with Watcher(started) as watcher:
            backup = back_up(device, pool)
            read = received_bytes(pool, f"{url}/v1/archives/{backup}", device.token)
        assert read == BACKUP_MIB * MIB
        assert docker("inspect", "--format", "{{.State.OOMKilled}} {{.RestartCount}}", started) == "false 0"
        assert 0 < watcher.peak_mib < HELD_MIB
        sys.stdout.write(f"{storage}: {BACKUP_MIB} MiB passed, at most {watcher.peak_mib:.0f} MiB held\n")
