"""Pairing codes, device tokens and revocation."""

import asyncio
import hashlib
import json
from collections.abc import Iterator

import pytest
from tests.support.asgi import Call
from tests.support.wire_device import WireDevice, b64
from tests.unit.service.conftest import InProcess, MakeCloud

from satchel_service.audit import by_device
from satchel_service.callers import require_device
from satchel_service.devices.codes import (
    ALPHABET,
    CONSOLE_CODE_TTL_MS,
    code_digest,
    create_code,
    create_grant,
    format_code,
)
from satchel_service.devices.devices import TOKEN_PREFIX
from satchel_service.devices.pairing import GRANTS_CACHE_MS
from satchel_service.lifecycle.erasure import erase
from satchel_service.problems import ProblemError
from satchel_service.storage import BlobInfo, BlobKey, StorageError
from satchel_service.storage.directory import DirectoryStorage


def new_device(cloud: InProcess) -> WireDevice:
    return WireDevice(cloud.stranger._send)


def new_code(cloud: InProcess) -> str:
    return str(cloud.device.call("POST", "/v1/pairings").json()["code"])


def test_a_code_connects_one_device_once(cloud: InProcess) -> None:
    code = new_code(cloud)
    second = new_device(cloud)
    assert second.pair(code).status == 201
    assert second.call("GET", "/v1/status").status == 200
    assert new_device(cloud).pair(code).problem == "wrong-code"


def test_a_code_is_accepted_however_it_is_typed(cloud: InProcess) -> None:
    code = new_code(cloud)
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert new_device(cloud).pair(f" {typed} ").status == 201


def test_a_code_expires(cloud: InProcess) -> None:
    code = new_code(cloud)
    cloud.clock.advance(minutes=15)
    assert new_device(cloud).pair(code).problem == "wrong-code"


def test_a_grant_in_the_storage_connects_one_device_once(cloud: InProcess) -> None:
    code = create_grant(cloud.environment.storage, b"entropy!", cloud.clock()).text
    assert new_device(cloud).pair(code).status == 201
    assert cloud.objects() == []
    assert new_device(cloud).pair(code).problem == "wrong-code"


def test_a_used_grant_stays_used_if_its_object_remains(cloud: InProcess) -> None:
    code = create_grant(cloud.environment.storage, b"entropy!", cloud.clock()).text
    assert new_device(cloud).pair(code).status == 201
    create_grant(cloud.environment.storage, b"entropy!", cloud.clock())  # as after a crash before the delete
    assert new_device(cloud).pair(code).problem == "wrong-code"


