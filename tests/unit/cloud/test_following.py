"""Finding a moved cloud at its new address, and what an address that refuses the device says."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.unit.cloud.conftest import TOKEN, answer, problem

from satchel.cloud.client import CloudClient
from satchel.cloud.connection import Connection, read_connection, save_connection
from satchel.cloud.following import find_at
from satchel.cloud.pairing import disconnect
from satchel.cloud.problems import MovedError
from satchel.cloud.signed_client import DeviceToken
from satchel.errors import RefusedError, SatchelError
from satchel.keys import Vault
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import Request, Response
from satchel_wire.problems import ProblemCode

DEVICE = "00112233445566778899aabbccddeeff"
PROVISIONER = Origin.parse("https://clouds.example.org")
OLD = Origin.parse("https://cabc.s1.clouds.example.org")
KEPT = Connection(OLD, DEVICE, provisioner=PROVISIONER)


@dataclass
class NewCloud:
    """Gives one answer to every request."""

    response: Response

    def send(self, request: Request) -> Response:
        del request
        return self.response


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that is connected to a cloud of a provisioner."""
    save_connection(tmp_path, Vault(tmp_path, use_keyring=False), KEPT, DeviceToken(TOKEN))
    return tmp_path


def devices(*ids: str) -> Response:
    return answer(
        {
            "devices": [
                {
                    "id": each,
                    "label": "",
                    "created": "2026-11-01T00:00:00Z",
                    "last_seen": "2026-11-01T00:00:00Z",
                    "current": True,
                }
                for each in ids
            ]
        }
    )


def find(url: str, response: Response) -> Connection:
    return find_at(
        KEPT,
        Origin.parse(url),
        DeviceToken(TOKEN),
        dial=lambda origin, token: CloudClient(origin, NewCloud(response), token=token),
        allow_http=False,
    )


@pytest.mark.parametrize(
    ("url", "provisioner"),
    [
        ("https://cabc.s2.clouds.example.org", PROVISIONER),
        ("https://cabc.clouds.example.net", PROVISIONER),
        ("https://cloud.example.com", None),
        ("https://cabcd.s1.clouds.example.org", None),
        ("https://cabc-s1.clouds.example.org", None),
    ],
)
def test_a_provisioner_stays_known_while_the_cloud_keeps_its_name(
    url: str, provisioner: Origin | None
) -> None:
    """Otherwise `disconnect --erase-cloud` asks it for the removal of the old cloud."""
    followed = find(url, devices(DEVICE))
    assert (str(followed.origin), followed.provisioner) == (url, provisioner)


@pytest.mark.parametrize("response", [problem(ProblemCode.NOT_SIGNED_IN), devices(), devices("0" * 32)])
def test_a_new_address_that_does_not_know_the_device_is_told_apart(response: Response) -> None:
    with pytest.raises(RefusedError, match="does not know this device; nothing was changed") as caught:
        find("https://cloud.example.com", response)
    assert "disconnect --forget" in caught.value.hint


@pytest.mark.parametrize(
    ("response", "kind", "message", "hint"),
    [
        (
            problem(ProblemCode.MOVED, headers={"location": "https://third.example.com"}),
            MovedError,
            "the cloud at https://cloud.example.com has moved to https://third.example.com",
            "satchel connect https://third.example.com",
        ),
        (problem(ProblemCode.TOO_MANY), RefusedError, "too many attempts", "wait a minute and try again"),
    ],
)
def test_another_refusal_of_the_new_address_is_told_as_it_is(
    response: Response, kind: type[SatchelError], message: str, hint: str
) -> None:
    """Forgetting the connection, the advice for an unknown device, would lose the device's access."""
    with pytest.raises(kind) as caught:
        find("https://cloud.example.com", response)
    assert caught.value.message == message
    assert hint in caught.value.hint
    assert "--forget" not in caught.value.hint


def disconnect_from(home: Path, response: Response) -> None:
    disconnect(home, Vault(home, use_keyring=False), CloudClient(OLD, NewCloud(response)))


@pytest.mark.parametrize("code", [ProblemCode.TOO_MANY, ProblemCode.MOVED, ProblemCode.UNAVAILABLE])
def test_a_device_that_was_not_revoked_stays_connected(home: Path, code: ProblemCode) -> None:
    with pytest.raises(SatchelError):
        disconnect_from(home, problem(code))
    assert read_connection(home) == KEPT


@pytest.mark.parametrize("code", [ProblemCode.NOT_SIGNED_IN, ProblemCode.NOT_FOUND])
def test_a_revoked_device_can_be_disconnected(home: Path, code: ProblemCode) -> None:
    disconnect_from(home, problem(code))
    assert not (home / "cloud.json").exists()
