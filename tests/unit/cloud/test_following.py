"""Following a moved cloud: what the stored connection says afterwards, and what leaves it as it was."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.unit.cloud.conftest import TOKEN, answer

from satchel.cloud.client import CloudClient, DeviceToken
from satchel.cloud.connection import Connection, read_connection, save_connection
from satchel.cloud.following import follow
from satchel.keys import Vault
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import Request, Response

NOW = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
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


def follow_to(home: Path, url: str, response: Response) -> Connection:
    cloud = NewCloud(response)
    return follow(
        home,
        Vault(home, use_keyring=False),
        read_connection(home),
        Origin.parse(url),
        dial=lambda origin, token: CloudClient(origin, cloud, token=token),
        allow_http=False,
        now=NOW,
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
    home: Path, url: str, provisioner: Origin | None
) -> None:
    """Otherwise `disconnect --erase-cloud` asks it for the removal of the old cloud."""
    followed = follow_to(home, url, devices(DEVICE))
    assert followed == read_connection(home)
    assert (str(followed.origin), followed.provisioner) == (url, provisioner)
