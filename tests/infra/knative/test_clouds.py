"""What the platform does beyond the promises of the contract suite."""

import copy
import threading
from dataclasses import replace

import pytest
from tests.infra.knative.conftest import impatient
from tests.support.kubernetes_fake.controllers import MAPPINGS, SERVICES, VOLUMES
from tests.support.kubernetes_fake.server import KubernetesFake

from satchel_infra.errors import ConfigurationError, FailedError, OwnerMismatchError, UnavailableError
from satchel_infra.knative.clouds import KnativePlatform
from satchel_infra.knative.kinds import EARLIER_NOTE
from satchel_infra.names import Owner
from satchel_infra.platform import CloudSpec, State

OWNER = Owner("ambi3q5rb2nkxhxqym32hdbd6brwpfcanfckfiborgndvvzo6i6a")
HOST = f"{OWNER.name}.s1.clouds.example.org"
SPEC = CloudSpec(OWNER, HOST, "satchel@sha256:1", {"SATCHEL_SHARES": "7"})
NEXT = replace(SPEC, image="satchel@sha256:2")
BROKEN = replace(SPEC, image="broken@sha256:3")


def changes(fake: KubernetesFake) -> list[str]:
    return [each for each in fake.requests if each.split()[0] in ("create", "update", "delete")]


def test_the_host_name_is_created_last_and_removed_first(
    fake: KubernetesFake, platform: KnativePlatform
) -> None:
    platform.ensure(SPEC)
    assert changes(fake) == [f"create {VOLUMES}", f"create {SERVICES}", f"create {MAPPINGS}"]
    fake.requests.clear()
    platform.remove(OWNER.name)
    assert changes(fake) == [
        f"update {VOLUMES} {OWNER.name}",  # the mark
        f"delete {MAPPINGS} {HOST}",
        f"delete {SERVICES} {OWNER.name}",
        f"delete {VOLUMES} {OWNER.name}",
    ]


def test_an_existing_cloud_is_answered_with_three_reads(
    fake: KubernetesFake, platform: KnativePlatform
) -> None:
    platform.ensure(SPEC)
    fake.requests.clear()
    platform.ensure(SPEC)
    assert fake.requests == [
        f"get {VOLUMES} {OWNER.name}",
        f"get {SERVICES} {OWNER.name}",
        f"list {MAPPINGS}",
    ]


def test_the_service_goes_before_its_volume_is_asked_to(
    fake: KubernetesFake, platform: KnativePlatform
) -> None:
    platform.ensure(SPEC)
    fake.controllers.is_stuck = True
    with pytest.raises(UnavailableError, match="still being removed"):
        impatient(platform).remove(OWNER.name)
    assert not any(each.startswith(f"delete {VOLUMES}") for each in fake.requests)
    cloud = platform.find(OWNER.name)
    assert cloud is not None
    assert cloud.state is State.REMOVING
    fake.controllers.is_stuck = False
    platform.remove(OWNER.name)
    assert platform.find(OWNER.name) is None


def test_no_cloud_is_created_without_the_network_policy(
    fake: KubernetesFake, platform: KnativePlatform
) -> None:
    del fake.space.objects["networkpolicies.networking.k8s.io", "satchel-clouds"]
    with pytest.raises(ConfigurationError, match="no network policy 'satchel-clouds'") as caught:
        platform.ensure(SPEC)
    assert "render knative" in caught.value.hint
    assert changes(fake) == []


def test_a_missing_namespace_is_named_with_what_to_do(
    fake: KubernetesFake, platform: KnativePlatform
) -> None:
    elsewhere = replace(platform, cluster=replace(platform.cluster, namespace="absent"))
    with pytest.raises(ConfigurationError, match="no network policy") as caught:
        elsewhere.ensure(SPEC)
    assert "render knative" in caught.value.hint


@pytest.mark.parametrize("flag", ["persistent-volume-claim", "persistent-volume-write", "securitycontext"])
def test_a_feature_that_knative_does_not_allow_is_said_by_its_webhook(
    fake: KubernetesFake, platform: KnativePlatform, flag: str
) -> None:
    fake.controllers.flags.remove(f"kubernetes.podspec-{flag}")
    with pytest.raises(FailedError, match="denied the request") as caught:
        platform.ensure(SPEC)
    assert "docs/guides/knative.md" in caught.value.hint


def test_a_host_that_another_namespace_has_is_a_failure(
    fake: KubernetesFake, platform: KnativePlatform
) -> None:
    fake.controllers.claimed[HOST] = "other"
    with pytest.raises(FailedError, match="does not own"):
        platform.ensure(SPEC)
    cloud = platform.find(OWNER.name)
    assert cloud is not None
    assert cloud.state is State.FAILED


def test_an_object_that_is_no_part_of_a_cloud_is_never_touched(
    fake: KubernetesFake, platform: KnativePlatform
) -> None:
    platform.ensure(SPEC)
    fake.space.objects[VOLUMES, OWNER.name]["metadata"]["labels"] = {}
    for call in (lambda: platform.ensure(SPEC), lambda: platform.remove(OWNER.name)):
        with pytest.raises(OwnerMismatchError, match="is not part of a cloud"):
            call()


