"""The fake of Google's storage reports its own errors, but not clients that hang up."""

import socket
from collections.abc import Iterator

import pytest
from tests.support.gcs_fake import BUCKET, GcsFake

INSERT = f"POST /upload/storage/v1/b/{BUCKET}/o HTTP/1.1\r\nHost: fake\r\nContent-Length: {{}}\r\n\r\n"


@pytest.fixture
def fake() -> Iterator[GcsFake]:
    with GcsFake() as running:
        yield running


def send_and_hang_up(fake: GcsFake, request: str) -> None:
    """Send an incomplete request, then wait until the fake closes the connection."""
    with socket.create_connection(("127.0.0.1", fake.server.server_port)) as connection:
        connection.sendall(request.encode())
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1000):
            pass


def test_a_client_that_hangs_up_within_its_body_is_not_reported(
    fake: GcsFake, capfd: pytest.CaptureFixture[str]
) -> None:
    send_and_hang_up(fake, INSERT.format(1000) + "{")
    assert capfd.readouterr().err == ""
    assert not fake.server.bucket.objects


def test_an_error_of_the_fake_itself_is_reported(fake: GcsFake, capfd: pytest.CaptureFixture[str]) -> None:
    send_and_hang_up(fake, INSERT.format("many"))
    assert "ValueError" in capfd.readouterr().err
