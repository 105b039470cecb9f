"""Tombstones and used nonces: created once, never changed, readable after any kill."""

import errno
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.infra.provisioning.deployment import NOW, Place, owner_of

from satchel_infra.errors import ConfigurationError, FailedError, OwnerMismatchError, UnavailableError
from satchel_infra.names import Owner
from satchel_infra.provisioning.records import DAY_MS, NonceUsedError, Records, Tombstone, Version
from satchel_service.storage import BlobKey, StorageError
from satchel_service.storage.directory import RESERVE_BYTES
from satchel_service.storage.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable

OWNER = owner_of("ada")


def test_a_removal_begins_once_and_ends_once(place: Place) -> None:
    records = place.records()
    assert records.latest(OWNER) is None
    begun = records.begin_removal(OWNER, NOW)
    assert begun == Tombstone(OWNER, 1, NOW)
    assert place.records().begin_removal(OWNER, NOW + 5) == begun
    assert place.records().latest(OWNER) == begun
    assert list(records.unfinished()) == [begun]
    records.finish_removal(begun, NOW + 7)
    records.finish_removal(begun, NOW + 9)
    assert place.records().latest(OWNER) == Tombstone(OWNER, 1, NOW, NOW + 7)
    assert list(records.unfinished()) == []


def test_each_removal_has_a_tombstone_of_its_own(place: Place) -> None:
    records = place.records()
    for number in range(1, 13):
        tombstone = records.begin_removal(OWNER, NOW + number)
        assert tombstone.number == number
        records.finish_removal(tombstone, NOW + number)
    assert records.latest_named(OWNER.name) == Tombstone(OWNER, 12, NOW + 12, NOW + 12)


def test_processes_that_begin_at_once_share_the_tombstone(place: Place) -> None:
    openings = [place.records() for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda records: records.begin_removal(OWNER, NOW), openings))
    assert found == {Tombstone(OWNER, 1, NOW)}


def test_a_name_goes_to_no_other_account(place: Place) -> None:
    place.records().finish_removal(place.records().begin_removal(OWNER, NOW), NOW)
    other = Owner(OWNER.tag[:-1] + ("a" if OWNER.tag[-1] != "a" else "b"))
    with pytest.raises(OwnerMismatchError):
        place.records().latest(other)
    with pytest.raises(OwnerMismatchError):
        place.records().begin_removal(other, NOW)


def test_a_tombstone_says_nothing_about_the_account(place: Place) -> None:
    place.records().begin_removal(OWNER, NOW)
    (file,) = (place.folder / "records/blobs/tombstones" / OWNER.name).iterdir()
    assert json.loads(file.read_text()) == {"version": 1, "tag": OWNER.tag, "begun": NOW}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"version":2}', '{"version":1,"tag":"a","begun":1}', '{"version":1,"begun":1}'],
)
def test_a_damaged_tombstone_is_an_error_and_never_an_absent_one(place: Place, text: str) -> None:
    place.records().begin_removal(OWNER, NOW)
    (file,) = (place.folder / "records/blobs/tombstones" / OWNER.name).iterdir()
    file.write_text(text)
    with pytest.raises(FailedError, match="is damaged"):
        place.records().latest(OWNER)


def test_a_nonce_is_used_once(place: Place) -> None:
    digest = bytes(32)
    place.records().use_nonce(digest, NOW + 1000, NOW)
    with pytest.raises(NonceUsedError):
        place.records().use_nonce(digest, NOW + 1000, NOW)
    place.records().use_nonce(b"\1" * 32, NOW + 1000, NOW)


def test_nonces_are_deleted_days_after_they_expired(place: Place) -> None:
    folder = place.folder / "records/blobs/nonces"
    place.records().use_nonce(bytes(32), NOW, NOW)
    place.records().use_nonce(b"\1" * 32, NOW + DAY_MS, NOW + DAY_MS)
    assert len([*folder.rglob("*/*")]) == 2
    place.records().use_nonce(b"\2" * 32, NOW + 3 * DAY_MS, NOW + 3 * DAY_MS)
    assert len([*folder.rglob("*/*")]) == 1


class Counting:
    """Counts the requests to a store."""

    def __init__(self, records: Records) -> None:
        self.storage = records._storage
        self.requests: list[str] = []

    def __getattr__(self, name: str) -> object:
        self.requests.append(name)
        return getattr(self.storage, name)


def test_looking_for_a_removal_takes_one_request_and_reading_it_one_for_each_record(place: Place) -> None:
    counting = Counting(place.records())
    records = Records(counting, place.entropy)  # type: ignore[arg-type]
    assert records.latest(OWNER) is None
    assert counting.requests == ["list"]
    begun = place.records().begin_removal(OWNER, NOW)
    for version, reads in ((Version(1), 1), (Version(1, is_gone=True), 2)):
        counting.requests.clear()
        assert records.version(OWNER.name) == version
        assert counting.requests == ["list"]
        latest = records.latest(OWNER)
        assert latest is not None
        assert latest.version == version
        assert counting.requests == ["list", "list", *["read"] * reads]
        records.finish_removal(begun, NOW + 1)


class Ignoring:
    """A store that accepts every create."""

    def create(self, key: BlobKey, data: bytes) -> None: ...
    def delete(self, key: BlobKey) -> None: ...


class Absent:
    """A store that never responds."""

    def __getattr__(self, name: str) -> object:
        def fail(*_: object) -> None:
            raise StorageError("no answer")

        return fail


def test_a_full_disk_refuses_no_record_of_a_removal(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    records, reserve = place.records(), place.folder / "records/reserve"
    assert reserve.stat().st_size == RESERVE_BYTES

    original = Tree.write

    def write(tree: Tree, path: Path, data: bytes) -> None:
        if reserve.stat().st_size == RESERVE_BYTES:
            raise OSError(errno.ENOSPC, "No space left on device")
        original(tree, path, data)

    monkeypatch.setattr(Tree, "write", write)
    records.use_nonce(bytes(32), NOW, NOW)
    tombstone = records.begin_removal(OWNER, NOW)
    assert place.records().latest(OWNER) == tombstone
    records.finish_removal(tombstone, NOW + 1)
    assert list(place.records().unfinished()) == []


def test_a_store_that_overwrites_is_found_out(place: Place) -> None:
    place.records().probe()
    with pytest.raises(FailedError, match="does not refuse"):
        Records(Ignoring(), place.entropy).probe()  # type: ignore[arg-type]


def test_a_store_that_does_not_respond_is_never_taken_for_an_empty_one(place: Place) -> None:
    records = Records(Absent(), place.entropy)  # type: ignore[arg-type]
    calls: list[Callable[[], object]] = [
        lambda: records.latest(OWNER),
        lambda: records.begin_removal(OWNER, NOW),
        lambda: records.finish_removal(Tombstone(OWNER, 1, NOW), NOW),
        lambda: records.use_nonce(bytes(32), NOW, NOW),
        records.probe,
    ]
    for call in calls:
        with pytest.raises(UnavailableError, match="does not respond"):
            call()


@pytest.mark.parametrize("location", ["file:relative", "s3:bucket", "gs://"])
def test_a_location_that_is_none_is_an_error_of_the_configuration(location: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="records:"):
        Records.open(location, {}, bytes)
