"""Certificates are verified, and a proxy sees only ciphertext."""

import base64
import contextlib
import datetime as dt
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.support.certificates import self_signed
from tests.support.recorders import InMemory
from tests.unit.cloud.conftest import LittleServer

from satchel.errors import UnreachableError, UsageError
from satchel.outgoing.failures import NoResponseError
from satchel.outgoing.tls import Trust
from satchel.outgoing.transport import HttpTransport, Proxies, Request, Response

HOUR = dt.timedelta(hours=1)
NOW = dt.datetime(2031, 2, 3, 4, 5, tzinfo=dt.UTC)


def send(url: str, proxies: Proxies | None = None, trust: Trust | None = None) -> Response:
    transport = HttpTransport(
        user_agent="t",
        proxies=proxies or Proxies(),
        recorder=InMemory(),
        trust=trust,
        read_timeout_s=5.0,
        now=lambda: NOW,
    )
    return transport.send(Request("GET", url, headers={"Authorization": "Bearer secret-token"}))


@pytest.fixture
def trusted(tmp_path: Path, server: LittleServer) -> Path:
    """Switch the server to TLS as `localhost`; return the certificate to trust."""
    path = self_signed("localhost").write_bundle(tmp_path / "certificate.pem")
    server.speak_tls(path)
    return path


def test_a_self_signed_certificate_is_refused(server: LittleServer, trusted: Path) -> None:
    with pytest.raises(UnreachableError, match="is self-signed") as caught:
        send(f"https://localhost:{server.port}/")
    assert "SSL_CERT_FILE" in caught.value.hint
    assert server.seen == []


