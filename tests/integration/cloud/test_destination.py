"""The cloud keeps the promises of a destination of archives (`satchel.archive.destination`)."""

import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.integration.cloud.conftest import PART_BYTES
from tests.support.device import Device
from tests.support.recorders import InMemory
from tests.support.service import ServiceProcess

from satchel.archive.destination import BorrowedArchiveGoneError, Destination, SealedArchive
from satchel.cloud.connection import dial
from satchel.cloud.destination import CloudDestination
from satchel.cloud.signed_client import DeviceToken
from satchel.errors import NotFoundError, SatchelError, UnreachableError
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import Proxies


@pytest.fixture
def cloud(service: ServiceProcess, device: Device) -> Destination:
    token = DeviceToken(device.vault.load_token())
    return CloudDestination(dial(Origin.parse(service.url), token, proxies=Proxies(), recorder=InMemory()))


class Archives:
    """Makes sealed archives of random bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(
        self, size_bytes: int = 1000, *, needs: tuple[str, ...] = (), expires: datetime | None = None
    ) -> SealedArchive:
        archive_id = os.urandom(16).hex()
        path = self._folder / archive_id
        path.write_bytes(os.urandom(size_bytes))
        return SealedArchive(archive_id, path, size_bytes, needs, expires, b"sealed summary")


@pytest.fixture
def archives(tmp_path: Path) -> Archives:
    folder = tmp_path / "archives"
    folder.mkdir()
    return Archives(folder)


def ignore(_sent: int) -> None:
    pass


@pytest.mark.parametrize("size", [1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 10 * PART_BYTES])
def test_an_archive_comes_back_byte_for_byte(cloud: Destination, archives: Archives, size: int) -> None:
    archive = archives.make(size)
    told: list[int] = []
    kept = cloud.store(archive, sent=told.append)
    assert (kept.id, kept.size_bytes, kept.summary, kept.needs) == (archive.id, size, b"sealed summary", ())
    assert sum(told) == size
    with cloud.open(archive.id) as reader:
        assert reader.size_bytes == size
        assert reader.read_at(0, size) == archive.path.read_bytes()


def test_storing_again_sends_nothing_and_changes_nothing(cloud: Destination, archives: Archives) -> None:
    archive = archives.make(3 * PART_BYTES)
    first = cloud.store(archive, sent=ignore)
    told: list[int] = []
    assert cloud.store(archive, sent=told.append) == first
    assert sum(told) == archive.size_bytes
    assert archive.path.exists()
    assert len(cloud.inventory().backups) == 1


def test_any_range_can_be_read_by_several_threads(cloud: Destination, archives: Archives) -> None:
    from concurrent.futures import ThreadPoolExecutor

    archive = archives.make(5_000_001)
    cloud.store(archive, sent=ignore)
    data, draw = archive.path.read_bytes(), random.Random(5)
    ranges = [
        (at, min(draw.randrange(200_000), len(data) - at))
        for at in (draw.randrange(len(data)) for _ in range(60))
    ]
    with cloud.open(archive.id) as reader, ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda span: reader.read_at(*span), ranges))
        ordered = b"".join(
            reader.read_at(at, min(65_552, len(data) - at)) for at in range(0, len(data), 65_552)
        )
    assert read == [data[at : at + length] for at, length in ranges]
    assert ordered == data


def test_the_inventory_lists_backups_newest_first_and_borrowed_archives(
    cloud: Destination, archives: Archives
) -> None:
    first = archives.make()
    second = archives.make(needs=(first.id,))
    for archive in (first, second):
        cloud.store(archive, sent=ignore)
    cloud.delete(first.id)
    listed = cloud.inventory()
    assert [backup.id for backup in listed.backups] == [second.id]
    assert listed.archives == {first.id, second.id}
    with cloud.open(first.id) as reader:
        assert reader.read_at(0, 1000) == first.path.read_bytes()
    cloud.delete(second.id)
    assert cloud.inventory().archives == frozenset()
    with pytest.raises(NotFoundError):
        cloud.open(first.id)


def test_a_need_that_is_not_kept_is_told(cloud: Destination, archives: Archives) -> None:
    with pytest.raises(BorrowedArchiveGoneError):
        cloud.store(archives.make(needs=("0" * 32,)), sent=ignore)
    assert cloud.inventory().backups == ()


def test_an_expiry_is_kept_and_can_be_changed(cloud: Destination, archives: Archives) -> None:
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    archive = archives.make(expires=ends)
    assert cloud.store(archive, sent=ignore).expires == ends
    cloud.set_expiry(archive.id, None)
    assert cloud.inventory().backups[0].expires is None


def test_what_is_not_there_is_not_found(cloud: Destination) -> None:
    with pytest.raises(NotFoundError, match="has no archive"):
        cloud.open("0" * 32)
    with pytest.raises(NotFoundError):
        cloud.delete("0" * 32)
    with pytest.raises(NotFoundError):
        cloud.set_expiry("0" * 32, None)


def test_an_archive_that_vanishes_while_it_is_read_is_not_found(
    cloud: Destination, archives: Archives
) -> None:
    archive = archives.make(5_000_000)
    cloud.store(archive, sent=ignore)
    with cloud.open(archive.id) as reader:
        assert reader.read_at(4_000_000, 10) == archive.path.read_bytes()[4_000_000:4_000_010]
        cloud.delete(archive.id)
        with pytest.raises(NotFoundError):
            reader.read_at(100_000, 10)


def test_a_full_cloud_keeps_nothing_and_says_so(archives: Archives, alone: Device, tmp_path: Path) -> None:
    settings = {"SATCHEL_PART_BYTES": str(PART_BYTES), "SATCHEL_QUOTA_BYTES": "300000"}
    with ServiceProcess(tmp_path / "small", settings) as service:
        alone.run("connect", service.url, "--pair", service.pairing_code)
        token = DeviceToken(alone.vault.load_token())
        small = CloudDestination(
            dial(Origin.parse(service.url), token, proxies=Proxies(), recorder=InMemory())
        )
        small.store(archives.make(200_000), sent=ignore)
        with pytest.raises(UnreachableError, match="full"):
            small.store(archives.make(200_000), sent=ignore)
        assert len(small.inventory().backups) == 1
        piece = alone.save(os.urandom(400_000))
        assert "full" in alone.run("backup", code=6).said
        assert "full" in alone.run("share", piece, code=6).said


def test_a_share_larger_than_the_cloud_takes_is_refused_before_it_is_sent(
    alone: Device, tmp_path: Path
) -> None:
    with ServiceProcess(tmp_path / "small", {"SATCHEL_SHARE_BYTES": "1000"}) as service:
        alone.run("connect", service.url, "--pair", service.pairing_code)
        assert "accepts shares of up to 1000" in alone.run("share", alone.save(os.urandom(2000)), code=4).said
        assert '"put_part"' not in service.log()


def test_an_answer_of_the_wrong_kind_is_an_error_and_no_archive(
    cloud: Destination, archives: Archives
) -> None:
    """A read past the end is the caller's mistake; it is told, not padded."""
    archive = archives.make(1000)
    cloud.store(archive, sent=ignore)
    with cloud.open(archive.id) as reader, pytest.raises(SatchelError):
        reader.read_at(5000, 10)
