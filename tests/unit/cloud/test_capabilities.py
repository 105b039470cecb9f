"""New fields go only to clouds that list them; a duration stays a duration where the cloud counts it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.unit.cloud.conftest import ORIGIN, TOKEN, answer, problem

from satchel.cloud.client import CloudClient
from satchel.cloud.provisioner import is_provisioner
from satchel.cloud.signed_client import DeviceToken
from satchel.errors import SatchelError, UnreachableError
from satchel.outgoing.transport import Request, Response
from satchel_wire.capabilities import ALL, HEADER, Capability, format_header
from satchel_wire.messages import BackupRequest, RearmRequest, Retention, ShareChange, ShareRequest
from satchel_wire.problems import ProblemCode

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ID = "ab" * 16
POLICY = Retention(last=1, daily=2, weekly=3, monthly=4)


class Cloud:
    """Lists capabilities, or none as an earlier cloud does, and records requests."""

    def __init__(self, *names: str, is_early: bool = False) -> None:
        listed = answer({"capabilities": names})
        self.listed = problem(ProblemCode.NOT_FOUND) if is_early else listed
        self.asked: list[Request] = []

    def send(self, request: Request) -> Response:
        self.asked.append(request)
        is_listing = request.url.endswith("/v1/capabilities")
        return self.listed if is_listing else problem(ProblemCode.CONFLICT)

    def client(self) -> CloudClient:
        return CloudClient(ORIGIN, self, token=DeviceToken(TOKEN), now=lambda: NOON)

    def sent(self) -> Any:  # noqa: ANN401  any message
        return json.loads(self.asked[-1].body or b"")


REQUESTS = {
    "publish": lambda client: client.publish_share(
        ID, ShareRequest(upload=ID, proof_sha256=bytes(32), expires_in_s=3600)
    ),
    "change": lambda client: client.change_share(ID, ShareChange(version=1, expires_in_s=3600)),
    "rearm": lambda client: client.rearm_share(ID, RearmRequest(expires_in_s=3600)),
    "commit": lambda client: client.commit_backup(ID, BackupRequest(summary=b"", expires_in_s=3600)),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_duration_is_sent_as_one_so_the_clock_of_the_device_does_not_matter(name: str) -> None:
    cloud = Cloud("durations")
    with pytest.raises(SatchelError):
        REQUESTS[name](cloud.client())
    assert cloud.sent()["expires_in_s"] == 3600
    assert "expires" not in cloud.sent()


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("is_early", [True, False])
def test_a_cloud_without_durations_gets_the_moment(name: str, is_early: bool) -> None:
    cloud = Cloud("retention", is_early=is_early)
    with pytest.raises(SatchelError):
        REQUESTS[name](cloud.client())
    assert cloud.sent()["expires"] == "2026-03-01T13:00:00Z"
    assert "expires_in_s" not in cloud.sent()


def test_a_backup_is_held_only_where_the_cloud_could_prune_it() -> None:
    request = BackupRequest(summary=b"", hold=True)
    for cloud, holds in ((Cloud("retention"), True), (Cloud(), False), (Cloud(is_early=True), False)):
        with pytest.raises(SatchelError):
            cloud.client().commit_backup(ID, request)
        assert cloud.sent().get("hold", False) is holds


def test_the_list_is_fetched_once_and_only_when_it_is_needed() -> None:
    cloud = Cloud("durations")
    client = cloud.client()
    with pytest.raises(SatchelError):
        client.status()
    with pytest.raises(SatchelError):
        client.commit_backup(ID, BackupRequest(summary=b""))
    assert not [request for request in cloud.asked if request.url.endswith("/capabilities")]
    for _ in range(3):
        assert client.supports(Capability.DURATIONS)
        assert not client.supports(Capability.RETENTION)
    assert len([request for request in cloud.asked if request.url.endswith("/capabilities")]) == 1


def test_a_server_is_asked_what_it_supports_once() -> None:
    cloud = Cloud("durations")
    client = cloud.client()
    assert not is_provisioner(client)
    assert client.supports(Capability.DURATIONS)
    assert not is_provisioner(client)
    assert len(cloud.asked) == 1


def test_unknown_capabilities_are_ignored() -> None:
    assert Cloud("from-the-future", "durations").client().capabilities() == {Capability.DURATIONS}


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.retention(),
        lambda client: client.set_retention(POLICY),
        lambda client: client.preview_retention(POLICY),
        lambda client: client.undelete_backup(ID),
        lambda client: client.erase_backups([ID], "CODE"),
    ],
    ids=["retention", "set", "preview", "undelete", "erase"],
)
def test_what_an_earlier_cloud_cannot_do_is_said_before_anything_is_sent(call: Any) -> None:  # noqa: ANN401
    cloud = Cloud(is_early=True)
    with pytest.raises(SatchelError, match="is too old for") as caught:
        call(cloud.client())
    assert "update" in caught.value.hint
    assert len(cloud.asked) == 1


def test_a_server_that_is_no_cloud_is_not_taken_for_an_earlier_one() -> None:
    cloud = Cloud()
    cloud.listed = Response(404, {"content-type": "text/html"}, b"<html>")
    with pytest.raises(UnreachableError):
        cloud.client().capabilities()


@pytest.mark.parametrize("names", [["x" * 65], ["x"] * 1001], ids=["long", "many"])
def test_a_list_without_bounds_is_refused(names: list[str]) -> None:
    with pytest.raises(UnreachableError):
        Cloud(*names).client().capabilities()


def test_the_client_names_what_it_understands_and_never_to_strangers() -> None:
    cloud = Cloud(is_early=True)
    client = cloud.client()
    with pytest.raises(SatchelError):
        client.status()
    assert cloud.asked[-1].headers[HEADER] == format_header(ALL)
    client.capabilities()
    assert HEADER not in cloud.asked[-1].headers
    assert "Authorization" not in cloud.asked[-1].headers
