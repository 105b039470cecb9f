"""What every platform promises, whatever fails beneath it."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Final

import pytest
from tests.contract.platforms.subject import Fault, Stopper, Subject, killable, listed, namesake, owner_of

from satchel_infra.errors import (
    DeniedError,
    FailedError,
    InfraError,
    NoSuchCloudError,
    OwnerMismatchError,
    QuotaError,
    UnavailableError,
)
from satchel_infra.platform import Cloud, CloudSpec, Platform, State

MOST: Final = 60  # steps or requests of one call
OWNER: Final = owner_of("one")
NAME: Final = OWNER.name


def need(subject: Subject, fault: Fault) -> None:
    if fault not in subject.faults:
        pytest.skip(f"this platform has no such fault: {fault.value}")


def need_preparing(subject: Subject) -> None:
    if not subject.prepares:
        with pytest.raises(FailedError, match="only"):
            subject.platform().prepare(subject.spec(OWNER))
        assert subject.remains(NAME) == []
        pytest.skip("only a cloud itself reaches its storage on this platform")


# -- one after the other --------------------------------------------------------------------------------------


def test_an_ensured_cloud_is_found_and_listed_as_it_was_specified(subject: Subject) -> None:
    platform, spec = subject.platform(), subject.spec(OWNER)
    cloud = platform.ensure(spec)
    assert (cloud.owner, cloud.host, cloud.image, cloud.state) == (OWNER, spec.host, spec.image, State.READY)
    assert cloud.shard_id == platform.shard.id
    assert cloud.settings.items() >= spec.settings.items()
    assert subject.platform().find(NAME) == cloud
    assert list(subject.platform().list()) == [cloud]


def test_an_existing_cloud_keeps_its_image_and_settings(subject: Subject) -> None:
    first = subject.platform().ensure(subject.spec(OWNER))
    before = subject.remains(NAME)
    changed = subject.spec(OWNER, image=subject.image(2), settings={"SATCHEL_SHARES": "7"})
    assert subject.platform().ensure(changed) == first
    assert subject.remains(NAME) == before


def test_an_absent_cloud_is_neither_found_nor_updated_nor_removed(subject: Subject) -> None:
    platform = subject.platform()
    assert platform.find(NAME) is None
    assert list(platform.list()) == []
    platform.remove(NAME)
    with pytest.raises(NoSuchCloudError):
        platform.update(subject.spec(OWNER))
    assert subject.remains(NAME) == []


def test_settings_keep_every_character(subject: Subject) -> None:
    odd = {
        "SATCHEL_OWNER_SUBJECT": 'a|b c%20d$HOME$(x)`y`"z"\'\\{}#=;,:',
        "SATCHEL_OIDC_SCOPES": "openid email",
    }
    cloud = subject.platform().ensure(subject.spec(OWNER, settings=odd))
    assert cloud.settings.items() >= odd.items()
    assert subject.platform().find(NAME) == cloud


def test_an_update_gives_a_cloud_another_image_and_settings(subject: Subject) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    subject.store_data(NAME)
    before = subject.remains(NAME)
    spec = subject.spec(OWNER, image=subject.image(2), settings={"SATCHEL_SHARES": "7"})
    cloud = subject.platform().update(spec)
    assert (cloud.image, cloud.state) == (subject.image(2), State.READY)
    assert cloud.settings.items() >= spec.settings.items()
    assert subject.platform().find(NAME) == cloud
    assert subject.remains(NAME) == before


def test_an_update_to_the_same_takes_no_steps_that_change_it(subject: Subject) -> None:
    cloud = subject.platform().ensure(subject.spec(OWNER))
    assert subject.platform().update(subject.spec(OWNER)) == cloud


def test_an_update_drops_settings_that_are_no_longer_set(subject: Subject) -> None:
    subject.platform().ensure(subject.spec(OWNER, settings={"SATCHEL_SHARES": "7"}))
    cloud = subject.platform().update(subject.spec(OWNER))
    assert "SATCHEL_SHARES" not in cloud.settings


def test_a_removal_leaves_nothing_and_touches_no_other_cloud(subject: Subject) -> None:
    other = owner_of("other")
    subject.platform().ensure(subject.spec(OWNER))
    kept = subject.platform().ensure(subject.spec(other))
    subject.store_data(NAME)
    subject.store_data(other.name)
    before = subject.remains(other.name)
    subject.platform().remove(NAME)
    assert subject.remains(NAME) == []
    assert subject.platform().find(NAME) is None
    assert list(subject.platform().list()) == [kept]
    assert subject.remains(other.name) == before
    subject.platform().remove(NAME)


def test_a_cloud_that_comes_back_has_none_of_the_earlier_data(subject: Subject) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    fresh = subject.remains(NAME)
    subject.store_data(NAME)
    assert subject.remains(NAME) != fresh
    subject.platform().remove(NAME)
    assert subject.platform().ensure(subject.spec(OWNER)).state is State.READY
    assert subject.remains(NAME) == fresh


def test_a_long_list_has_every_cloud_once_in_order(subject: Subject) -> None:
    owners = [owner_of(f"user {number}") for number in range(subject.many)]
    subject.fill([subject.spec(owner) for owner in owners])
    clouds = list(subject.platform().list())
    assert [cloud.name for cloud in clouds] == sorted(owner.name for owner in owners)
    assert {cloud.owner for cloud in clouds} == set(owners)
    assert {cloud.state for cloud in clouds} == {State.READY}


# -- clouds that are moved here ---------------------------------------------------------------------------------


def test_a_prepared_cloud_has_a_storage_and_serves_only_once_it_is_ensured(subject: Subject) -> None:
    need_preparing(subject)
    platform, spec = subject.platform(), subject.spec(OWNER)
    storage = platform.prepare(spec)
    assert storage["SATCHEL_STORAGE"]
    assert subject.platform().prepare(spec) == storage
    prepared = check_shown(subject, NAME)
    assert prepared is not None
    assert prepared.state is State.CREATING
    subject.store_data(NAME)
    before = subject.remains(NAME)
    assert subject.platform().ensure(spec).state is State.READY
    assert set(subject.remains(NAME)) > set(before)
    assert subject.platform().prepare(spec) == storage
    check_ready(subject, NAME)


def check_ready(subject: Subject, name: str) -> None:
    cloud = subject.platform().find(name)
    assert cloud is not None
    assert cloud.state is State.READY


def test_a_prepared_cloud_is_removed_as_others_are(subject: Subject) -> None:
    need_preparing(subject)
    subject.platform().prepare(subject.spec(OWNER))
    subject.store_data(NAME)
    subject.platform().remove(NAME)
    assert subject.remains(NAME) == []


def test_nothing_is_prepared_under_the_name_of_another_owner(subject: Subject) -> None:
    need_preparing(subject)
    subject.platform().prepare(subject.spec(OWNER))
    before = subject.remains(NAME)
    with pytest.raises(OwnerMismatchError):
        subject.platform().prepare(subject.spec(namesake(OWNER)))
    assert subject.remains(NAME) == before


# -- the name of another owner ---------------------------------------------------------------------------------


def test_the_name_of_another_owner_is_refused_and_nothing_changes(subject: Subject) -> None:
    cloud = subject.platform().ensure(subject.spec(OWNER))
    before = subject.remains(NAME)
    stranger = subject.spec(namesake(OWNER), image=subject.image(2))
    for call in (subject.platform().ensure, subject.platform().update):
        with pytest.raises(OwnerMismatchError):
            call(stranger)
    assert subject.platform().find(NAME) == cloud
    assert subject.remains(NAME) == before


def test_a_half_created_cloud_is_not_completed_for_another_owner(subject: Subject) -> None:
    for step in count(1):
        with killable():
            subject.platform().ensure(subject.spec(OWNER), Stopper(step))
        if subject.remains(NAME):
            break
        assert step < MOST
    before = subject.remains(NAME)
    with pytest.raises(OwnerMismatchError):
        subject.platform().ensure(subject.spec(namesake(OWNER)))
    assert subject.remains(NAME) == before


# -- kills ------------------------------------------------------------------------------------------------------


def check_shown(subject: Subject, name: str) -> Cloud | None:
    """A half-created or half-removed cloud is found and listed, or nothing of it exists."""
    cloud = subject.platform().find(name)
    if cloud is None:
        assert subject.remains(name) == []
    assert listed(subject.platform(), name) == cloud
    return cloud


def kill_everywhere(subject: Subject, prefix: str, act: str) -> list[str]:
    """Kill calls before each step in turn, each on a cloud of its own. Return the names of the clouds."""
    names = []
    for step in range(1, MOST):
        owner = owner_of(f"{prefix} {step}")
        if act not in ("ensure", "prepare"):
            subject.platform().ensure(subject.spec(owner))
            subject.store_data(owner.name)
        stopper, platform = Stopper(step), subject.platform()
        names.append(owner.name)
        with killable():
            if act == "remove":
                platform.remove(owner.name, stopper)
            elif act == "update":
                platform.update(subject.spec(owner, image=subject.image(2)), stopper)
            elif act == "prepare":
                platform.prepare(subject.spec(owner), stopper)
            else:
                platform.ensure(subject.spec(owner), stopper)
            assert step > 1, f"{act} reports no step"
            return names
    raise AssertionError(f"{act} takes {MOST} steps or more")


def owners_by_name(prefix: str) -> dict[str, str]:
    return {owner_of(f"{prefix} {step}").name: f"{prefix} {step}" for step in range(MOST)}


@pytest.mark.parametrize("then", ["ensure", "remove"])
def test_a_killed_ensure_is_completed_or_removed(subject: Subject, then: str) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    whole = len(subject.remains(NAME))
    for name in kill_everywhere(subject, "created", "ensure"):
        cloud = check_shown(subject, name)
        if then == "remove":
            subject.platform().remove(name)
            assert subject.remains(name) == []
            continue
        owner = owner_of(owners_by_name("created")[name])
        assert cloud is None or cloud.owner == owner
        assert subject.platform().ensure(subject.spec(owner)).state is State.READY
        assert len(subject.remains(name)) == whole


def test_a_killed_preparation_is_completed(subject: Subject) -> None:
    need_preparing(subject)
    subject.platform().ensure(subject.spec(OWNER))
    whole = len(subject.remains(NAME))
    for name in kill_everywhere(subject, "prepared", "prepare"):
        check_shown(subject, name)
        owner = owner_of(owners_by_name("prepared")[name])
        subject.platform().prepare(subject.spec(owner))
        assert subject.platform().ensure(subject.spec(owner)).state is State.READY
        assert len(subject.remains(name)) == whole


def test_a_killed_update_is_repeated(subject: Subject) -> None:
    for name in kill_everywhere(subject, "updated", "update"):
        cloud = check_shown(subject, name)
        assert cloud is not None
        assert cloud.image in (subject.image(), subject.image(2))
        before = subject.remains(name)
        owner = owner_of(owners_by_name("updated")[name])
        updated = subject.platform().update(subject.spec(owner, image=subject.image(2)))
        assert (updated.image, updated.state) == (subject.image(2), State.READY)
        assert subject.remains(name) == before


def test_a_removal_that_was_killed_after_its_first_step_is_found_and_listed_as_one(subject: Subject) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    with killable():
        subject.platform().remove(NAME, Stopper(2))
    found = subject.platform().find(NAME)
    assert found is not None
    assert found.state is State.REMOVING
    assert listed(subject.platform(), NAME) == found


@pytest.mark.parametrize("then", ["remove", "ensure"])
def test_a_killed_removal_is_completed_and_never_undone_by_half(subject: Subject, then: str) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    fresh = len(subject.remains(NAME))
    for name in kill_everywhere(subject, "removed", "remove"):
        cloud = check_shown(subject, name)
        whole = len(subject.remains(name)) == fresh + 1
        if cloud is not None and not whole:
            assert cloud.state is not State.READY
        if then == "remove":
            subject.platform().remove(name)
            assert subject.remains(name) == []
            continue
        owner = owner_of(owners_by_name("removed")[name])
        assert subject.platform().ensure(subject.spec(owner)).state is State.READY
        remains = len(subject.remains(name))
        assert remains == fresh or (whole and remains == fresh + 1)


@pytest.mark.parametrize("act", ["ensure", "update", "remove"])
def test_a_call_that_is_cut_between_any_two_requests_is_repeated(subject: Subject, act: str) -> None:
    if not subject.counts_requests:
        pytest.skip("this platform makes no requests that can be counted")
    for requests in range(1, MOST):
        owner = owner_of(f"cut {act} {requests}")
        spec = subject.spec(owner, image=subject.image(2))
        if act != "ensure":
            subject.platform().ensure(subject.spec(owner))
            subject.store_data(owner.name)
        done = False
        with killable(), subject.cut_after(requests):
            call(subject.platform(), act, spec)
            done = True
        check_shown(subject, owner.name)
        call(subject.platform(), act, spec)
        found = subject.platform().find(owner.name)
        if act == "remove":
            assert (found, subject.remains(owner.name)) == (None, [])
        else:
            assert found is not None
            assert (found.state, found.image) == (State.READY, spec.image)
        if done:
            return
    raise AssertionError(f"{act} takes {MOST} requests or more")


def call(platform: Platform, act: str, spec: CloudSpec) -> Cloud | None:
    """Ensure, update or remove."""
    if act == "remove":
        platform.remove(spec.name)
        return None
    return platform.ensure(spec) if act == "ensure" else platform.update(spec)


# -- several processes -------------------------------------------------------------------------------------------


def at_once(*calls: tuple[Platform, str, CloudSpec]) -> list[Cloud | InfraError | None]:
    """Make calls in threads that start together. Return their results, or the errors of infra."""
    start = Barrier(len(calls))

    def make(one: tuple[Platform, str, CloudSpec]) -> Cloud | InfraError | None:
        start.wait()
        try:
            return call(*one)
        except InfraError as exc:
            return exc

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(make, calls))


def test_two_processes_at_once_get_the_same_cloud(subject: Subject) -> None:
    subject.platform().ensure(subject.spec(owner_of("alone")))
    alone = len(subject.remains(owner_of("alone").name))
    for round_ in range(3):
        spec = subject.spec(owner_of(f"twice {round_}"))
        platforms = [subject.platform() for _ in range(2)]
        first, second = at_once(*((platform, "ensure", spec) for platform in platforms))
        assert first == second == subject.platform().find(spec.name)
        assert len(subject.remains(spec.name)) == alone


def test_two_processes_remove_at_once(subject: Subject) -> None:
    for round_ in range(3):
        spec = subject.spec(owner_of(f"twice {round_}"))
        subject.platform().ensure(spec)
        subject.store_data(spec.name)
        platforms = [subject.platform() for _ in range(2)]
        assert at_once(*((platform, "remove", spec) for platform in platforms)) == [None, None]
        assert subject.remains(spec.name) == []


def test_creating_and_removing_at_once_ends_as_the_last_call_says(subject: Subject) -> None:
    for round_, last in enumerate(["ensure", "remove"] * 2):
        spec = subject.spec(owner_of(f"both {round_}"))
        subject.platform().ensure(spec)
        making, ending = subject.platform(), subject.platform()
        at_once((making, "ensure", spec), (ending, "remove", spec))
        check_shown(subject, spec.name)
        call(subject.platform(), last, spec)
        found = subject.platform().find(spec.name)
        if last == "remove":
            assert (found, subject.remains(spec.name)) == (None, [])
        else:
            assert found is not None
            assert found.state is State.READY


def test_two_processes_update_at_once(subject: Subject) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    specs = [subject.spec(OWNER, image=subject.image(number)) for number in (2, 3)]
    platforms = [subject.platform() for _ in specs]
    at_once(*((platform, "update", spec) for platform, spec in zip(platforms, specs, strict=True)))
    last = subject.platform().update(specs[0])
    assert (last.image, last.state) == (specs[0].image, State.READY)


# -- faults --------------------------------------------------------------------------------------------------------

ERRORS: Final = [
    (Fault.QUOTA, QuotaError),
    (Fault.DENIED, DeniedError),
    (Fault.UNAVAILABLE, UnavailableError),
    (Fault.DEADLINE, UnavailableError),
]


@pytest.mark.parametrize(("fault", "error"), ERRORS, ids=[fault.value for fault, _ in ERRORS])
def test_a_creation_that_meets_a_fault_says_so_and_is_repeated(
    subject: Subject, fault: Fault, error: type[InfraError]
) -> None:
    need(subject, fault)
    with subject.fault(fault), pytest.raises(error) as caught:
        subject.platform().ensure(subject.spec(OWNER))
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    check_shown(subject, NAME)
    assert subject.platform().ensure(subject.spec(OWNER)).state is State.READY


@pytest.mark.parametrize(("fault", "error"), ERRORS[1:], ids=[fault.value for fault, _ in ERRORS[1:]])
def test_a_removal_that_meets_a_fault_says_so_and_is_repeated(
    subject: Subject, fault: Fault, error: type[InfraError]
) -> None:
    need(subject, fault)
    subject.platform().ensure(subject.spec(OWNER))
    subject.store_data(NAME)
    with subject.fault(fault), pytest.raises(error):
        subject.platform().remove(NAME)
    check_shown(subject, NAME)
    subject.platform().remove(NAME)
    assert subject.remains(NAME) == []


@pytest.mark.parametrize(("fault", "error"), ERRORS[1:], ids=[fault.value for fault, _ in ERRORS[1:]])
def test_an_update_that_meets_a_fault_says_so_and_is_repeated(
    subject: Subject, fault: Fault, error: type[InfraError]
) -> None:
    need(subject, fault)
    subject.platform().ensure(subject.spec(OWNER))
    spec = subject.spec(OWNER, image=subject.image(2))
    with subject.fault(fault), pytest.raises(error):
        subject.platform().update(spec)
    cloud = subject.platform().update(spec)
    assert (cloud.image, cloud.state) == (spec.image, State.READY)


def test_a_platform_that_does_not_answer_is_not_taken_for_an_absent_cloud(subject: Subject) -> None:
    need(subject, Fault.UNAVAILABLE)
    subject.platform().ensure(subject.spec(OWNER))
    with subject.fault(Fault.UNAVAILABLE):
        with pytest.raises(UnavailableError):
            subject.platform().find(NAME)
        with pytest.raises(UnavailableError):
            list(subject.platform().list())


def test_a_change_by_somebody_else_in_between_is_no_failure(subject: Subject) -> None:
    need(subject, Fault.CONFLICT)
    with subject.fault(Fault.CONFLICT):
        subject.platform().ensure(subject.spec(OWNER))
    spec = subject.spec(OWNER, image=subject.image(2))
    with subject.fault(Fault.CONFLICT):
        assert subject.platform().update(spec).image == spec.image
    with subject.fault(Fault.CONFLICT):
        subject.platform().remove(NAME)
    assert subject.remains(NAME) == []


# -- releases that do not start ---------------------------------------------------------------------------------------


def test_a_cloud_that_does_not_start_is_failed_and_is_completed_or_removed(subject: Subject) -> None:
    for number, then in enumerate(["ensure", "remove"]):
        owner = owner_of(f"broken {number}")
        with pytest.raises(FailedError):
            subject.platform().ensure(subject.spec(owner, image=subject.broken_image()))
        cloud = check_shown(subject, owner.name)
        assert cloud is not None
        assert cloud.state is State.FAILED
        assert cloud.detail
        assert "\n" not in cloud.detail
        if then == "remove":
            subject.platform().remove(owner.name)
            assert subject.remains(owner.name) == []
        else:
            assert subject.platform().ensure(subject.spec(owner)).state is State.READY


def test_an_update_that_does_not_start_leaves_the_earlier_release_serving(subject: Subject) -> None:
    earlier = subject.platform().ensure(subject.spec(OWNER))
    subject.store_data(NAME)
    before = subject.remains(NAME)
    with pytest.raises(FailedError):
        subject.platform().update(subject.spec(OWNER, image=subject.broken_image()))
    assert subject.platform().find(NAME) == earlier
    assert subject.remains(NAME) == before
    spec = subject.spec(OWNER, image=subject.image(2))
    assert subject.platform().update(spec).image == spec.image
