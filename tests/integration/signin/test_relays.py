"""A hostile server that passes on what another server says, its nonces too, and keeps the ID tokens that it gets."""

import http.client
import http.server
import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import urllib3
from tests.infra.processes.test_serve import PROGRAM, ROOT, Running, environ_of, responds, write_configuration
from tests.integration.signin.conftest import SignedDevice
from tests.oidc.issuer import Issuer
from tests.support.provisioner import claims_of
from tests.support.service import ServiceProcess, free_port
from tests.support.waiting import wait_until

from satchel_wire.binding import bind_nonce

NONCE: Final = "/v1/sign-in/nonce"
KEPT: Final = ("host", "content-length", "connection", "transfer-encoding")
MakeRelay = Callable[..., "Relay"]


class Relay:
    """Passes requests on to `target`, but requests for nonces to `nonces`. Keeps messages with an ID token in `taken`."""

    def __init__(self, target: str, nonces: str = "") -> None:
        self.target = target
        self.nonces = nonces or target
        self.taken: list[dict[str, str]] = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Return the other server's answer, or none to a message with an ID token."""
        if b"id_token" in body:
            self.taken.append(json.loads(body))
            return 503, {}, b""
        connection = http.client.HTTPConnection(
            urlsplit(self.nonces if path == NONCE else self.target).netloc
        )
        connection.request(method, path, body, _passed(headers))
        response = connection.getresponse()
        found = response.status, _passed(dict(response.getheaders())), response.read()
        connection.close()
        return found


def _passed(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in KEPT}


def _handler(relay: Relay) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            status, headers, data = relay.answer(self.command, self.path, dict(self.headers.items()), body)
            self.send_response_only(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _serve  # noqa: N815  the names that the library calls

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    return Handler


@pytest.fixture
def make_relay() -> Iterator[MakeRelay]:
    made: list[Relay] = []

    def make(target: str, nonces: str = "") -> Relay:
        relay = Relay(target, nonces)
        relay.thread.start()
        made.append(relay)
        return relay

    yield make
    for relay in made:
        relay.server.shutdown()
        relay.thread.join()
        relay.server.server_close()


@pytest.fixture
def provisioner(tmp_path: Path, provider: Issuer) -> Iterator[Running]:
    """A real provisioner, over a platform in memory."""
    folder, port = tmp_path / "provisioner", free_port()
    folder.mkdir()
    url, log = f"http://127.0.0.1:{port}", folder / "log"
    file = write_configuration(folder, provider)
    environ = environ_of(PORT=str(port), SATCHEL_PUBLIC_URL=url)
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*PROGRAM, "--config", file], cwd=ROOT, env=environ, stdout=stream, stderr=stream
        )
    try:
        running = Running(url, provider, process, log, [], url)
        wait_until(lambda: responds(running))
        yield running
    finally:
        process.terminate()
        process.wait(20)


def take(relay: Relay, victim: SignedDevice) -> dict[str, str]:
    """Let a person sign in at the hostile server, and return what it keeps. The ID token is bound to that server."""
    victim.command("connect", relay.url, code=6)
    (taken,) = relay.taken
    assert claims_of(taken["id_token"])["nonce"] == bind_nonce(relay.url, taken["nonce"])
    return {"id_token": taken["id_token"], "nonce": taken["nonce"]}


def post(url: str, path: str, message: dict[str, str], **headers: str) -> tuple[int, dict[str, Any]]:
    answer = urllib3.request("POST", url + path, json=message, headers=headers or None, retries=False)
    return answer.status, answer.json()


def require_refused(url: str, path: str, taken: dict[str, str], relay: Relay) -> None:
    """Send what was taken, also with the Host that it is bound to."""
    for headers in ({}, {"Host": urlsplit(relay.url).netloc}):
        status, problem = post(url, path, taken, **headers)
        assert (status, problem["type"]) == (403, "urn:satchel:problem:wrong-sign-in")
        assert "another address" in problem["detail"]


def test_a_relayed_sign_in_is_worth_nothing_at_the_cloud(
    cloud: ServiceProcess,
    device: SignedDevice,
    make_relay: MakeRelay,
    make_device: Callable[..., SignedDevice],
) -> None:
    relay = make_relay(cloud.url)
    taken = take(relay, make_device("victim"))
    require_refused(cloud.url, "/v1/sign-in", taken, relay)
    assert len(device.document("devices")["devices"]) == 1
    make_device("honest").command("connect", cloud.url)


def test_a_relayed_sign_in_is_worth_nothing_at_the_provisioner(
    provisioner: Running, alone: SignedDevice, make_relay: MakeRelay
) -> None:
    owned = provisioner.follow(provisioner.begin("/v1/clouds", provisioner.tokens()["id_token"]))
    relay = make_relay(provisioner.url)
    taken = take(relay, alone)
    for path in ("/v1/clouds", "/v1/clouds/removal"):
        require_refused(provisioner.url, path, taken, relay)
    again = provisioner.follow(provisioner.begin("/v1/clouds", provisioner.tokens()["id_token"]))
    assert again["url"] == owned["url"]


def test_a_cloud_and_a_provisioner_do_not_take_each_others_relayed_sign_ins(
    cloud: ServiceProcess,
    device: SignedDevice,
    provisioner: Running,
    make_relay: MakeRelay,
    make_device: Callable[..., SignedDevice],
) -> None:
    as_cloud = make_relay(cloud.url, nonces=provisioner.url)
    taken = take(as_cloud, make_device("victim"))
    require_refused(provisioner.url, "/v1/clouds/removal", taken, as_cloud)
    as_provisioner = make_relay(provisioner.url, nonces=cloud.url)
    taken = take(as_provisioner, make_device("victim-2"))
    require_refused(cloud.url, "/v1/sign-in", taken, as_provisioner)
    assert len(device.document("devices")["devices"]) == 1


def test_a_device_is_told_which_address_it_used(
    cloud: ServiceProcess, device: SignedDevice, make_device: Callable[..., SignedDevice]
) -> None:
    cloud.stop()
    cloud.set(SATCHEL_PUBLIC_URL="https://cloud.example.com").start()
    said = make_device("laptop").command("connect", cloud.url, code=4)
    assert "the sign-in was made for another address" in said
    assert f"SATCHEL_PUBLIC_URL is '{cloud.url}'" in said


def test_other_spellings_of_the_address_sign_in(
    cloud: ServiceProcess, device: SignedDevice, make_device: Callable[..., SignedDevice]
) -> None:
    make_device("laptop").command("connect", cloud.url.upper() + "/")
    cloud.stop()
    cloud.set(SATCHEL_PUBLIC_URL=cloud.url.upper() + "/").start()
    make_device("phone").command("connect", cloud.url)
