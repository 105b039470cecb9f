"""What objects of Knative say about a cloud."""

from typing import Any

import pytest

from satchel_infra.knative.kinds import REMOVING_NOTE
from satchel_infra.knative.manifests import make_cloud
from satchel_infra.knative.options import Options
from satchel_infra.knative.states import Condition, Parts, assemble, describe, judge
from satchel_infra.names import Owner
from satchel_infra.platform import CloudSpec, State

OWNER = Owner("ambi3q5rb2nkxhxqym32hdbd6brwpfcanfckfiborgndvvzo6i6a")
SPEC = CloudSpec(OWNER, f"{OWNER.name}.s1.example.org", "image", {"SATCHEL_SHARES": "7"})


def observe(*conditions: dict[str, str], generation: int = 2, observed: int = 2) -> dict[str, Any]:
    return {
        "metadata": {"generation": generation},
        "status": {"observedGeneration": observed, "conditions": list(conditions)},
    }


def ready(status: str, reason: str = "", message: str = "", kind: str = "Ready") -> dict[str, str]:
    return {"type": kind, "status": status, "reason": reason, "message": message}


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        pytest.param(observe(ready("True")), Condition(is_ready=True), id="ready"),
        pytest.param(observe(ready("True"), observed=1), Condition(None), id="of-the-previous-generation"),
        pytest.param({"metadata": {"generation": 1}}, Condition(None), id="no-status"),
        pytest.param(observe(ready("Unknown", "Deploying")), Condition(None), id="unknown"),
        pytest.param(
            observe(
                ready("False", "RevisionMissing", "no ready Revision"),
                ready("False", "RevisionFailed", "exit code 1", kind="ConfigurationsReady"),
            ),
            Condition(is_ready=False, detail="RevisionFailed: exit code 1"),
            id="failed",
        ),
        pytest.param(
            observe(ready("False")), Condition(is_ready=False, detail="Knative gives no reason"), id="why"
        ),
        pytest.param(
            observe(
                ready("False", "RevisionFailed", "0/3 nodes are available: ReadWriteOncePod"),
            ),
            Condition(None, "RevisionFailed: 0/3 nodes are available: ReadWriteOncePod"),
            id="waits-for-a-node",
        ),
    ],
)
def test_the_condition_of_an_object(manifest: dict[str, Any], expected: Condition) -> None:
    assert judge(manifest) == expected


def parts(*, service: str = "True", mapping: str = "True", earlier: bool = True) -> Parts:
    storage, run, mapped = make_cloud(Options(), SPEC)
    for manifest, status in ((run, service), (mapped, mapping)):
        manifest["metadata"]["generation"] = 1
        manifest["status"] = {"observedGeneration": 1, "conditions": [ready(status, "Why")]}
    if earlier:
        run["status"]["latestReadyRevisionName"] = "c-00001"
    return assemble([mapped, run, storage])


@pytest.mark.parametrize(
    ("observed", "state"),
    [
        pytest.param(parts(), State.READY, id="ready"),
        pytest.param(parts(service="Unknown"), State.READY, id="earlier-revision-serves"),
        pytest.param(parts(service="Unknown", earlier=False), State.CREATING, id="no-revision-yet"),
        pytest.param(parts(mapping="Unknown"), State.CREATING, id="no-host-yet"),
        pytest.param(parts(service="False"), State.FAILED, id="service-failed"),
        pytest.param(parts(mapping="False"), State.FAILED, id="host-failed"),
    ],
)
def test_the_state_of_a_complete_cloud(observed: Parts, state: State) -> None:
    cloud = describe(observed, "s1")
    assert (cloud.state, cloud.host, cloud.image) == (state, SPEC.host, "image")
    assert cloud.settings == SPEC.settings
    assert bool(cloud.detail) == (state is State.FAILED)


def test_a_cloud_without_a_part_is_being_created() -> None:
    whole = parts()
    for missing in range(3):
        some = assemble(each for number, each in enumerate(whole.all) if number != missing)
        assert describe(some, "s1").state is State.CREATING
        assert describe(some, "s1").owner == OWNER
        assert describe(some, "s1").host == SPEC.host


def test_a_mark_or_a_deletion_means_removing() -> None:
    marked = parts()
    assert marked.storage is not None
    marked.storage["metadata"]["annotations"][REMOVING_NOTE] = "true"
    assert describe(marked, "s1").state is State.REMOVING
    going = parts()
    going.mappings[0]["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert describe(going, "s1").state is State.REMOVING