def test_a_grant_that_cannot_be_deleted_still_connects_the_device(
    cloud: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageError("the disk is unavailable")

    code = create_grant(cloud.environment.storage, b"entropy!", cloud.clock()).text
    monkeypatch.setattr(DirectoryStorage, "delete", fail)
    second = new_device(cloud)
    assert second.pair(code).status == 201
    assert second.call("GET", "/v1/status").status == 200
    assert new_device(cloud).pair(code).problem == "wrong-code"


def test_a_grant_expires(cloud: InProcess) -> None:
    code = create_grant(cloud.environment.storage, b"entropy!", cloud.clock()).text
    cloud.clock.advance(minutes=15)
    assert new_device(cloud).pair(code).problem == "wrong-code"


def test_wrong_codes_are_limited_to_twenty_at_once_and_one_a_second(cloud: InProcess) -> None:
    problems = [new_device(cloud).pair("WRONG").problem for _ in range(21)]
    assert problems == ["wrong-code"] * 20 + ["too-many"]
    assert new_device(cloud).pair("WRONG").headers["retry-after"] == "1"
    cloud.clock.advance(seconds=1)
    assert [new_device(cloud).pair("WRONG").problem for _ in range(2)] == ["wrong-code", "too-many"]


def test_concurrent_wrong_codes_are_limited_too(cloud: InProcess) -> None:
    body = json.dumps({"code": "WRONG", "label": b64(b"x")}).encode()
    call = Call("POST", "/v1/pair", {"Content-Type": "application/json"}, [body])
    problems = [answer.problem for answer in cloud.loopback.race([call] * 50)]
    assert problems.count("wrong-code") == 20


def test_a_valid_code_is_accepted_despite_rate_limiting(cloud: InProcess) -> None:
    code, granted = (
        new_code(cloud),
        create_grant(cloud.environment.storage, b"entropy!", cloud.clock()).text,
    )
    while new_device(cloud).pair("WRONG").problem != "too-many":
        pass
    assert new_device(cloud).pair(code).status == 201
    assert new_device(cloud).pair(granted).status == 201
    later = create_grant(cloud.environment.storage, b"entropy2", cloud.clock()).text
    cloud.clock.ms += GRANTS_CACHE_MS
    for _ in range(25):
        new_device(cloud).pair("WRONG")
    assert new_device(cloud).pair(later).status == 201


def test_wrong_codes_beyond_the_limit_cause_no_requests_to_the_storage(
    cloud: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    read, listed = DirectoryStorage.read, DirectoryStorage.list

    def counted_read(storage: DirectoryStorage, key: BlobKey) -> bytes:
        asked.append("read")
        return read(storage, key)

    def counted_list(storage: DirectoryStorage, prefix: str) -> Iterator[BlobInfo]:
        asked.append("list")
        return listed(storage, prefix)

    monkeypatch.setattr(DirectoryStorage, "read", counted_read)
    monkeypatch.setattr(DirectoryStorage, "list", counted_list)
    for number in range(200):
        new_device(cloud).pair(f"0000-0000-{number:04}")
    assert asked == ["read"] * 20 + ["list"]


def test_only_the_newest_twenty_codes_are_valid(cloud: InProcess) -> None:
    codes = []
    for _ in range(21):
        codes.append(new_code(cloud))
        cloud.clock.advance(seconds=1)
    assert new_device(cloud).pair(codes[0]).problem == "wrong-code"
    assert new_device(cloud).pair(codes[1]).status == 201


def test_a_code_refused_for_too_many_devices_still_works_later(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_DEVICES="2")
    second = new_device(cloud)
    second.pair(new_code(cloud))
    code = new_code(cloud)
    assert new_device(cloud).pair(code).problem == "quota"
    second.call("DELETE", f"/v1/devices/{second.id}")
    assert new_device(cloud).pair(code).status == 201


def test_a_revoked_device_is_refused_at_once(cloud: InProcess) -> None:
    second = new_device(cloud)
    second.pair(new_code(cloud))
    assert cloud.device.call("DELETE", f"/v1/devices/{second.id}").status == 204
    assert second.call("GET", "/v1/backups").problem == "not-signed-in"
    assert second.call("PUT", f"/v1/uploads/{'a' * 32}/parts/1", body=b"x").problem == "not-signed-in"


def test_a_revoked_device_cannot_return_with_a_code_it_created_before(cloud: InProcess) -> None:
    stolen = new_device(cloud)
    stolen.pair(new_code(cloud))
    hidden_code = str(stolen.call("POST", "/v1/pairings").json()["code"])
    assert cloud.device.call("DELETE", f"/v1/devices/{stolen.id}").status == 204
    assert new_device(cloud).pair(hidden_code).problem == "wrong-code"
    assert new_device(cloud).pair(new_code(cloud)).status == 201


def test_a_device_revoked_during_its_request_creates_no_code(cloud: InProcess) -> None:
    stolen = new_device(cloud)
    stolen.pair(new_code(cloud))
    cloud.device.call("DELETE", f"/v1/devices/{stolen.id}")
    with pytest.raises(ProblemError, match="not-signed-in"):
        cloud.loopback.run(
            create_code(
                cloud.environment, maker=by_device(stolen.id), check=lambda db: require_device(db, stolen.id)
            )
        )


def test_codes_stay_valid_when_a_device_disconnects_itself(cloud: InProcess) -> None:
    code = new_code(cloud)
    assert cloud.device.call("DELETE", f"/v1/devices/{cloud.device.id}").status == 204
    assert new_device(cloud).pair(code).status == 201


def test_a_code_created_during_an_erasure_is_erased_too(cloud: InProcess) -> None:
    async def race() -> str:
        _, code = await asyncio.gather(
            erase(cloud.environment, cloud.device.id),
            create_code(cloud.environment, maker=by_device(cloud.device.id)),
        )
        return code.text

    assert new_device(cloud).pair(cloud.loopback.run(race())).problem == "wrong-code"


def test_devices_are_listed_with_their_sealed_labels(cloud: InProcess) -> None:
    second = new_device(cloud)
    cloud.clock.advance(seconds=1)
    second.pair(new_code(cloud), label=b"\x00sealed\xff")
    devices = cloud.device.call("GET", "/v1/devices").json()["devices"]
    assert [(found["id"], found["label"], found.get("current", False)) for found in devices] == [
        (cloud.device.id, b64(b"sealed label"), True),
        (second.id, b64(b"\x00sealed\xff"), False),
    ]


def test_last_seen_is_updated_at_most_once_an_hour(cloud: InProcess) -> None:
    def last_seen() -> str:
        return str(cloud.device.call("GET", "/v1/devices").json()["devices"][0]["last_seen"])

    first = last_seen()
    cloud.clock.advance(minutes=59)
    assert last_seen() == first
    cloud.clock.advance(minutes=2)
    assert last_seen() > first


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic abc", "Bearer satchel_wrong", "satchel_x"]
)
def test_a_request_without_a_known_token_is_refused(cloud: InProcess, authorization: str) -> None:
    answer = cloud.stranger.call("GET", "/v1/status", headers={"Authorization": authorization})
    assert answer.problem == "not-signed-in"
    assert answer.headers["www-authenticate"] == "Bearer"


def test_only_hashes_of_tokens_and_codes_are_stored(cloud: InProcess) -> None:
    code = new_code(cloud)
    token = cloud.device.token
    assert token.startswith(TOKEN_PREFIX)
    kept = b"".join(path.read_bytes() for path in cloud.folder.rglob("*") if path.is_file())
    assert token.encode() not in kept
    assert token.removeprefix(TOKEN_PREFIX).encode() not in kept
    assert code.encode() not in kept
    assert code.replace("-", "").encode() not in kept
    assert hashlib.sha256(token.encode()).digest() in kept


def test_a_restart_without_devices_prints_a_new_code(
    cloud: InProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.erase()
    from satchel_service.server.app import print_first_code

    cloud.loopback.run(print_first_code(cloud.environment))
    printed = capsys.readouterr().err
    assert printed.startswith("pairing code: ")
    cloud.clock.ms += CONSOLE_CODE_TTL_MS - 1
    assert new_device(cloud).pair(printed.split()[2]).status == 201
    cloud.loopback.run(print_first_code(cloud.environment))
    assert capsys.readouterr().err == ""


def test_codes_have_60_bits() -> None:
    assert len(ALPHABET) == 32
    assert format_code(bytes(8)) == "0000-0000-0000"
    assert format_code(b"\xff" * 8) == "ZZZZ-ZZZZ-ZZZZ"
    codes = {format_code((1 << bit).to_bytes(8, "big")) for bit in range(60)}
    assert len(codes) == 60


def test_a_digest_ignores_the_spelling_of_the_code() -> None:
    assert code_digest("o0iL-1234 abcd") == code_digest("0011-1234-ABCD")
    assert code_digest("0011-1234-ABCD") != code_digest("0011-1234-ABCE")
