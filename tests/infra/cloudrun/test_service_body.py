"""The service of a cloud as the API's JSON."""

from typing import Any

import pytest
from tests.contract.platforms.subject import SETTINGS, owner_of

from satchel_infra.cloudrun.options import Options, Place
from satchel_infra.cloudrun.service_body import environment_of, is_within, service_body
from satchel_infra.cloudrun.services import parse, to_json
from satchel_infra.cloudrun.state import describe, judge
from satchel_infra.errors import ConfigurationError
from satchel_infra.platform import CloudSpec, State
from satchel_infra.shards import Shard
from satchel_service.settings import SETTINGS as TABLE
from satchel_service.settings import Settings

SHARD = Shard("s1", {"project": "clouds-1", "region": "europe-west1"})
IMAGE = f"repository/satchel@sha256:{'a' * 64}"
OWNER = owner_of("one")
SPEC = CloudSpec(OWNER, f"{OWNER.name}.s1.clouds.example.org", IMAGE, SETTINGS)


def body(**options: object) -> dict[str, Any]:
    return service_body(SPEC, SHARD, Options.read(options))


def container(service: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = service["template"]["containers"][0]
    return found


def test_the_body_is_a_message_of_the_api_and_comes_back_whole() -> None:
    service = body()
    assert is_within(service, to_json(parse(service)))


def test_a_sleeping_cloud_costs_nothing_and_never_has_two_instances() -> None:
    service = body()
    assert service["template"]["scaling"] == {"minInstanceCount": 0, "maxInstanceCount": 1}
    assert container(service)["resources"] == {
        "limits": {"cpu": "1", "memory": "128Mi"},
        "cpuIdle": True,
        "startupCpuBoost": True,
    }


def test_only_the_load_balancer_reaches_a_cloud() -> None:
    service = body()
    assert service["ingress"] == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
    assert service["defaultUriDisabled"] is True
    assert service["invokerIamDisabled"] is True


def test_a_release_starts_only_if_it_is_ready() -> None:
    probes = container(body())
    assert probes["startupProbe"]["httpGet"]["path"] == "/ready"
    assert probes["livenessProbe"]["httpGet"]["path"] == "/live"


def test_a_cloud_is_labelled_with_its_owner_but_not_with_a_person() -> None:
    service = body()
    labels = {"satchel": "cloud", "satchel-owner": OWNER.tag, "satchel-shard": "s1"}
    assert service["labels"] == service["template"]["labels"] == labels
    assert SETTINGS["SATCHEL_OWNER_SUBJECT"] not in str(labels)


def test_the_environment_is_one_that_the_service_accepts() -> None:
    entries = {entry["name"]: entry["value"] for entry in container(body())["env"]}
    settings = Settings.read(entries)
    assert settings.owner_subject == "auth0|5f7c"
    assert settings.storage == f"gs://clouds-1-{OWNER.name}"
    assert settings.public_url == SPEC.public_url
    assert settings.bind == "0.0.0.0"
    assert "PORT" not in entries  # reserved: Cloud Run sets it
    assert {entry["name"] for entry in container(body())["env"]} <= {setting.env for setting in TABLE}


def test_a_cloud_on_cloud_run_holds_no_secret() -> None:
    """Its token for the bucket comes from the metadata server. A new secret setting needs Secret Manager here."""
    secret = {setting.env for setting in TABLE if setting.secret}
    assert secret == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
    assert not secret & {entry["name"] for entry in container(body())["env"]}


def test_the_addresses_of_the_load_balancer_are_trusted() -> None:
    options = Options.read({"balancer_addresses": ["203.0.113.7", "2001:db8::7"]})
    environment = environment_of(SPEC, options=options, place=Place.of(SHARD))
    assert environment["SATCHEL_TRUSTED_PROXIES"] == "169.254.0.0/16 203.0.113.7/32 2001:db8::7/128"


def test_a_setting_that_the_service_refuses_is_refused_before_any_request() -> None:
    spec = CloudSpec(OWNER, SPEC.host, IMAGE, {"SATCHEL_SHARES": "many"})
    with pytest.raises(ConfigurationError, match="SATCHEL_SHARES"):
        service_body(spec, SHARD, Options())


@pytest.mark.parametrize(
    ("wanted", "actual", "expected"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 0, "b": False, "c": ""}, {}, True),
        ({"a": 1}, {}, False),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, False),
        ({"a": [1, 2]}, {"a": [1, 2, 3]}, False),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]}, True),
        ({"a": [1]}, {"a": "1"}, False),
    ],
)
def test_defaults_of_the_api_are_no_difference(wanted: object, actual: object, expected: bool) -> None:
    assert is_within(wanted, actual) is expected


def served(**changes: object) -> dict[str, Any]:
    ready = {"terminalCondition": {"type": "Ready", "state": "CONDITION_SUCCEEDED"}}
    return {**body(), "name": f"projects/p/locations/r/services/{OWNER.name}", **ready, **changes}


def test_a_service_is_described_with_the_settings_it_was_given() -> None:
    cloud = describe(served(), "s1")
    assert cloud is not None
    assert (cloud.owner, cloud.host, cloud.image) == (OWNER, SPEC.host, IMAGE)
    assert (cloud.settings, cloud.state) == (dict(SETTINGS), State.READY)


@pytest.mark.parametrize(
    ("changes", "state", "detail"),
    [
        ({"reconciling": True}, State.CREATING, ""),
        ({"terminalCondition": {"state": "CONDITION_RECONCILING"}}, State.CREATING, ""),
        ({"terminalCondition": {}}, State.CREATING, ""),
        ({"deleteTime": "2026-01-01T00:00:00Z"}, State.REMOVING, ""),
        ({"terminalCondition": {"state": "CONDITION_FAILED", "message": "a\nb"}}, State.FAILED, "a b"),
        (
            {"terminalCondition": {"state": "CONDITION_FAILED"}},
            State.FAILED,
            "the service has no ready revision",
        ),
    ],
)
def test_conditions_are_judged(changes: dict[str, object], state: State, detail: str) -> None:
    assert judge(served(**changes)) == (state, detail)


@pytest.mark.parametrize(
    "labels",
    [{}, {"satchel": "cloud"}, {"satchel-owner": OWNER.tag}, {"satchel": "cloud", "satchel-owner": "x"}],
)
def test_a_service_of_something_else_is_no_cloud(labels: dict[str, str]) -> None:
    assert describe(served(labels=labels), "s1") is None


def test_a_long_message_is_cut() -> None:
    _, detail = judge(served(terminalCondition={"state": "CONDITION_FAILED", "message": "x" * 5000}))
    assert len(detail) < 500
