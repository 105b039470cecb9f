"""Every request: problems for failures, limits before reading, headers, one log entry, no secrets."""

import json

import pytest
from tests.support.asgi import Call
from tests.support.wire_device import PROOF, b64
from tests.unit.service.conftest import InProcess

from satchel_service.storage import StorageError
from satchel_service.web import requests as bodies

JSON = {"Content-Type": "application/json"}


def entries(cloud: InProcess) -> list[dict[str, object]]:
    return [json.loads(line) for line in cloud.log.getvalue().splitlines()]


@pytest.mark.parametrize(
    "path", ["//", "/nope", "/v1", "/v1/devices/", "/v1/../v1/status", "/S/x", "/v1/shares/x/y/z"]
)
def test_an_unknown_path_is_a_problem(cloud: InProcess, path: str) -> None:
    answer = cloud.device.call("GET", path)
    assert (answer.status, answer.problem) == (404, "not-found")


def test_a_wrong_method_is_a_problem_that_lists_the_allowed_methods(cloud: InProcess) -> None:
    answer = cloud.device.call("POST", f"/v1/uploads/{'a' * 32}")
    assert (answer.status, answer.problem) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "DELETE, GET, HEAD, PUT"


@pytest.mark.parametrize("identifier", ["x", "A" * 32, "0" * 31, "0" * 33, "g" * 32])
def test_a_malformed_id_is_not_found(cloud: InProcess, identifier: str) -> None:
    assert cloud.device.call("GET", f"/v1/backups/{identifier}").problem == "not-found"


@pytest.mark.parametrize("body", [b"", b"{", b"not json", b"\xff\xfe", b'{"code": "\\ud800"}'])
def test_a_body_that_is_not_json_is_a_bad_request(cloud: InProcess, body: bytes) -> None:
    answer = cloud.loopback.call(Call("POST", "/v1/pair", JSON, [body]))
    assert (answer.status, answer.problem) == (400, "bad-request")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("[]", ""),
        ('{"label": ""}', ""),
        ('{"code": 7}', "code"),
        ('{"code": "x", "label": "not base64!"}', "label"),
        ('{"code": "x", "more": 1}', ""),
        ('{"code": "%s"}' % ("x" * 65), "code"),
    ],
)
def test_an_invalid_field_is_named(cloud: InProcess, body: str, field: str) -> None:
    answer = cloud.loopback.call(Call("POST", "/v1/pair", JSON, [body.encode()]))
    assert (answer.status, answer.problem) == (422, "invalid")
    assert answer.json()["fields"][0].get("field", "") == field


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_message_of_another_type_is_refused(cloud: InProcess, content_type: str) -> None:
    answer = cloud.loopback.call(Call("POST", "/v1/pair", {"Content-Type": content_type}, [b"{}"]))
    assert answer.problem == "wrong-type"


def test_a_body_announced_as_too_long_is_refused_before_it_is_read(cloud: InProcess) -> None:
    headers = {**JSON, "Content-Length": str(bodies.MESSAGE_BYTES + 1), "Expect": "100-continue"}
    taken: list[str] = []

    class Pieces(list[bytes]):
        def pop(self, *_: object) -> bytes:
            taken.append("taken")
            return b""

    answer = cloud.loopback.call(Call("POST", "/v1/pair", headers, Pieces([b"x"])))
    assert (answer.status, answer.problem, taken) == (413, "too-large", [])


def test_a_body_of_unknown_length_is_refused_once_it_is_too_long(cloud: InProcess) -> None:
    pieces = [b"x" * 10_000] * 14
    answer = cloud.loopback.call(Call("POST", "/v1/pair", JSON, pieces))
    assert (answer.status, answer.problem) == (413, "too-large")


