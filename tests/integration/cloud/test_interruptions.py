"""A killed client and a killed server: the next attempt sends only what is missing, and the archive is whole."""

import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from tests.integration.cloud.conftest import PART_BYTES
from tests.support.device import PROGRAM, Device
from tests.support.recorders import InMemory
from tests.support.service import ServiceProcess
from tests.support.waiting import wait_until
from tests.support.wiretap import Wiretap

from satchel.archive.destination import SealedArchive
from satchel.cloud.client import CloudClient
from satchel.cloud.connection import dial
from satchel.cloud.destination import CloudDestination
from satchel.cloud.signed_client import DeviceToken
from satchel.outgoing.address import Origin
from satchel.outgoing.retrying import TRANSFER
from satchel.outgoing.transport import Proxies
from satchel_wire.messages import UploadRequest

PIECES = 12
PIECE_BYTES = 2 << 20


def client_of(device: Device, url: str) -> CloudClient:
    token = DeviceToken(device.vault.load_token())
    return dial(Origin.parse(url), token, proxies=Proxies(), recorder=InMemory(), policy=TRANSFER)


def parts_put(service: ServiceProcess) -> int:
    """How many parts the service has taken so far, by its own log."""
    events = [json.loads(line) for line in service.output.read_text().splitlines() if line.startswith("{")]
    return sum(event.get("operation") == "put_part" and event["status"] == 204 for event in events)


@pytest.fixture
def full(device: Device) -> Device:
    """A device whose store does not compress: 24 MiB, some 400 parts."""
    for number in range(PIECES):
        device.save(os.urandom(PIECE_BYTES), title=f"random {number}")
    return device


def start_backup(device: Device) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [PROGRAM, "backup"], env=device.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def waiting_upload(device: Device) -> tuple[str, int]:
    """The id and size of the archive that waits in the outbox."""
    (sealed,) = (device.home / "outbox").glob("*.age")
    return sealed.stem, sealed.stat().st_size


def received(device: Device, service: ServiceProcess) -> int:
    """How many parts of the waiting archive the cloud has."""
    upload_id, size = waiting_upload(device)
    state = client_of(device, service.url).begin_upload(
        upload_id, UploadRequest(kind="archive", size_bytes=size)
    )
    return sum(part.received for part in state.parts)


def wait_for_parts(service: ServiceProcess, client: subprocess.Popen[bytes], count: int) -> None:
    """Wait until the service has received `count` parts in total, or the client has exited."""
    wait_until(lambda: parts_put(service) >= count or client.poll() is not None)


def kill_when_some_parts_have_arrived(service: ServiceProcess, client: subprocess.Popen[bytes]) -> None:
    wait_for_parts(service, client, 20)
    client.kill()
    client.communicate()
    assert client.returncode == -signal.SIGKILL, "the upload was over before it could be killed"


def test_a_killed_client_sends_only_the_missing_parts(
    service: ServiceProcess, full: Device, tmp_path: Path
) -> None:
    kill_when_some_parts_have_arrived(service, start_backup(full))
    _, size = waiting_upload(full)
    total = -(-size // PART_BYTES)
    before, put_before = received(full, service), parts_put(service)
    assert 20 <= before < total
    full.run("backup")
    assert parts_put(service) - put_before <= total - before
    full.run("verify")


def test_a_client_killed_repeatedly_finishes(service: ServiceProcess, full: Device) -> None:
    for _ in range(3):
        client = start_backup(full)
        wait_for_parts(service, client, parts_put(service) + 15)
        client.kill()
        client.communicate()
    full.run("backup")
    full.run("verify")
    assert list((full.home / "outbox").glob("*")) == []


def test_a_restarted_server_gets_only_the_missing_parts(service: ServiceProcess, full: Device) -> None:
    client = start_backup(full)
    wait_for_parts(service, client, 20)
    assert client.poll() is None, "the upload was over before the server could be killed"
    service.kill()
    _, size = waiting_upload(full)
    service.start()
    _, said = client.communicate(timeout=60)
    assert client.returncode == 0, said
    # Each worker may have to send the part again that was in flight.
    assert parts_put(service) <= -(-size // PART_BYTES) + 4
    full.run("verify")


def test_a_backup_to_an_unreachable_server_resumes_later(service: ServiceProcess, full: Device) -> None:
    kill_when_some_parts_have_arrived(service, start_backup(full))
    service.kill()
    service.start()
    before = received(full, service)
    assert before >= 20
    put_before = parts_put(service)
    full.run("backup")
    assert parts_put(service) - put_before <= -(-waiting_size(full) // PART_BYTES) - before + 1


def waiting_size(device: Device) -> int:
    """The size of the newest backup, as the cloud tells it."""
    return int(device.json("backups")["backups"][0]["size_bytes"])


def test_lost_responses_to_complete_and_commit_are_retried(
    service: ServiceProcess, device: Device, tmp_path: Path
) -> None:
    """The first response to each request is lost after its effect; the archive is stored once and complete."""
    sealed = tmp_path / "sealed"
    sealed.write_bytes(os.urandom(5 * PART_BYTES + 123))
    archive = SealedArchive("ab" * 16, sealed, sealed.stat().st_size, (), None, b"summary")
    lost: set[bytes] = set()
    lock = threading.Lock()

    def cut(sent: bytes) -> bool:
        """Whether the latest request on this connection is the first of its kind."""
        line = next((line for line in reversed(sent.split(b"\r\n")) if line.endswith(b"HTTP/1.1")), b"")
        with lock:
            is_first = bool(line) and line not in lost
            lost.add(line)
        return is_first

    with Wiretap(service.url, cut) as wire:
        told: list[int] = []
        kept = CloudDestination(client_of(device, wire.url)).store(archive, sent=told.append)
    assert any(b"/complete" in line for line in lost)
    assert any(b"/v1/backups/" in line for line in lost)
    assert (kept.id, kept.size_bytes, sum(told)) == (archive.id, archive.size_bytes, archive.size_bytes)
    with CloudDestination(client_of(device, service.url)).open(archive.id) as reader:
        assert reader.read_at(0, reader.size_bytes) == sealed.read_bytes()


def test_a_share_interrupted_by_a_killed_server_is_published_by_the_next_attempt(
    service: ServiceProcess, device: Device
) -> None:
    piece = device.save(os.urandom(1 << 20))
    service.kill()
    device.run("share", piece, code=6)
    service.start()
    link = device.run("share", piece).text
    assert len(device.run("get", link).stdout) == 1 << 20
