"""Certificates are verified, and a proxy sees only ciphertext."""

import base64
import contextlib
import datetime as dt
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.unit.cloud.conftest import LittleServer

from satchel.errors import UnreachableError
from satchel.outgoing.transport import HttpTransport, NoResponseError, Proxies, Request, Response


def send(url: str, proxies: Proxies | None = None) -> Response:
    transport = HttpTransport(user_agent="t", proxies=proxies or Proxies(), read_timeout_s=5.0)
    return transport.send(Request("GET", url, headers={"Authorization": "Bearer secret-token"}))


def certificate(folder: Path, host: str) -> Path:
    """A self-signed certificate with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def trusted(tmp_path: Path, server: LittleServer) -> Path:
    """Switch the server to TLS as `localhost`; return the certificate to trust."""
    path = certificate(tmp_path, "localhost")
    server.speak_tls(path)
    return path


def test_a_self_signed_certificate_is_refused(server: LittleServer, trusted: Path) -> None:
    with pytest.raises(UnreachableError, match="is not trusted") as caught:
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
    with pytest.raises(UnreachableError, match="is not trusted"):
        send(f"https://127.0.0.1:{server.port}/")
    assert server.seen == []


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
    path = certificate(tmp_path, "cloud.example.com")
    server.speak_tls(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    url = proxy.url.replace("http://", "http://user:pass@")
    transport = HttpTransport(user_agent="t", proxies=Proxies({"https": url}), read_timeout_s=5.0)
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
        with pytest.raises(NoResponseError, match="the proxy refuses") as caught:
            send("https://cloud.example.com/", Proxies({"https": refusing.url}))
    finally:
        refusing.close()
    assert not caught.value.was_sent
    assert server.seen == []
