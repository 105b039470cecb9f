"""The credentials once more, as bytes on a socket: the HTTP server in front must not repair what is malformed."""

import secrets
from collections.abc import Iterator
from contextlib import suppress

import pytest
from tests.security.matrix.credentials import Headers, Tokens, bad, good
from tests.security.matrix.processes import ProcessCloud
from tests.security.matrix.signing_in import issuer
from tests.support.raw_http import RawConnection
from tests.support.service import ServiceProcess

from satchel_wire.routes import STATUS

REPAIRED = {
    "trailing space",
    "leading space",
}  # whitespace around a value is not part of it (RFC 9110, section 5.5)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ProcessCloud, Tokens]]:
    """A cloud as a process, with its tokens; that of another cloud is random."""
    with ServiceProcess(tmp_path_factory.mktemp("matrix") / "cloud", issuer().settings) as service:
        cloud = ProcessCloud(service)
        revoked, other = cloud.connect(), cloud.connect()
        assert cloud.device.call("DELETE", f"/v1/devices/{revoked.id}").status == 204
        yield (
            cloud,
            Tokens(
                valid=cloud.device.token,
                other_device=other.token,
                revoked=revoked.token,
                other_cloud=f"satchel_{secrets.token_urlsafe(32)}",
                code=cloud.operators_code(),
                device_id=cloud.device.id,
            ),
        )


def ask(url: str, credential: Headers) -> int:
    """Send the headers byte for byte and return the status."""
    lines = [b"GET %s HTTP/1.1" % STATUS.encode(), b"Host: cloud.test", b"Connection: close"]
    lines += [name.encode() + b": " + value.encode("utf-8") for name, value in credential]
    with RawConnection(url) as connection:
        with suppress(ConnectionError):  # a long header may be refused before its last byte is sent
            connection.send(b"\r\n".join(lines) + b"\r\n\r\n")
        return int(connection.receive().split()[1])


def test_a_bad_credential_stays_bad(served: tuple[ProcessCloud, Tokens]) -> None:
    cloud, tokens = served
    found = {name: ask(cloud.url, credential) for name, credential in bad(tokens).items()}
    assert {name for name, status in found.items() if status == 200} == REPAIRED
    assert {status for name, status in found.items() if name not in REPAIRED} <= {400, 401, 431}


def test_a_good_credential_works(served: tuple[ProcessCloud, Tokens]) -> None:
    cloud, tokens = served
    assert {ask(cloud.url, credential) for credential in good(tokens).values()} == {200}
