"""The fake of Google's APIs refuses what the published references refuse."""

import json
from copy import deepcopy
from typing import Any, Final

import pytest
import urllib3
from tests.contract.platforms.cloudrun import CloudRunSubject
from tests.contract.platforms.subject import owner_of

from satchel_infra.cloudrun.service_body import service_body

OWNER: Final = owner_of("one")
PARENT: Final = "projects/clouds-1/locations/europe-west1"


def call(
    subject: CloudRunSubject, method: str, path: str, document: object = None
) -> tuple[int, dict[str, Any]]:
    answer = urllib3.request(method, f"http://{subject.fake.apis['run']}{path}", body=json.dumps(document))
    return answer.status, json.loads(answer.data or b"{}")


@pytest.fixture
def body(subject: CloudRunSubject) -> dict[str, Any]:
    """A service that is accepted: its account exists."""
    subject.platform().prepare(subject.spec(OWNER))
    return deepcopy(service_body(subject.spec(OWNER), subject.shard, subject.options))


@pytest.mark.parametrize("name", ["A", "1a", "a-", "a" * 50, "a_b", ""])
def test_an_invalid_name_of_a_service_is_refused(
    subject: CloudRunSubject, body: dict[str, Any], name: str
) -> None:
    status, answer = call(subject, "POST", f"/v2/{PARENT}/services?serviceId={name}", body)
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_the_longest_name_of_a_service_is_accepted(subject: CloudRunSubject, body: dict[str, Any]) -> None:
    status, operation = call(subject, "POST", f"/v2/{PARENT}/services?serviceId={'a' * 49}", body)
    assert (status, operation["done"]) == (200, False)


@pytest.mark.parametrize(
    "change",
    [
        {"unknown": 1},
        {"ingress": "INGRESS_TRAFFIC_EVERYWHERE"},
        {"uid": "mine"},
        {"labels": {"Owner": "x"}},
        {"labels": {"owner": "x" * 64}},
    ],
)
def test_an_invalid_field_of_a_service_is_refused(
    subject: CloudRunSubject, body: dict[str, Any], change: dict[str, Any]
) -> None:
    status, _ = call(subject, "POST", f"/v2/{PARENT}/services?serviceId=a", {**body, **change})
    assert status == 400


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("env", [{"name": "PORT", "value": "8080"}]),
        ("env", [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]),
        ("env", [{"name": "A", "value": "x" * 40_000}]),
        ("image", "Not An Image"),
        ("resources", {"limits": {"cpu": "0.5", "memory": "128Mi"}}),
        ("resources", {"limits": {"cpu": "1", "memory": "64Mi"}}),
        ("resources", {"limits": {"cpu": "1", "memory": "8192Mi"}}),
        ("startupProbe", {"httpGet": {"path": "/ready"}, "periodSeconds": 10, "failureThreshold": 25}),
        ("startupProbe", {"httpGet": {"path": "/ready"}, "periodSeconds": 1, "timeoutSeconds": 2}),
    ],
)
def test_an_invalid_container_is_refused(
    subject: CloudRunSubject, body: dict[str, Any], field: str, value: object
) -> None:
    body["template"]["containers"][0][field] = value
    status, _ = call(subject, "POST", f"/v2/{PARENT}/services?serviceId=a", body)
    assert status == 400


def test_the_second_generation_needs_more_memory(subject: CloudRunSubject, body: dict[str, Any]) -> None:
    body["template"]["executionEnvironment"] = "EXECUTION_ENVIRONMENT_GEN2"
    status, answer = call(subject, "POST", f"/v2/{PARENT}/services?serviceId=a", body)
    assert (status, "512Mi" in answer["error"]["message"]) == (400, True)


def test_a_missing_account_or_project_is_refused(subject: CloudRunSubject, body: dict[str, Any]) -> None:
    elsewhere = PARENT.replace("clouds-1", "clouds-2")
    assert call(subject, "POST", f"/v2/{elsewhere}/services?serviceId=a", body)[0] == 403
    body["template"]["serviceAccount"] = "nobody@clouds-1.iam.gserviceaccount.com"
    status, answer = call(subject, "POST", f"/v2/{PARENT}/services?serviceId=a", body)
    assert (status, "actAs" in answer["error"]["message"]) == (403, True)


def test_an_etag_of_an_earlier_service_is_refused(subject: CloudRunSubject, body: dict[str, Any]) -> None:
    path = f"/v2/{PARENT}/services"
    call(subject, "POST", f"{path}?serviceId=a", body)
    etag = call(subject, "GET", f"{path}/a")[1]["etag"]
    assert call(subject, "PATCH", f"{path}/a", {**body, "etag": etag})[0] == 200
    status, answer = call(subject, "PATCH", f"{path}/a", {**body, "etag": etag})
    assert (status, answer["error"]["status"]) == (409, "ABORTED")


@pytest.mark.parametrize(
    ("method", "path", "document", "status"),
    [
        ("POST", "/storage/v1/b?project=clouds-1", {"name": "Upper"}, 400),
        ("POST", "/storage/v1/b?project=clouds-1", {"name": "good-name", "unknown": 1}, 400),
        ("POST", "/storage/v1/b?project=clouds-1&unknown=1", {"name": "good-name"}, 400),
        ("GET", "/storage/v1/b?project=clouds-2", None, 403),
        ("GET", "/storage/v1/b/absent/iam", None, 404),
        ("DELETE", "/storage/v1/b/absent", None, 404),
    ],
)
def test_an_invalid_request_to_cloud_storage_is_refused(
    subject: CloudRunSubject, method: str, path: str, document: object, status: int
) -> None:
    assert call(subject, method, path, document)[0] == status


def test_a_policy_with_conditions_needs_version_3(shared: CloudRunSubject) -> None:
    shared.platform().prepare(shared.spec(OWNER))
    path = "/storage/v1/b/clouds-1-s1/iam"
    assert call(shared, "GET", path)[0] == 400
    status, policy = call(shared, "GET", f"{path}?optionsRequestedPolicyVersion=3")
    assert status == 200
    assert call(shared, "PUT", path, {**policy, "version": 1})[0] == 400
    assert call(shared, "PUT", path, {**policy, "etag": "earlier"})[0] == 412
    many = [{"role": "r", "members": [f"user:{number}@example.org" for number in range(1501)]}]
    assert call(shared, "PUT", path, {**policy, "bindings": many})[0] == 400