def test_ssl_cert_file_adds_a_certificate_authority(
    server: LittleServer, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    assert send(f"https://localhost:{server.port}/").status == 200


def test_a_certificate_for_another_name_is_refused(
    server: LittleServer, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with pytest.raises(UnreachableError, match="is for another host"):
        send(f"https://127.0.0.1:{server.port}/")
    assert server.seen == []


@pytest.mark.parametrize(
    ("valid", "said"),
    [((HOUR, 2 * HOUR), "is not valid yet"), ((-2 * HOUR, -HOUR), "has expired")],
)
def test_a_certificate_of_another_time_names_the_clock(
    tmp_path: Path,
    server: LittleServer,
    monkeypatch: pytest.MonkeyPatch,
    valid: tuple[dt.timedelta, dt.timedelta],
    said: str,
) -> None:
    path = self_signed("localhost", begins=valid[0], ends=valid[1]).write_bundle(tmp_path / "certificate.pem")
    server.speak_tls(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(UnreachableError, match=said) as caught:
        send(f"https://localhost:{server.port}/")
    assert "clock" in caught.value.hint
    assert f"{NOW:%Y-%m-%d %H:%M}" in caught.value.message + caught.value.hint
    assert server.seen == []


def test_plain_http_on_a_tls_address_is_named(server: LittleServer) -> None:
    with pytest.raises(UnreachableError, match="does not speak TLS") as caught:
        send(f"https://localhost:{server.port}/")
    assert "certificate" not in caught.value.message
    assert "--allow-http" in caught.value.hint


def test_tls_on_a_plain_address_is_named(server: LittleServer, trusted: Path) -> None:
    with pytest.raises(UnreachableError) as caught:
        send(f"http://localhost:{server.port}/")
    assert "certificate" not in caught.value.message


class Files(NamedTuple):
    """Values of SSL_CERT_FILE that are of no use."""

    make: Callable[[Path], object]
    said: str


FILES = {
    "missing": Files(lambda _path: None, "is not a file"),
    "a directory": Files(lambda path: path.mkdir(), "is not a file"),
    "empty": Files(lambda path: path.touch(), "no readable certificate"),
    "another text": Files(lambda path: path.write_text("-----BEGIN NOTHING-----"), "no readable certificate"),
    "binary": Files(lambda path: path.write_bytes(bytes(range(256))), "no readable certificate"),
}


@pytest.mark.parametrize(("make", "said"), FILES.values(), ids=FILES.keys())
def test_a_useless_ssl_cert_file_is_named(
    tmp_path: Path, server: LittleServer, trusted: Path, make: Callable[[Path], object], said: str
) -> None:
    path = tmp_path / "authorities.pem"
    make(path)
    with pytest.raises(UsageError, match=f"SSL_CERT_FILE names .*authorities.pem.*{said}"):
        send(f"https://localhost:{server.port}/", trust=Trust(file=path))
    server_url = f"http://localhost:{server.port}/"
    with pytest.raises(UnreachableError):  # it does not matter without TLS
        send(server_url, trust=Trust(file=path))


def test_a_useless_ssl_cert_dir_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="SSL_CERT_DIR names"):
        send("https://localhost:9/", trust=Trust(directory=tmp_path / "missing"))


@pytest.mark.parametrize(
    "proxy",
    [
        "http://",
        "http://:8080",
        "http://host:port",
        "http://[::1",
        "http://host:99999",
        "http://a b:1",
        "://x",
        "@",
    ],
)
@pytest.mark.parametrize("variable", ["https", "all"])
def test_a_malformed_proxy_variable_is_named(proxy: str, variable: str) -> None:
    with pytest.raises(UsageError, match=f"{variable.upper()}_PROXY") as caught:
        send("https://cloud.example.com/", Proxies({variable: proxy}))
    assert "http" in caught.value.hint


def test_a_malformed_proxy_is_not_quoted_because_it_may_hold_a_password() -> None:
    with pytest.raises(UsageError) as caught:
        send("https://cloud.example.com/", Proxies({"https": "http://me:hunter2@host:port"}))
    assert "hunter2" not in caught.value.message + caught.value.hint


def test_a_proxy_that_is_gone_is_named_without_its_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(NoResponseError, match=f"the proxy 'http://127.0.0.1:{port}") as caught:
        send("https://cloud.example.com/", Proxies({"https": f"http://me:hunter2@127.0.0.1:{port}"}))
    assert "nothing listens" in caught.value.message
    assert "hunter2" not in caught.value.message + caught.value.hint


class Proxy:
    """A CONNECT proxy that forwards everything to one port and records what it sees."""

    def __init__(self, target_port: int, answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> None:
        self._target_port = target_port
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.saw = b""
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            client, _ = self._listener.accept()
            with client, socket.create_connection(("127.0.0.1", self._target_port)) as server:
                while b"\r\n\r\n" not in self.saw:
                    self.saw += client.recv(1000)
                client.sendall(self._answer)
                back = threading.Thread(target=self._pump, args=(server, client))
                back.start()
                while data := client.recv(65536):
                    self.saw += data
                    server.sendall(data)
                server.shutdown(socket.SHUT_WR)
                back.join()

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()


@pytest.fixture
def proxy(server: LittleServer) -> Iterator[Proxy]:
    made = Proxy(server.port)
    yield made
    made.close()


def test_a_proxy_sees_only_the_host_of_the_cloud(
    tmp_path: Path, server: LittleServer, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = self_signed("cloud.example.com").write_bundle(tmp_path / "certificate.pem")
    server.speak_tls(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    url = proxy.url.replace("http://", "http://user:pass@")
    transport = HttpTransport(
        user_agent="t", proxies=Proxies({"https": url}), recorder=InMemory(), read_timeout_s=5.0
    )
    request = Request(
        "GET", "https://cloud.example.com/v1/x", headers={"Authorization": "Bearer secret-token"}
    )
    assert transport.send(request).status == 200
    transport.close()
    assert server.seen[0].headers["authorization"] == "Bearer secret-token"
    assert proxy.saw.startswith(b"CONNECT cloud.example.com:443 HTTP/1.")
    assert b"authorization: Basic " + base64.b64encode(b"user:pass") in proxy.saw
    assert b"secret-token" not in proxy.saw
    assert b"/v1/x" not in proxy.saw


def test_a_refusing_proxy_is_reported(server: LittleServer) -> None:
    refusing = Proxy(server.port, b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    try:
        with pytest.raises(NoResponseError, match=r"the proxy .* refuses .*: 407") as caught:
            send("https://cloud.example.com/", Proxies({"https": refusing.url}))
    finally:
        refusing.close()
    assert "NAME:PASSWORD" in caught.value.hint
    assert not caught.value.was_sent
    assert server.seen == []