def test_a_body_that_stops_is_refused(cloud: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PAUSE_S", 0.02)

    headers = {**JSON, "Content-Length": "10", "Expect": "100-continue"}
    call = Call("POST", "/v1/pair", headers, [b'{"code'], gone=True)
    assert cloud.loopback.call(call).problem == "bad-request"
    stalled = Call("POST", "/v1/pair", headers, [b'{"code'], stalls=True)
    assert cloud.loopback.call(stalled).problem == "too-slow"


def test_an_unexpected_failure_is_a_problem_and_logged_without_its_message(
    cloud: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a secret that the error quotes")

    monkeypatch.setattr("satchel_service.backups.usage.used_bytes", fail)
    answer = cloud.device.call("GET", "/v1/status")
    assert (answer.status, answer.problem) == (500, "internal")
    logged = next(entry for entry in entries(cloud) if entry["event"] == "unexpected")
    assert logged["error"] == "RuntimeError"
    assert logged["request_id"] == answer.json()["request_id"] == answer.headers["x-request-id"]
    assert b"secret" not in cloud.log.getvalue()


def test_a_storage_failure_is_a_retryable_problem(cloud: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StorageError("the disk is unavailable")

    monkeypatch.setattr(cloud.environment.storage, "check", fail)
    answer = cloud.stranger.call("GET", "/ready")
    assert (answer.status, answer.problem, answer.headers["retry-after"]) == (503, "unavailable", "2")
    assert cloud.stranger.call("GET", "/live").status == 200


def test_health_checks_need_no_token(cloud: InProcess) -> None:
    for path in ("/live", "/ready"):
        answer = cloud.stranger.call("GET", path)
        assert (answer.status, answer.json()) == (200, {"ok": True})


@pytest.mark.parametrize("path", ["/live", "/nope", "/v1/status", "/v1/openapi.json", f"/s/{'0' * 32}"])
def test_every_response_has_the_same_protective_headers(cloud: InProcess, path: str) -> None:
    headers = cloud.stranger.call("GET", path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert len(headers["x-request-id"]) == 16


def test_every_request_is_logged_once_with_its_operation(cloud: InProcess) -> None:
    share = cloud.device.share(b"12345")
    cloud.log.truncate(0)
    cloud.log.seek(0)
    opened = cloud.stranger.open(share)
    (entry,) = entries(cloud)
    assert {name: entry[name] for name in ("event", "method", "operation", "status", "bytes_out")} == {
        "event": "request",
        "method": "POST",
        "operation": "open_share",
        "status": 200,
        "bytes_out": 5,
    }
    assert entry["request_id"] == opened.headers["x-request-id"]


def test_the_log_contains_no_secret_no_share_id_and_no_query(cloud: InProcess) -> None:
    code = cloud.device.call("POST", "/v1/pairings").json()["code"]
    cloud.stranger.pair("WRON-GGUE-SSED")
    share = cloud.device.share(b"the body", note=b64(b"the note"))
    backup = cloud.device.backup(b"the archive")
    cloud.stranger.open(share)
    cloud.stranger.open(share, bytes(32))
    cloud.stranger.call("GET", f"/s/{share}?utm=campaign&key=fragment-by-mistake")
    cloud.stranger.call("GET", "/v1/status", headers={"Authorization": "Bearer satchel_stolen"})
    cloud.stranger.call("GET", "/AGE-SECRET-KEY-1QQQ")
    cloud.stranger.call("AGE-SECRET", "/")
    log = cloud.log.getvalue().decode()
    assert log.count('"event":"request"') > 15
    hidden = [
        code,
        "WRON",
        cloud.device.token,
        "satchel_",
        "Bearer",
        b64(PROOF),
        b64(b"the note"),
        b64(b"sealed label"),
        b64(b"sealed summary"),
        "the body",
        share,
        backup,
        "utm",
        "fragment",
        "AGE-SECRET",
        "127.0.0.1",
    ]
    assert [secret for secret in hidden if secret in log] == []


@pytest.mark.parametrize("path", ["/", "/v1/status", "/nope", "/assets/x", "/live"])
def test_a_request_without_a_host_is_refused(cloud: InProcess, path: str) -> None:
    answer = cloud.loopback.call(Call("GET", path, has_host=False))
    assert (answer.status, answer.problem) == (400, "bad-request")


@pytest.mark.parametrize("digits", [19, 30, 5000])
def test_a_content_length_of_many_digits_is_too_large(cloud: InProcess, digits: int) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": "9" * digits}
    answer = cloud.loopback.call(Call("POST", "/v1/pair", headers, [b"{}"]))
    assert answer.problem == "too-large"


def test_a_content_length_of_many_zeros_is_its_value(cloud: InProcess) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": "0" * 16 + "2"}
    assert cloud.loopback.call(Call("POST", "/v1/pair", headers, [b"{}"])).problem == "invalid"
