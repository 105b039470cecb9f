"""A bucket behind TLS: both HTTP clients verify its certificate against the configured authorities."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.support.certificates import self_signed
from tests.support.s3_servers import S3Server

from satchel_service.storage import PartPlan, StorageError, TransientError, blob_key

KEY = blob_key("archives/one")
PLAN = PartPlan(10, 5 * 1024 * 1024)


class TlsTerminator:
    """Terminates TLS in front of a plain server."""

    def __init__(self, target: str, chain: Path) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(chain)
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
def chain(tmp_path: Path) -> Path:
    return self_signed("127.0.0.1").write_bundle(tmp_path / "certificate.pem")


@pytest.fixture
def secured(moto_server: S3Server, chain: Path) -> Iterator[S3Server]:
    end = TlsTerminator(moto_server.endpoint, chain)
    threading.Thread(target=end.run, daemon=True).start()
    yield replace(moto_server, endpoint=end.url)
    end.close()


def test_a_configured_authority_is_trusted(secured: S3Server, chain: Path) -> None:
    storage = secured.storage(ca_bundle=str(chain))
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


def test_a_certificate_for_another_host_is_refused(secured: S3Server, chain: Path) -> None:
    elsewhere = replace(secured, endpoint=secured.endpoint.replace("127.0.0.1", "localhost"))
    storage = elsewhere.storage(ca_bundle=str(chain))
    with pytest.raises(TransientError, match="SSLCertVerificationError"):
        storage.create(KEY, b"data")
    storage.close()


def test_an_unreadable_file_of_authorities_is_a_clear_error(secured: S3Server, tmp_path: Path) -> None:
    storage = secured.storage(ca_bundle=str(tmp_path / "absent"))
    with pytest.raises(StorageError, match="FileNotFoundError"):
        storage.create(KEY, b"data")
    storage.close()
