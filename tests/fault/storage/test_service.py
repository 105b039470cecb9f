"""While the bucket fails, the service answers with a retryable problem; afterwards it works as before."""

import json
import secrets
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path

import pytest
import urllib3
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.s3_servers import S3Server
from tests.support.service import ServiceProcess

ARCHIVE = bytes(range(256)) * 300


class Owner:
    """Requests of a connected device."""

    def __init__(self, service: ServiceProcess) -> None:
        self._service = service
        body = {"code": service.pairing_code, "label": "bGFiZWw="}
        self._token = json.loads(self.call("POST", "/v1/pair", body).data)["token"]

    _token = ""

    def call(
        self, method: str, path: str, message: Mapping[str, object] | None = None, body: bytes = b""
    ) -> urllib3.BaseHTTPResponse:
        """Send one request without retries."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        if message is not None:
            body, headers["Content-Type"] = json.dumps(message).encode(), "application/json"
        elif body:
            headers["Content-Type"] = "application/octet-stream"
        url = path if path.startswith("http") else f"{self._service.url}{path}"
        return urllib3.request(method, url, body=body or None, headers=headers, retries=False, timeout=60.0)

    def announce(self, upload_id: str) -> urllib3.BaseHTTPResponse:
        return self.call("PUT", f"/v1/uploads/{upload_id}", {"kind": "archive", "size_bytes": len(ARCHIVE)})

    def complete(self, upload_id: str) -> urllib3.BaseHTTPResponse:
        return self.call("POST", f"/v1/uploads/{upload_id}/complete")

    def commit(self, backup_id: str) -> urllib3.BaseHTTPResponse:
        message = {"needs": list[str](), "expires": None, "summary": "c2VhbGVk"}
        return self.call("PUT", f"/v1/backups/{backup_id}", message)


@pytest.fixture
def proxy(moto_server: S3Server) -> Iterator[FaultProxy]:
    with FaultProxy(moto_server.endpoint) as running:
        yield running


@pytest.fixture
def service(moto_server: S3Server, proxy: FaultProxy, tmp_path: Path) -> Iterator[ServiceProcess]:
    """A service whose requests to the bucket all go through the proxy, including parts."""
    settings = {
        **moto_server.at(proxy.url).environ(secrets.token_hex(8)),
        "SATCHEL_S3_PUBLIC_ENDPOINT": "none",
        "SATCHEL_DATABASE_DIR": str(tmp_path),
    }
    with ServiceProcess(tmp_path / "cloud", settings) as running:
        yield running


BAD = [
    Fault("slow down", status=503, code="SlowDown"),
    Fault("internal error", status=500, code="InternalError"),
    Fault("too many requests", status=429, code="SlowDown"),
    Fault("reset", is_reset=True),
    Fault("reset in the body", request_bytes=100),
    Fault("answer cut short", keep_bytes=3, is_forwarded=True),
    Fault("forbidden", status=403, code="AccessDenied"),
]
UPLOAD = "0123456789abcdef0123456789abcdef"


def is_retryable(answer: urllib3.BaseHTTPResponse) -> bool:
    """Whether the answer asks the client to retry."""
    problem = json.loads(answer.data)
    return (
        answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        and problem["type"].endswith("unavailable")
        and int(answer.headers["Retry-After"]) > 0
    )


def is_served(owner: Owner, archive_id: str) -> bool:
    """Whether an archive arrives whole, rather than as a retryable problem or visibly truncated."""
    try:
        answer = owner.call("GET", f"/v1/archives/{archive_id}")
    except urllib3.exceptions.ProtocolError:
        return False
    return answer.data == ARCHIVE or not is_retryable(answer)


@pytest.mark.slow
@pytest.mark.parametrize("fault", BAD, ids=lambda fault: fault.name.replace(" ", "-"))
def test_a_failing_bucket_is_a_retryable_problem_without_lasting_effect(
    service: ServiceProcess, proxy: FaultProxy, fault: Fault
) -> None:
    owner = Owner(service)
    assert owner.announce(UPLOAD).status == 200
    part = json.loads(owner.announce(UPLOAD).data)["parts"][0]
    proxy.behave = lambda seen: fault if "/archives/" in seen.target else None
    assert is_retryable(owner.announce("f" * 32))
    sent = owner.call("PUT", part["url"], body=ARCHIVE)
    assert (
        sent.status == 204 if fault.keep_bytes else is_retryable(sent)
    )  # its answer has no body to truncate
    assert is_retryable(owner.complete(UPLOAD))
    proxy.fail()
    assert owner.call("PUT", part["url"], body=ARCHIVE).status == 204
    assert owner.complete(UPLOAD).status == 200
    assert owner.commit(UPLOAD).status == 200
    proxy.behave = lambda seen: fault if "/archives/" in seen.target else None
    assert not is_served(owner, UPLOAD)
    proxy.fail()
    assert owner.call("GET", f"/v1/archives/{UPLOAD}").data == ARCHIVE


def test_an_archive_truncated_by_the_bucket_is_visibly_truncated_for_the_client(
    service: ServiceProcess, proxy: FaultProxy
) -> None:
    owner = Owner(service)
    part = json.loads(owner.announce(UPLOAD).data)["parts"][0]
    owner.call("PUT", part["url"], body=ARCHIVE)
    owner.complete(UPLOAD)
    assert owner.commit(UPLOAD).status == 200
    proxy.fail(Fault("cut", keep_bytes=1000, is_forwarded=True), method="GET")
    with pytest.raises(urllib3.exceptions.ProtocolError):
        owner.call("GET", f"/v1/archives/{UPLOAD}")
    assert owner.call("GET", f"/v1/archives/{UPLOAD}").data == ARCHIVE


LOG_FAULTS = [
    Fault("latency", delay_s=0.2, is_forwarded=True),
    Fault("slow down", status=503, code="SlowDown"),
    Fault("too many requests", status=429, code="SlowDown"),
    Fault("conflict", status=409, code="ConditionalRequestConflict"),
    Fault("error after the effect", status=500, code="InternalError", is_forwarded=True),
    Fault("answer lost", is_reset=True, is_forwarded=True),
    Fault("reset in the body", request_bytes=100),
]


@pytest.mark.parametrize("fault", LOG_FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_a_commit_survives_a_failed_put_and_a_kill(
    service: ServiceProcess, proxy: FaultProxy, fault: Fault
) -> None:
    owner = Owner(service)
    left = [fault]
    proxy.behave = lambda seen: (
        left.pop() if left and seen.method == "PUT" and "/log/" in seen.target else None
    )
    assert owner.announce(UPLOAD).status == 200
    assert left == []
    service.restart()
    assert json.loads(owner.call("GET", f"/v1/uploads/{UPLOAD}").data)["size_bytes"] == len(ARCHIVE)


@pytest.mark.slow
def test_the_service_acknowledges_nothing_without_its_log(service: ServiceProcess, proxy: FaultProxy) -> None:
    owner = Owner(service)
    proxy.behave = lambda seen: BAD[0] if "/log/" in seen.target else None
    assert is_retryable(owner.announce(UPLOAD))
    proxy.fail()
    assert owner.announce(UPLOAD).status == 200
    service.restart()
    assert owner.call("GET", f"/v1/uploads/{UPLOAD}").status == 200
