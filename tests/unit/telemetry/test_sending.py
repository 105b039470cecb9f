"""Documents go to an endpoint that counts them, and never to a personal cloud."""

import json
from pathlib import Path

import pytest

from satchel.cloud.connection import FILE_NAME
from satchel.errors import RefusedError, UnreachableError, UsageError
from satchel.outgoing.transport import Request, Response
from satchel.telemetry.sending import Endpoint
from satchel_wire.telemetry import DOCUMENTS

URL = "https://telemetry.example.org"
CLOUD = "https://ann.clouds.example.org"
PROVISIONER = "https://clouds.example.org"


class Server:
    """A transport that answers itself, and keeps what it was sent."""

    def __init__(self, capabilities: Response, status: int = 204) -> None:
        self.capabilities = capabilities
        self.status = status
        self.seen: list[Request] = []

    def send(self, request: Request) -> Response:
        self.seen.append(request)
        return self.capabilities if request.method == "GET" else Response(self.status, {}, b"")


def listing(*names: str) -> Response:
    return Response(200, {}, json.dumps({"capabilities": names}).encode())


@pytest.fixture
def connected(tmp_path: Path) -> Path:
    (tmp_path / FILE_NAME).write_text(
        json.dumps(
            {"format": "satchel-cloud/2", "url": CLOUD, "device_id": "ab" * 16, "provisioner": PROVISIONER}
        )
    )
    return tmp_path


def test_the_document_is_sent_as_it_is_and_recorded_as_telemetry(tmp_path: Path) -> None:
    server = Server(listing("telemetry"))
    Endpoint.parse(f"{URL}/", tmp_path).deliver(server, DOCUMENTS, "telemetry", b"{}\n")
    asked, sent = server.seen
    assert (asked.method, asked.url, asked.body) == ("GET", f"{URL}/v1/capabilities", None)
    assert (sent.method, sent.url, sent.body, sent.kind) == (
        "POST",
        f"{URL}/v1/telemetry",
        b"{}\n",
        "telemetry",
    )
    assert dict(sent.headers) == {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "answer",
    [
        listing("sign-in", "audit"),
        Response(404, {}, b'{"capabilities":["telemetry"]}'),
        Response(200, {}, b""),
        Response(200, {}, b"[" * 60_000),
        Response(200, {}, b"\xff"),
        Response(200, {}, b'{"capabilities":"telemetry"}'),
        Response(200, {}, b'{"capabilities":["telemetry"],"more":1}'),
    ],
)
def test_a_server_that_is_no_endpoint_gets_nothing(tmp_path: Path, answer: Response) -> None:
    server = Server(answer)
    with pytest.raises(RefusedError, match="nothing was sent"):
        Endpoint.parse(URL, tmp_path).deliver(server, DOCUMENTS, "telemetry", b"{}\n")
    assert [request.method for request in server.seen] == ["GET"]


@pytest.mark.parametrize(
    ("status", "kind"), [(422, RefusedError), (413, RefusedError), (503, UnreachableError)]
)
def test_a_document_that_is_not_counted_is_an_error(
    tmp_path: Path, status: int, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=str(status)):
        Endpoint.parse(URL, tmp_path).deliver(
            Server(listing("telemetry"), status), DOCUMENTS, "telemetry", b""
        )


@pytest.mark.parametrize(
    "url", [CLOUD, f"{CLOUD}/", CLOUD.upper().replace("HTTPS", "https"), f"{CLOUD}:443", PROVISIONER]
)
def test_the_personal_cloud_and_its_provisioner_are_refused(connected: Path, url: str) -> None:
    with pytest.raises(RefusedError, match="personal cloud"):
        Endpoint.parse(url, connected)


def test_another_address_is_accepted_on_a_connected_device(connected: Path) -> None:
    assert str(Endpoint.parse(URL, connected).origin) == URL


def test_an_unreadable_connection_refuses_every_address(connected: Path) -> None:
    (connected / FILE_NAME).write_text("{")
    with pytest.raises(RefusedError, match="not known"):
        Endpoint.parse(URL, connected)


@pytest.mark.parametrize(
    "url",
    [
        "none",
        "",
        "telemetry.example.org",
        "http://telemetry.example.org",
        "https://a.example.org/path",
        "ftp://a",
    ],
)
def test_other_texts_are_no_endpoint(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError):
        Endpoint.parse(url, tmp_path)
