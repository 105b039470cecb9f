"""What Google's APIs say in passing, and for good."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import pytest
from google.api_core import exceptions
from tests.contract.platforms.cloudrun import PACE, SHARD, CloudRunSubject
from tests.contract.platforms.subject import Killed, killable, owner_of

from satchel_infra.cloudrun.calls import Calls, translate
from satchel_infra.cloudrun.opening import open_shard
from satchel_infra.errors import (
    ConfigurationError,
    DeniedError,
    FailedError,
    NoSuchCloudError,
    QuotaError,
    UnavailableError,
)
from satchel_infra.platform import Cloud, CloudSpec, State
from satchel_infra.shards import Shard

OWNER: Final = owner_of("one")
NAME: Final = OWNER.name


def test_an_account_that_other_apis_do_not_know_yet_is_waited_for(subject: CloudRunSubject) -> None:
    subject.world.faults.spread = 4
    assert subject.platform().ensure(subject.spec(OWNER)).state is State.READY
    count = subject.world.count()
    assert count["storage.set_policy"] + count["run.create"] > 4


def test_an_account_that_never_appears_is_reported_as_refused(subject: CloudRunSubject) -> None:
    subject.world.faults.spread = 1_000_000
    with pytest.raises((DeniedError, FailedError), match="does not exist"):
        subject.platform().ensure(subject.spec(OWNER))


def test_a_service_whose_access_is_not_in_force_yet_is_started_again(subject: CloudRunSubject) -> None:
    subject.world.faults.slow_access = 2
    assert subject.platform().ensure(subject.spec(OWNER)).state is State.READY
    assert subject.world.count()["run.update"] == 2


def test_access_that_an_earlier_call_gave_is_waited_for_too(subject: CloudRunSubject) -> None:
    subject.platform().prepare(subject.spec(OWNER))
    subject.world.faults.slow_access = 2
    assert subject.platform().ensure(subject.spec(OWNER)).state is State.READY


def in_parts(subject: CloudRunSubject, spec: CloudSpec, reports: int) -> Cloud:
    """Create a cloud in calls that each end after a few reports, as the provisioner's server does."""
    for _ in range(60):
        left = iter(range(reports))

        def stop(_: str, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise Killed

        with suppress(Killed):
            return subject.platform().ensure(spec, stop)
    raise AssertionError("it neither serves nor fails")


def test_a_start_that_takes_longer_than_a_call_ends(subject: CloudRunSubject) -> None:
    subject.world.polls = 40
    assert in_parts(subject, subject.spec(OWNER), 8).state is State.READY
    count = subject.world.count()
    assert (count["run.create"], count["run.update"]) == (1, 0)


def test_a_start_that_fails_after_several_calls_is_reported_as_failed(subject: CloudRunSubject) -> None:
    subject.world.polls = 40
    with pytest.raises(FailedError, match="does not start"):
        in_parts(subject, subject.spec(OWNER, image=subject.broken_image()), 8)
    assert subject.platform().find(NAME) is not None
    subject.world.broken_images.clear()
    assert in_parts(subject, subject.spec(OWNER), 8).state is State.READY


def test_a_rate_limit_is_waited_for_and_is_no_quota(subject: CloudRunSubject) -> None:
    subject.world.faults.rate = 2
    assert subject.platform().ensure(subject.spec(OWNER)).state is State.READY
    subject.world.faults.rate = 1000
    with pytest.raises(UnavailableError, match="per minute"):
        subject.platform().ensure(subject.spec(owner_of("two")))


def test_writes_whose_responses_are_lost_are_found_again(subject: CloudRunSubject) -> None:
    subject.world.faults.lost = 4
    assert subject.platform().ensure(subject.spec(OWNER)).state is State.READY
    assert subject.world.faults.lost == 0
    subject.world.faults.lost = 1
    spec = subject.spec(OWNER, image=subject.image(2))
    assert subject.platform().update(spec).image == spec.image
    subject.world.faults.lost = 3
    subject.platform().remove(NAME)
    assert subject.remains(NAME) == []


def test_the_quota_of_accounts_is_named(subject: CloudRunSubject) -> None:
    subject.world.most_accounts = 1
    subject.platform().ensure(subject.spec(OWNER))
    with pytest.raises(QuotaError, match="service accounts") as caught:
        subject.platform().ensure(subject.spec(owner_of("two")))
    assert "shards" in caught.value.hint
    assert subject.platform().find(owner_of("two").name) is None


def test_the_quota_of_services_leaves_a_cloud_that_can_be_completed_or_removed(
    subject: CloudRunSubject,
) -> None:
    subject.world.most_services = 0
    with pytest.raises(QuotaError, match="services"):
        subject.platform().ensure(subject.spec(OWNER))
    cloud = subject.platform().find(NAME)
    assert cloud is not None
    assert cloud.state is State.CREATING
    subject.platform().remove(NAME)
    assert subject.remains(NAME) == []


def test_the_message_of_a_failed_revision_reaches_the_operator(subject: CloudRunSubject) -> None:
    with pytest.raises(FailedError, match="failed the configured startup probe") as caught:
        subject.platform().ensure(subject.spec(OWNER, image=subject.broken_image()))
    assert "log" in caught.value.hint


def test_the_message_of_a_failed_revision_has_no_control_characters(subject: CloudRunSubject) -> None:
    with suppress(FailedError):
        subject.platform().ensure(subject.spec(OWNER, image=subject.broken_image()))
    subject.world.services[NAME]["failure"] = "not\x1b[31m\r\nready"
    cloud = subject.platform().find(NAME)
    assert cloud is not None
    assert cloud.detail == "not [31m ready"


def test_a_failed_update_that_was_killed_before_its_rollback_is_shown_as_failed(
    subject: CloudRunSubject,
) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    spec = subject.spec(OWNER, image=subject.broken_image())

    def kill(step: str) -> None:
        if step == "return to the earlier release":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        subject.platform().update(spec, kill)
    cloud = subject.platform().find(NAME)
    assert cloud is not None
    assert (cloud.state, cloud.image) == (State.FAILED, subject.broken_image())
    assert subject.world.services[NAME]["ready"].startswith(f"{NAME}-00001")  # it still serves
    assert subject.platform().update(subject.spec(OWNER)).state is State.READY


@pytest.mark.parametrize("is_broken", [False, True], ids=["healthy", "broken"])
def test_a_removal_during_an_update_is_no_failed_release(subject: CloudRunSubject, is_broken: bool) -> None:
    subject.world.polls = 3
    spec = subject.spec(OWNER, image=subject.broken_image() if is_broken else subject.image(2))
    steps: list[str] = []
    subject.platform().ensure(subject.spec(OWNER))
    with suppress(FailedError):
        subject.platform().update(spec, steps.append)
    assert ("return to the earlier release" in steps) is is_broken
    for number in range(1, len(steps) + 1):
        subject.platform().remove(NAME)
        subject.platform().ensure(subject.spec(OWNER))
        left = iter(range(number - 1, -1, -1))

        def remove(_: str, left: Iterator[int] = left) -> None:
            if next(left, None) == 0:
                subject.platform().remove(NAME)

        with pytest.raises(NoSuchCloudError):
            subject.platform().update(spec, remove)


def test_a_half_finished_operation_of_another_process_is_waited_for(subject: CloudRunSubject) -> None:
    subject.world.polls = 5
    with subject.cut_after(9), killable():  # in the midst of the polls
        subject.platform().ensure(subject.spec(OWNER))
    cloud = subject.platform().find(NAME)
    assert cloud is not None
    assert cloud.state is State.CREATING
    creations = subject.world.count()["run.create"]
    assert subject.platform().ensure(subject.spec(OWNER)).state is State.READY
    assert subject.world.count()["run.create"] == creations


def test_nothing_is_requested_for_an_image_without_digest(subject: CloudRunSubject) -> None:
    for call in (subject.platform().ensure, subject.platform().update):
        with pytest.raises(ConfigurationError, match="satchel:latest"):
            call(subject.spec(OWNER, image="satchel:latest"))
    assert subject.world.log == []


def test_a_changed_option_reaches_an_existing_cloud_by_an_update(subject: CloudRunSubject) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    subject.options = type(subject.options)(memory_mib=256, apis=subject.options.apis)
    subject.platform().update(subject.spec(OWNER))
    container = subject.world.services[NAME]["template"]["containers"][0]
    assert container["resources"]["limits"]["memory"] == "256Mi"
    count = subject.world.count()["run.update"]
    subject.platform().update(subject.spec(OWNER))
    assert subject.world.count()["run.update"] == count


def test_a_shard_opens_by_its_configuration(subject: CloudRunSubject) -> None:
    platform = open_shard(SHARD, {"apis": subject.fake.apis}, "clouds.example.org")
    assert platform.shard == SHARD
    assert list(platform.list()) == []


def test_a_machine_without_credentials_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere.json")
    with pytest.raises(DeniedError, match="no credentials"):
        open_shard(SHARD, {}, "clouds.example.org")


def test_an_api_that_nobody_serves_is_unavailable() -> None:
    apis = dict.fromkeys(("iam", "run", "storage"), "127.0.0.1:9")
    platform = open_shard(SHARD, {"apis": apis}, "clouds.example.org")
    platform._calls = platform._services._calls = Calls(PACE)  # type: ignore[attr-defined]  # wait less
    with pytest.raises(UnavailableError, match="find the service") as caught:
        platform.find(NAME)
    assert "\n" not in str(caught.value)


def test_a_project_that_does_not_exist_is_an_error_of_one_line(subject: CloudRunSubject) -> None:
    shard = Shard("s1", {"project": "clouds-9", "region": "europe-west1"})
    platform = open_shard(shard, {"apis": subject.fake.apis}, "clouds.example.org")
    for call in (lambda: platform.find(NAME), lambda: list(platform.list()), lambda: platform.remove(NAME)):
        with pytest.raises((DeniedError, FailedError)) as caught:
            call()
        assert "\n" not in str(caught.value)
        assert caught.value.hint


@pytest.mark.parametrize("kind", ["NotFound", "Conflict", "BadRequest"])
def test_an_unexpected_answer_is_an_error_for_the_operator(kind: str) -> None:
    translated = translate("list the services", getattr(exceptions, kind)("odd\nvalue"))
    assert isinstance(translated, FailedError)
    assert str(translated).startswith("cannot list the services: ")
    assert "\n" not in str(translated)


def test_a_cloud_whose_account_lost_its_access_is_repaired(subject: CloudRunSubject) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    bucket = subject.world.buckets[f"clouds-1-{NAME}"]
    before, bucket.policy["bindings"] = bucket.policy["bindings"], []
    assert subject.platform().ensure(subject.spec(OWNER)).state is State.READY
    assert bucket.policy["bindings"] == before


def test_a_slow_removal_stops_when_the_cloud_was_created_anew(subject: CloudRunSubject) -> None:
    subject.platform().ensure(subject.spec(OWNER))

    def overtake(step: str) -> None:
        if step.startswith("take the service account's access"):
            subject.platform().remove(NAME)
            subject.platform().ensure(subject.spec(OWNER))
            subject.store_data(NAME)

    subject.platform().remove(NAME, overtake)
    remains = subject.remains(NAME)
    assert [part.partition("/")[0] for part in remains] == [
        "access",
        "account",
        "bucket",
        "object",
        "service",
    ]
    cloud = subject.platform().find(NAME)
    assert cloud is not None
    assert cloud.state is State.READY


def test_a_late_deletion_spares_the_service_of_a_later_cloud(subject: CloudRunSubject) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    slow = subject.platform()

    def overtake(step: str) -> None:
        if step == "delete the service":
            subject.platform().remove(NAME)
            subject.platform().ensure(subject.spec(OWNER))

    slow.remove(NAME, overtake)
    cloud = subject.platform().find(NAME)
    assert cloud is not None
    assert cloud.state is State.READY


def test_a_service_that_changes_during_its_removal_is_deleted(subject: CloudRunSubject) -> None:
    subject.platform().ensure(subject.spec(OWNER))

    def update(step: str) -> None:
        if step == "delete the service":
            subject.world.services[NAME]["etag"] = subject.world.etag()

    subject.platform().remove(NAME, update)
    assert subject.remains(NAME) == []
