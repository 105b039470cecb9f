"""An erasure proves itself: a listing of the whole storage after it, and nothing of the owner in any file."""

from pathlib import Path

import apsw
import pytest
from tests.support.loopback_issuer import LoopbackIssuer
from tests.unit.service.conftest import MakeCloud
from tests.unit.service.sign_in.conftest import SigningIn

from satchel_service.database import rows
from satchel_service.lifecycle.erasure import LOG_PREFIXES
from satchel_service.storage.directory import DirectoryStorage
from satchel_wire.capabilities import HEADER

CAPABLE = {HEADER: "sign-in"}


def log_objects(folder: Path) -> int:
    names = [prefix.rstrip("/") for prefix in LOG_PREFIXES]
    return sum(1 for name in names for path in (folder / "database" / name).iterdir() if path.is_file())


def test_a_listing_after_the_erasure_is_the_response(signing_in: SigningIn) -> None:
    device, folder = signing_in.claim(), signing_in.cloud.folder
    device.backup(b"archive")
    device.share(b"body", card={"title": "a title"})
    device.announce(device.new_id(), 100)
    signing_in.cloud.operators_code()
    assert signing_in.cloud.objects()
    answer = device.call("POST", "/v1/cloud/erase", {}, headers=CAPABLE)
    assert answer.status == 200
    assert answer.json() == {"remaining_objects": 0, "remaining_log_objects": log_objects(folder)}
    assert signing_in.cloud.objects() == []
    assert list((folder / "uploads").iterdir()) == []


def test_objects_that_could_not_be_deleted_are_counted(
    signing_in: SigningIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = signing_in.claim()
    device.backup(b"archive")
    monkeypatch.setattr(DirectoryStorage, "delete", lambda *_: None)
    answer = device.call("POST", "/v1/cloud/erase", {}, headers=CAPABLE)
    assert answer.json()["remaining_objects"] == 1


def test_earlier_clients_get_no_body(signing_in: SigningIn) -> None:
    answer = signing_in.claim().call("POST", "/v1/cloud/erase", {})
    assert (answer.status, answer.body) == (204, b"")


def test_nothing_of_the_sign_in_stays(signing_in: SigningIn, issuer: LoopbackIssuer) -> None:
    """Of the owner, the erasure keeps no row; of the files, only those of the log of the empty database."""
    device = signing_in.claim(sub="a-subject-of-its-own")
    marks = [b"a-subject-of-its-own", issuer.url.encode()]
    assert found_in_files(signing_in.cloud.folder, marks)
    assert device.call("POST", "/v1/cloud/erase", {}, headers=CAPABLE).status == 200

    def left(db: apsw.Connection) -> list[object]:
        tables = ("owner", "nonces", "issuer_keys", "devices", "pairing_codes")
        found: list[object] = [row for table in tables for row in rows(db, f"SELECT * FROM {table}")]
        return found + list(rows(db, "SELECT key FROM meta WHERE key LIKE '%nonce%'"))

    assert signing_in.cloud.loopback.run(signing_in.cloud.environment.database.read(left)) == []
    assert found_in_files(signing_in.cloud.folder, marks) == []


def found_in_files(folder: Path, marks: list[bytes]) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(mark in path.read_bytes() for mark in marks)]


def test_an_erased_cloud_can_be_claimed_again(signing_in: SigningIn) -> None:
    first = signing_in.id_token()
    signing_in.claim().call("POST", "/v1/cloud/erase", {}, headers=CAPABLE)
    assert signing_in.sign_in().problem == "wrong-code"
    assert signing_in.sign_in(first).problem == "wrong-sign-in", "its nonce is of the erased cloud"
    signing_in.claim(sub="grace")


def test_an_interrupted_erasure_can_be_repeated_without_another_sign_in(
    signing_in: SigningIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from satchel_service.lifecycle import erasure
    from satchel_service.storage import StorageError

    device = signing_in.claim()
    device.backup(b"archive")

    def fail(*_: object) -> None:
        raise StorageError("the disk is gone")

    with monkeypatch.context() as faults:
        faults.setattr(erasure, "delete_objects", fail)
        assert device.call("POST", "/v1/cloud/erase", {}, headers=CAPABLE).problem == "unavailable"
    signing_in.cloud.clock.advance(minutes=6)
    assert device.call("POST", "/v1/cloud/erase", {}, headers=CAPABLE).json()["remaining_objects"] == 0


@pytest.mark.parametrize("count", [1, 3])
def test_the_log_that_stays_is_small(make_cloud: MakeCloud, count: int) -> None:
    cloud = make_cloud()
    for _ in range(count * 10):
        cloud.device.backup(b"archive")
    message = {"code": cloud.operators_code()}
    answer = cloud.device.call("POST", "/v1/cloud/erase", message, headers=CAPABLE)
    assert answer.json()["remaining_log_objects"] <= 6
