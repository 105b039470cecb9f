"""The credential "connected, but the owner has not just signed in on this device", on every operation."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.security.matrix.clouds import TestCloud, cloud_in
from tests.security.matrix.credentials import bearer
from tests.security.matrix.examples import JSON, OPERATION, Example, example, status_of
from tests.security.matrix.signing_in import REFRESHED, proof
from tests.security.matrix.test_credentials import ERASING, PROTECTED, name_of, send
from tests.support.wire_device import WireDevice

from satchel_wire.operations import Operation
from satchel_wire.problems import ProblemCode

NEED_IT = [each for each in PROTECTED if ProblemCode.FRESH_SIGN_IN in each.problems]
OTHERS = [each for each in PROTECTED if each not in NEED_IT]
WITH_CODE = ("erase_backups", "erase_cloud")  # a code of the operator serves as well
STATES = ("never signed in", "signed in six minutes ago")


def unfresh_device(cloud: TestCloud, state: str) -> WireDevice:
    """Return a connected device on which the owner's sign-in does not count."""
    while len(cloud.devices) < REFRESHED:
        cloud.connect()
    device = cloud.connect()
    if state != "never signed in":
        assert device.call("POST", "/v1/sign-in/fresh", proof(cloud)).status == 200
        cloud.clock.advance(minutes=6)
    return device


def without_code(request: Example) -> Example:
    """Return a request without the operator's code, if it has one."""
    if b'"code"' not in request.body:
        return request
    message = {name: value for name, value in json.loads(request.body).items() if name != "code"}
    return replace(request, headers={**request.headers, **JSON}, body=json.dumps(message).encode())


def test_these_operations_need_a_fresh_sign_in() -> None:
    """Decide about every new operation: what a thief with a device must not do belongs here."""
    expected = {"create_pairing", "revoke_device", "erase_backups", "erase_cloud", "set_owner"}
    assert {operation.id for operation in NEED_IT} == expected


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("operation", NEED_IT, ids=name_of)
def test_without_a_fresh_sign_in_they_have_no_effect(
    cloud: TestCloud, operation: Operation, state: str
) -> None:
    device, request = unfresh_device(cloud, state), without_code(example(cloud, operation))
    before = cloud.stored()
    answer = send(cloud, request, bearer(device.token))
    assert (answer.status, answer.problem) == (403, "fresh-sign-in")
    assert cloud.stored() == before


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("operation", [each for each in OTHERS if each.id not in ERASING], ids=name_of)
def test_without_a_fresh_sign_in_everything_else_works(
    cloud: TestCloud, operation: Operation, state: str
) -> None:
    device, request = unfresh_device(cloud, state), example(cloud, operation)
    answer = send(cloud, request, bearer(device.token))
    assert answer.status == status_of(operation), answer.body


def test_a_device_may_always_disconnect_itself(cloud: TestCloud) -> None:
    device = unfresh_device(cloud, "never signed in")
    assert device.call("DELETE", f"/v1/devices/{device.id}").status == 204


@pytest.mark.parametrize("name", WITH_CODE)
def test_a_code_of_the_operator_serves_instead(tmp_path: Path, name: str) -> None:
    with cloud_in(tmp_path / "cloud") as cloud:
        device, request = unfresh_device(cloud, "never signed in"), example(cloud, OPERATION[name])
        assert send(cloud, request, bearer(device.token)).status == OPERATION[name].status


@pytest.mark.parametrize("name", WITH_CODE)
def test_a_code_of_a_device_does_not(cloud: TestCloud, name: str) -> None:
    made = send(cloud, example(cloud, OPERATION["create_pairing"]), bearer(cloud.device.token)).json()["code"]
    device, request = unfresh_device(cloud, "never signed in"), example(cloud, OPERATION[name])
    message = json.dumps({**json.loads(request.body), "code": made})
    there = replace(request, body=message.encode())
    assert send(cloud, there, bearer(device.token)).problem == "wrong-code"
