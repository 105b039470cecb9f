"""Clients of every version: a response holds no field that its client does not know."""

import msgspec
import pytest
from tests.unit.service.conftest import InProcess

from satchel_service.web.capabilities import FIELDS
from satchel_wire.capabilities import ALL, HEADER, Capability, format_header, parse_header
from satchel_wire.messages import Capabilities

FIRST_VERSION = {
    "backup": {"id", "created", "expires", "size_bytes", "needs", "summary"},
    "status": {"version", "used_bytes", "backups", "shares", "devices", "limits"},
    "list": {"backups", "archives"},
}
"""The fields of the first version of the protocol, which earlier clients accept."""


def test_the_capabilities_are_public(cloud: InProcess) -> None:
    answer = cloud.stranger.call("GET", "/v1/capabilities")
    assert set(msgspec.json.decode(answer.body, type=Capabilities).capabilities) == {
        each.value for each in Capability
    }


def answers(cloud: InProcess, headers: dict[str, str]) -> dict[str, set[str]]:
    backup = cloud.device.backup(b"one")
    cloud.clock.advance(seconds=1)
    cloud.device.backup(b"two")
    deleted = cloud.device.backup(b"three")
    shown = cloud.device.call("GET", f"/v1/backups/{backup}", headers=headers).json()
    cloud.device.call("DELETE", f"/v1/backups/{deleted}")
    listed = cloud.device.call("GET", "/v1/backups", headers=headers).json()
    status = cloud.device.call("GET", "/v1/status", headers=headers).json()
    inside = set().union(*(each.keys() for each in listed["backups"]))
    return {"backup": set(shown) | inside, "status": set(status), "list": set(listed)}


@pytest.mark.parametrize("header", [None, "", "unknown", "durations", "x" * 100_000, ",,,;=\t"])
def test_a_client_that_names_no_capability_gets_the_fields_of_the_first_version(
    cloud: InProcess, header: str | None
) -> None:
    assert answers(cloud, {} if header is None else {HEADER: header}) == FIRST_VERSION


def test_a_client_that_names_all_gets_every_field(cloud: InProcess) -> None:
    found = answers(cloud, {HEADER: format_header(ALL)})
    assert found["backup"] == FIRST_VERSION["backup"] | {"device"}
    assert found["status"] == FIRST_VERSION["status"] | {"deletions", "grace_s", "audit"}
    assert found["list"] == FIRST_VERSION["list"] | {"deleted"}


@pytest.mark.parametrize("capability", Capability)
def test_a_client_gets_the_fields_of_each_capability_that_it_names(
    cloud: InProcess, capability: Capability
) -> None:
    found = answers(cloud, {HEADER: capability.value})
    names = {
        name for fields in FIELDS.values() for name, needed in fields.items() if needed is not capability
    }
    assert not set().union(*found.values()) & names


def test_a_header_is_parsed_leniently() -> None:
    assert parse_header(" Deletions ,unknown,RETENTION") == {Capability.DELETIONS, Capability.RETENTION}
    assert parse_header(format_header(ALL)) == ALL
