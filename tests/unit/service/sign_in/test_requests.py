"""Requests to the issuer are bounded in bytes and time, follow no redirect, and need https."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.support.certificates import self_signed
from tests.support.loopback_issuer import METADATA, LoopbackIssuer

from satchel_service.sign_in.requests import MAX_BYTES, Address, IssuerUnavailableError, get

OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def answering(handle: Callable[[socket.socket], None]) -> Iterator[Address]:
    """Serve one connection with raw bytes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(65536)
                handle(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Address("http", "127.0.0.1", server.getsockname()[1], "/x")
        thread.join(10)


def fetch(raw: bytes) -> bytes:
    with answering(lambda connection: connection.sendall(raw)) as address:
        return get(address, ca_bundle="")


def test_a_body_with_a_length_and_a_chunked_one_are_read() -> None:
    assert fetch(OK + b"Content-Length: 2\r\n\r\n{}") == b"{}"
    assert fetch(OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n") == b"{}"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200",
        b"SSH-2.0-x\r\n\r\n",
        OK + b"\r\n{}",
        OK + b"Content-Length: 3\r\n\r\n{}",
        OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        OK + b"Content-Length: -1\r\n\r\n",
        OK + b"Transfer-Encoding: gzip\r\n\r\n{}",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx",
        OK + b"X: " + b"x" * 100_000 + b"\r\n\r\n",
        OK + f"Content-Length: {MAX_BYTES + 1}\r\n\r\n".encode(),
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"ffff\r\n" + b"x" * 0xFFFF + b"\r\nffff1\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 307 Temporary\r\nLocation: /y\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=lambda raw: str(raw[:70]),
)
def test_any_other_response_is_a_failure(raw: bytes) -> None:
    with pytest.raises(IssuerUnavailableError):
        fetch(raw)


@pytest.mark.parametrize(
    "raw", [b"", OK, OK + b"Content-Length: 1000\r\n\r\n"], ids=["silence", "head", "body"]
)
def test_bytes_that_drip_end_at_the_deadline(raw: bytes) -> None:
    """Each byte arrives in time; all of them together do not."""
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(raw)
        while not stop.wait(0.02):
            connection.sendall(b"x")

    with answering(drip) as address:
        with pytest.raises(IssuerUnavailableError, match="in time"):
            get(address, ca_bundle="", timeout_s=0.3)
        stop.set()


def test_an_issuer_that_nobody_runs_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(IssuerUnavailableError, match="ConnectionRefusedError"):
        get(Address("http", "127.0.0.1", port, "/"), ca_bundle="")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://issuer.example.com/jwks", ("https", "issuer.example.com", 443, "/jwks")),
        ("https://issuer.example.com:8443/a?b=c", ("https", "issuer.example.com", 8443, "/a?b=c")),
        ("http://[::1]:80/x", ("http", "::1", 80, "/x")),
        ("http://localhost/x", ("http", "localhost", 80, "/x")),
    ],
)
def test_an_address(text: str, expected: tuple[str, str, int, str]) -> None:
    assert Address.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://issuer.example.com/x",
        "http://127.0.0.1.example.com/x",
        "https://issuer.example.com",
        "https://user@issuer.example.com/x",
        "https://issuer.example.com:0/x",
        "https://issuer.example.com:99999/x",
        "https://issuer.example.com/x#y",
        "https://issuer.example.com/x y",
        "https://issuer.example.com/x\r\nHost: y",
        "ftp://issuer.example.com/x",
        "//issuer.example.com/x",
    ],
)
def test_no_other_address_is_requested(text: str) -> None:
    with pytest.raises(IssuerUnavailableError):
        Address.parse(text)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a certificate for 127.0.0.1 and its key."""
    return self_signed("127.0.0.1").write_bundle(tmp_path_factory.mktemp("issuer") / "issuer.pem")


def test_tls_is_verified(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with LoopbackIssuer() as issuer:
        issuer._server.socket = context.wrap_socket(issuer._server.socket, server_side=True)
        address = Address("https", "127.0.0.1", issuer._server.server_port, METADATA)
        assert issuer.url.encode() in get(address, ca_bundle=str(certificate))
        with pytest.raises(IssuerUnavailableError, match="SSLCertVerificationError"):
            get(address, ca_bundle="")
        with pytest.raises(IssuerUnavailableError, match="SSLCertVerificationError"):
            get(address._replace(host="localhost"), ca_bundle=str(certificate))
