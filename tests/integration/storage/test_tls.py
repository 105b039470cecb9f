"""A bucket behind TLS: both HTTP clients verify its certificate against the configured authorities."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.support.s3_servers import S3Server

from satchel_service.storage import PartPlan, StorageError, TransientError, blob_key

KEY = blob_key("archives/one")
PLAN = PartPlan(10, 5 * 1024 * 1024)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test bucket")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return public, private


class TlsTerminator:
    """Terminates TLS in front of a plain server."""

    def __init__(self, target: str, chain: tuple[Path, Path]) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*chain)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"

    def run(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with (
            suppress(OSError),
            plain,
            self._context.wrap_socket(plain, server_side=True) as client,
            socket.create_connection(self._target) as server,
        ):
            back = threading.Thread(target=self._pump, args=(server, client), daemon=True)
            back.start()
            self._pump(client, server)
            back.join()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def chain(tmp_path: Path) -> tuple[Path, Path]:
    return certificate(tmp_path)


@pytest.fixture
def secured(moto_server: S3Server, chain: tuple[Path, Path]) -> Iterator[S3Server]:
    end = TlsTerminator(moto_server.endpoint, chain)
    threading.Thread(target=end.run, daemon=True).start()
    yield replace(moto_server, endpoint=end.url)
    end.close()


def test_a_configured_authority_is_trusted(secured: S3Server, chain: tuple[Path, Path]) -> None:
    storage = secured.storage(ca_bundle=str(chain[0]))
    storage.create(KEY, b"data")
    assert storage.read(KEY) == b"data"
    storage.abort_upload(KEY, storage.begin_upload(KEY, PLAN))
    storage.close()


def test_an_unknown_authority_is_refused(secured: S3Server) -> None:
    storage = secured.storage()
    with pytest.raises(TransientError, match="SSLCertVerificationError"):
        storage.create(KEY, b"data")
    with pytest.raises(StorageError, match="SSLError"):
        storage.begin_upload(KEY, PLAN)
    storage.close()


def test_a_certificate_for_another_host_is_refused(secured: S3Server, chain: tuple[Path, Path]) -> None:
    elsewhere = replace(secured, endpoint=secured.endpoint.replace("127.0.0.1", "localhost"))
    storage = elsewhere.storage(ca_bundle=str(chain[0]))
    with pytest.raises(TransientError, match="SSLCertVerificationError"):
        storage.create(KEY, b"data")
    storage.close()


def test_an_unreadable_file_of_authorities_is_a_clear_error(secured: S3Server, tmp_path: Path) -> None:
    storage = secured.storage(ca_bundle=str(tmp_path / "absent"))
    with pytest.raises(StorageError, match="FileNotFoundError"):
        storage.create(KEY, b"data")
    storage.close()