def test_the_other_kind_of_storage_is_refused(platform: KnativePlatform) -> None:
    platform.ensure(SPEC)
    other = replace(platform, options=replace(platform.options, storage="bucket", storage_class="b"))
    # the rights of the shard cover its own kind of storage only
    with pytest.raises(Exception, match=r"cannot get resource|storage = 'volume'"):
        other.remove(OWNER.name)
    assert platform.find(OWNER.name) is not None


def test_a_release_that_fails_is_replaced_by_the_one_that_last_started(
    fake: KubernetesFake, platform: KnativePlatform
) -> None:
    earlier = platform.ensure(SPEC)
    with pytest.raises(FailedError, match="exit code 1"):
        platform.update(BROKEN)
    assert platform.find(OWNER.name) == earlier
    assert EARLIER_NOTE not in fake.space.objects[SERVICES, OWNER.name]["metadata"]["annotations"]


def test_an_update_killed_before_its_return_still_knows_the_earlier_release(
    fake: KubernetesFake, platform: KnativePlatform
) -> None:
    class StoppedError(Exception):
        pass

    def stop(step: str) -> None:
        if step.startswith("return"):
            raise StoppedError

    earlier = platform.ensure(SPEC)
    with pytest.raises(StoppedError):
        platform.update(BROKEN, stop)
    failed = platform.find(OWNER.name)
    assert failed is not None
    assert (failed.state, failed.image) == (State.FAILED, BROKEN.image)
    another = replace(BROKEN, image="broken@sha256:4")
    with pytest.raises(FailedError):
        platform.update(another)  # whose earlier release is the one that started, not the other broken one
    assert platform.find(OWNER.name) == earlier
    assert platform.update(NEXT).image == NEXT.image


def test_a_release_that_has_started_is_not_taken_back_when_it_fails_later(
    fake: KubernetesFake, platform: KnativePlatform
) -> None:
    platform.ensure(SPEC)
    platform.update(NEXT)
    fake.controllers.is_stuck = True
    conditions = fake.space.objects[SERVICES, OWNER.name]["status"]["conditions"]
    conditions[:] = [
        {"type": "Ready", "status": "False", "reason": "NodeLost", "message": "the node is gone"}
    ]
    with pytest.raises(FailedError, match="the node is gone"):
        platform.update(NEXT)
    assert platform.find(OWNER.name).image == NEXT.image  # type: ignore[union-attr]
    fake.controllers.is_stuck = False
    with pytest.raises(FailedError, match="exit code 1"):
        platform.update(BROKEN)
    assert platform.find(OWNER.name).image == NEXT.image  # type: ignore[union-attr]


def test_a_removal_takes_what_another_process_creates_meanwhile(
    fake: KubernetesFake, platform: KnativePlatform
) -> None:
    platform.ensure(SPEC)

    mapping = copy.deepcopy(fake.space.objects[MAPPINGS, HOST])
    later = [mapping]

    def create(step: str) -> None:
        if step == "remove the volume" and later:
            fake.space.create(MAPPINGS, later.pop())

    shared = len(fake.space.objects) - 3
    platform.remove(OWNER.name, create)
    assert platform.find(OWNER.name) is None
    assert later == []
    assert len(fake.space.objects) == shared


def test_an_update_waits_for_a_volume_that_another_node_still_has(
    fake: KubernetesFake, platform: KnativePlatform
) -> None:
    platform.ensure(SPEC)
    fake.controllers.is_stuck = True
    service = fake.space.objects[SERVICES, OWNER.name]

    def occupy(step: str) -> None:
        if step == "wait for the new release":
            why = "0/2 nodes are available: 1 node has pod using PersistentVolumeClaim"
            changed = fake.space.objects[SERVICES, OWNER.name]
            changed["status"] = {
                **service["status"],
                "latestCreatedRevisionName": f"{OWNER.name}-00002",
                "observedGeneration": changed["metadata"]["generation"],
                "conditions": [
                    {"type": "Ready", "status": "False", "reason": "RevisionFailed", "message": why}
                ],
            }

    with pytest.raises(UnavailableError, match="not ready yet after 1 s"):
        impatient(platform).update(NEXT, occupy)
    found = platform.find(OWNER.name)
    assert found is not None
    assert (found.state, found.image) == (State.READY, SPEC.image)  # the earlier release serves meanwhile
    fake.controllers.is_stuck = False
    updated = platform.update(NEXT)
    assert (updated.state, updated.image) == (State.READY, NEXT.image)
    assert EARLIER_NOTE not in fake.space.objects[SERVICES, OWNER.name]["metadata"]["annotations"]


def test_an_object_that_changes_all_the_time_is_given_up(
    fake: KubernetesFake, platform: KnativePlatform
) -> None:
    platform.ensure(SPEC)
    fake.conflicts = 1_000
    with pytest.raises(UnavailableError, match="keeps changing"):
        platform.update(NEXT)


def test_steps_are_told_before_they_are_taken(fake: KubernetesFake, platform: KnativePlatform) -> None:
    fake.controllers.undecided_reads = 1
    steps: list[str] = []
    platform.ensure(SPEC, steps.append)
    assert steps == [
        "create the volume",
        "create the service",
        "wait for the service",
        "map the host name",
        "wait for the host name",
    ]


def test_threads_share_a_platform(fake: KubernetesFake, platform: KnativePlatform) -> None:
    states: list[State] = []
    threads = [threading.Thread(target=lambda: states.append(platform.ensure(SPEC).state)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states == [State.READY] * 4
    assert platform.find(OWNER.name) is not None
