"""A cloud moves from a machine with systemd to Cloud Run: two platforms of one configuration file."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import urllib3
from tests.contract.platforms.cloudrun import CloudRunSubject
from tests.integration.box.conftest import KEY, Town
from tests.support.asgi import Answer
from tests.support.box_machine import DOMAIN, RELEASES, SHARD
from tests.support.gcs_fake import BUCKET, GcsFake
from tests.support.google.server import GoogleFake
from tests.support.google.world import PROJECT, REGION
from tests.support.service import ServiceProcess
from tests.support.waiting import wait_until
from tests.support.wire_device import WireDevice

from satchel_infra.configuration import Configuration
from satchel_infra.names import identify
from satchel_infra.platform import Platform, State
from satchel_infra.provisioning.clouds import Provisioner
from satchel_infra.provisioning.moves import Moves
from satchel_infra.provisioning.opening import open_provisioner
from satchel_infra.provisioning.platforms import Platforms
from satchel_infra.shards import Shard

pytestmark = [pytest.mark.slow, pytest.mark.tool("docker"), pytest.mark.timeout(600)]

ISSUER: Final = "https://issuer.example.org/"
OWNER: Final = identify(KEY, issuer=ISSUER, subject="ada")
SEALED: Final = bytes(range(256)) * 1_000
CONFIGURATION: Final = """\
domain = "{domain}"
platform = "box"
image = "{release}"
records = "file:{folder}/records"
name_key_file = "name.key"

[settings]
SATCHEL_OIDC_ISSUER = "{issuer}"
SATCHEL_OIDC_CLIENT_ID = "satchel"

[platforms.cloudrun]
image = "{image}"
options = {{ storage = "prefix", apis = {{ run = "{run}", storage = "{storage}", iam = "{iam}" }} }}

[[generations]]
shards = [{{ id = "{shard}" }}]
"""
NEWER: Final = """
[[generations]]
shards = [{{ id = "r1", platform = "cloudrun", project = "{project}", region = "{region}", bucket = "{bucket}" }}]
"""


@pytest.fixture
def google() -> Iterator[CloudRunSubject]:
    """Google's APIs, with the bucket of the shard."""
    with GoogleFake() as fake:
        yield CloudRunSubject(fake, bucket=BUCKET)


@pytest.fixture
def objects() -> Iterator[GcsFake]:
    """The objects of that bucket."""
    with GcsFake() as fake:
        yield fake


def provisioner_of(folder: Path, town: Town, google: CloudRunSubject, *, newer: str = "") -> Provisioner:
    """Read the operator's file. The platform of the machine is reached from the outside; Cloud Run by the product."""
    file = folder / "infra.toml"
    places = {"domain": DOMAIN, "release": RELEASES[0], "folder": folder, "issuer": ISSUER, "shard": SHARD}
    file.write_text(CONFIGURATION.format(**places, image=google.image(), **google.fake.apis) + newer)
    configuration = Configuration.load(file)
    platforms = Platforms(configuration)

    def open_shard(shard: Shard) -> Platform:
        is_box = configuration.deployment(shard).platform == "box"
        return town.box if is_box else platforms.open(shard)

    opened = open_provisioner(configuration, {})
    return Provisioner(configuration, open_shard, opened.records, opened.clock)


def instance(google: CloudRunSubject, objects: GcsFake, folder: Path) -> ServiceProcess:
    """Return the process of an instance: what differs from Cloud Run is its address and Google's."""
    template: Any = google.world.services[OWNER.name]["template"]
    environment = {entry["name"]: entry["value"] for entry in template["containers"][0]["env"]}
    assert environment["SATCHEL_PUBLIC_URL"] == f"https://{OWNER.name}.r1.{DOMAIN}"
    process = ServiceProcess(folder / "instance", {**environment, **objects.environ("")})
    return process.set(
        SATCHEL_STORAGE=environment["SATCHEL_STORAGE"],
        SATCHEL_PUBLIC_URL=process.url,
        SATCHEL_BIND="127.0.0.1",
    )


def at(url: str, token: str) -> WireDevice:
    """Return a device at another address of its cloud."""

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        answer = urllib3.request(
            method, url + path.removeprefix(url), headers=dict(headers), body=body, retries=False
        )
        return Answer(
            answer.status, {name.lower(): text for name, text in answer.headers.items()}, answer.data
        )

    return WireDevice(send, token)


def test_a_cloud_moves_from_a_machine_to_cloud_run(
    town: Town, google: CloudRunSubject, objects: GcsFake, tmp_path: Path
) -> None:
    (tmp_path / "name.key").write_bytes(bytes(32))
    provisioner_of(tmp_path, town, google).provision(OWNER, "ada")
    before = town.device(OWNER.name)
    backup, share = before.backup(SEALED), before.share(b"sealed")

    newer = NEWER.format(project=PROJECT, region=REGION, bucket=BUCKET)
    moves = Moves(provisioner_of(tmp_path, town, google, newer=newer), objects.environ(""))
    found = moves.move(OWNER)
    assert (found.shard.id, found.cloud.state) == ("r1", State.READY)

    wait_until(lambda: before.call("GET", "/v1/backups").problem == "moved")  # the old service has restarted
    redirect = town.request(OWNER.name, f"/s/{share}")
    assert redirect.headers["location"].startswith(f"https://{OWNER.name}.r1.{DOMAIN}/")
    with instance(google, objects, tmp_path) as cloud:
        after = at(cloud.url, before.token)
        assert [each["id"] for each in after.call("GET", "/v1/backups").json()["backups"]] == [backup]
        assert after.call("GET", f"/v1/archives/{backup}").body == SEALED
        assert after.open(share).body == b"sealed"
        after.backup(b"at the new place")
    moves.finish(OWNER)
    assert town.request(OWNER.name).status == 404
    assert list(town.machine.data.iterdir()) == []
