"""One cloud for each account: however often it is asked for, wherever shards were added, whenever a process is killed."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from threading import Barrier, Event
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.platforms.memory import Account, MemoryPlatform, World
from tests.contract.platforms.subject import Fault, Stopper, killable, namesake
from tests.infra.provisioning.deployment import DOMAIN, Place, owner_of

from satchel_infra.errors import NoSuchCloudError, OwnerMismatchError, UnavailableError
from satchel_infra.platform import Cloud, CloudSpec, Report, State, ignore
from satchel_infra.provisioning.clouds import (
    CHECK_S,
    Provisioner,
    RemovalUnderWayError,
    RemovedSinceError,
)
from satchel_infra.provisioning.records import Records, Version
from satchel_infra.shards import Shard

OWNER: Final = owner_of("ada")
MOST: Final = 30
WAIT_S: Final = 30


def test_a_cloud_is_created_in_its_home_and_found_again(place: Place) -> None:
    found = place.provisioner("ab").provision(OWNER, "ada")
    assert found.cloud.state is State.READY
    assert found.cloud.host == f"{OWNER.name}.{found.shard.id}.{DOMAIN}"
    assert found.cloud.settings["SATCHEL_OWNER_SUBJECT"] == "ada"
    assert place.provisioner("ab").provision(OWNER, "ada") == found
    assert place.provisioner("ab").find(OWNER) == found
    assert place.shards_with(OWNER) == [found.shard.id]


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=8), min_size=1, max_size=6), st.integers(0, 5))
@settings(max_examples=15, deadline=None)
def test_growing_the_list_neither_moves_nor_doubles_a_cloud(
    tmp_path_factory: pytest.TempPathFactory, generations: list[str], began: int
) -> None:
    place = Place(tmp_path_factory.mktemp("place"))
    first = generations[: began % len(generations) + 1]
    owners = [owner_of(f"person {number}") for number in range(4)]
    homes = {owner: place.provisioner(*first).provision(owner, "x") for owner in owners}
    for length in range(len(first), len(generations) + 1):
        grown = place.provisioner(*generations[:length])
        for owner in owners:
            assert grown.find(owner) == homes[owner]
            assert grown.provision(owner, "x") == homes[owner]
            assert place.shards_with(owner) == [homes[owner].shard.id]
    last = place.provisioner(*generations)
    for owner in owners:
        last.remove(owner)
        assert place.shards_with(owner) == []
        assert last.provision(owner, "x").shard == last.configuration.shards.home(owner)


def test_a_half_created_cloud_is_completed_where_it_was_begun(place: Place) -> None:
    with killable():
        place.provisioner("a").provision(OWNER, "ada", Stopper(3))
    assert place.shards_with(OWNER) == ["a"]
    found = place.provisioner("a", "b").provision(OWNER, "ada")
    assert (found.shard.id, found.cloud.state) == ("a", State.READY)
    assert place.shards_with(OWNER) == ["a"]


def test_devices_that_ask_at_once_get_the_same_cloud(place: Place) -> None:
    processes = [place.provisioner("ab", "bc") for _ in range(6)]
    start = Barrier(len(processes))

    def ask(number: int) -> object:
        start.wait()
        return processes[number].provision(OWNER, "ada")

    with ThreadPoolExecutor(len(processes)) as threads:
        assert len(set(map(repr, threads.map(ask, range(len(processes)))))) == 1
    assert len(place.shards_with(OWNER)) == 1


def test_a_shard_that_does_not_respond_is_not_one_without_the_cloud(place: Place) -> None:
    place.provisioner("a").provision(OWNER, "ada")
    place.worlds["a"].fault = Fault.UNAVAILABLE
    grown = place.provisioner("a", "b")
    for call in (grown.find, lambda owner: grown.provision(owner, "ada"), grown.remove):
        with pytest.raises(UnavailableError):
            call(OWNER)
    assert place.shards_with(OWNER) == ["a"]
    assert grown.records.latest(OWNER) is None


def test_a_cloud_of_another_account_with_the_same_name_is_left_alone(place: Place) -> None:
    place.provisioner().provision(namesake(OWNER), "eve")
    provisioner = place.provisioner()
    for call in (provisioner.find, lambda owner: provisioner.provision(owner, "ada"), provisioner.remove):
        with pytest.raises(OwnerMismatchError):
            call(OWNER)
    assert place.worlds["a"].accounts == {OWNER.name: Account(namesake(OWNER))}
    assert provisioner.records.latest_named(OWNER.name) is None


def test_a_removal_that_is_killed_at_every_step_is_completed_and_no_cloud_serves_meanwhile(
    place: Place,
) -> None:
    place.provisioner().provision(OWNER, "ada")
    kills = 0
    while True:
        is_done = False
        with killable():
            place.provisioner().remove(OWNER, Stopper(kills + 1))
            is_done = True
        if is_done:
            break
        kills += 1
        assert kills < MOST
        latest = place.records().latest(OWNER)
        assert latest is not None
        assert latest.gone is None
        with pytest.raises(RemovalUnderWayError):
            place.provisioner().provision(OWNER, "ada")
    assert kills >= 2
    assert place.shards_with(OWNER) == []
    latest = place.records().latest(OWNER)
    assert latest is not None
    assert latest.gone is not None


def test_the_tombstone_comes_before_anything_is_removed(place: Place) -> None:
    provisioner = place.provisioner()
    provisioner.provision(OWNER, "ada")
    seen = []

    def report(_: str) -> None:
        seen.append((place.records().latest(OWNER), OWNER.name in place.worlds["a"].fronts))

    provisioner.remove(OWNER, report)
    assert seen[0][0] is not None
    assert seen[0][1]


def test_the_account_comes_back_to_a_new_cloud_with_none_of_its_data(place: Place) -> None:
    first = place.provisioner().provision(OWNER, "ada")
    place.worlds["a"].stores[OWNER.name].append("log")
    place.provisioner().remove(OWNER)
    again = place.provisioner().provision(OWNER, "ada")
    assert again == first
    assert place.worlds["a"].stores[OWNER.name] == []


def test_a_request_that_is_older_than_the_removal_creates_nothing(place: Place) -> None:
    place.provisioner().provision(OWNER, "ada")
    asked = place.clock()
    place.provisioner().remove(OWNER)
    with pytest.raises(RemovedSinceError):
        place.provisioner().provision(OWNER, "ada", asked=asked)
    assert place.shards_with(OWNER) == []


def test_a_removal_during_a_creation_wins(place: Place) -> None:
    def report(step: str) -> None:
        if step == "create the front" and OWNER.name in place.worlds["a"].accounts:
            place.provisioner().remove(OWNER)

    with pytest.raises(RemovedSinceError):
        place.provisioner().provision(OWNER, "ada", report)
    assert place.shards_with(OWNER) == []


def test_a_creation_stops_before_the_first_step_after_a_removal(place: Place) -> None:
    steps = []

    def report(step: str) -> None:
        steps.append(step)
        if step == "create the store":
            place.provisioner().remove(OWNER)

    with pytest.raises(RemovedSinceError):
        place.provisioner().provision(OWNER, "ada", report)
    assert steps[-1] == "create the store"
    assert place.shards_with(OWNER) == []


def test_a_creation_during_a_removal_leaves_nothing(place: Place) -> None:
    def report(step: str) -> None:
        if step == "create the front":
            place.provisioner().begin_removal(OWNER)

    with pytest.raises(RemovalUnderWayError):
        place.provisioner().provision(OWNER, "ada", report)
    assert place.shards_with(OWNER) == []


class Waiting(MemoryPlatform):
    """Its creation reports the same step many times, each one millisecond later."""

    now_s = 100.0

    def ensure(self, spec: CloudSpec, report: Report = ignore) -> Cloud:
        for _ in range(10_000):
            self.now_s += 0.001
            report("wait until it serves")
        return super().ensure(spec, report)


def test_a_wait_that_is_reported_often_looks_at_the_records_every_two_seconds(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Waiting(Shard("a"), place.worlds.setdefault("a", World()))
    looks: list[float] = []
    look = Records.version

    def count(records: Records, name: str) -> Version:
        looks.append(platform.now_s)
        return look(records, name)

    monkeypatch.setattr(Records, "version", count)
    provisioner = replace(
        place.provisioner(), open_shard=lambda _: platform, monotonic=lambda: platform.now_s
    )
    provisioner.provision(OWNER, "ada")
    waits = looks[1 : looks.index(looks[-1])]
    assert len(waits) == 5
    assert all(later - earlier < CHECK_S + 0.1 for earlier, later in pairwise(waits))
    assert len(looks) - looks.index(looks[-1]) == 4, "each of the three steps, and once at the end"


def test_a_removal_during_a_wait_is_noticed(place: Place) -> None:
    platform = Waiting(Shard("a"), place.worlds.setdefault("a", World()))
    provisioner = replace(
        place.provisioner(), open_shard=lambda _: platform, monotonic=lambda: platform.now_s
    )
    begun_s = 103.0

    def report(_: str) -> None:
        if platform.now_s >= begun_s and place.records().latest(OWNER) is None:
            place.records().begin_removal(OWNER, place.clock())

    with pytest.raises(RemovalUnderWayError):
        provisioner.provision(OWNER, "ada", report)
    assert platform.now_s <= begun_s + CHECK_S + 0.1


class Held(MemoryPlatform):
    """Its creation and its removal stop after their first step until a test lets them go on."""

    def __init__(self, shard: Shard, world: World) -> None:
        super().__init__(shard, world)
        self.has_begun = Event()
        self.may_go_on = Event()

    def _hold(self) -> None:
        self.has_begun.set()
        assert self.may_go_on.wait(WAIT_S)

    def ensure(self, spec: CloudSpec, report: Report = ignore) -> Cloud:
        cloud = super().ensure(spec, report)
        self._hold()
        return cloud

    def remove(self, name: str, report: Report = ignore) -> None:
        def step(text: str) -> None:
            if text == "remove the store":
                self._hold()
            report(text)

        super().remove(name, step)


@contextmanager
def overtaken(place: Place, work: Callable[[Provisioner], object]) -> Iterator[Future[object]]:
    """Run a worker that stands still during the block, and end it afterwards."""
    platform = Held(Shard("a"), place.worlds.setdefault("a", World()))
    slow = replace(place.provisioner(), open_shard=lambda _: platform)
    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(work, slow)
        try:
            assert platform.has_begun.wait(WAIT_S)
            yield future
        finally:
            platform.may_go_on.set()


def test_a_creation_that_a_removal_overtook_leaves_the_next_cloud_alone(place: Place) -> None:
    with overtaken(place, lambda slow: slow.provision(OWNER, "ada")) as creation:
        place.provisioner().remove(OWNER)
        again = place.provisioner().provision(OWNER, "ada")
    with pytest.raises(RemovedSinceError):
        creation.result()
    assert place.provisioner().find(OWNER) == again
    assert OWNER.name in place.worlds["a"].stores


def test_a_removal_that_another_worker_completed_leaves_the_next_cloud_alone(place: Place) -> None:
    place.provisioner().provision(OWNER, "ada")
    tombstone = place.provisioner().begin_removal(OWNER)
    with overtaken(place, lambda slow: slow.complete_removal(tombstone)) as removal:
        place.provisioner().complete_removal(tombstone)
        again = place.provisioner().provision(OWNER, "ada")
        place.worlds["a"].stores[OWNER.name].append("log")
    removal.result()
    assert place.provisioner().find(OWNER) == again
    assert place.worlds["a"].stores[OWNER.name] == ["log"]


def test_an_earlier_removal_leaves_the_next_cloud_alone(place: Place) -> None:
    place.provisioner().provision(OWNER, "ada")
    tombstone = place.provisioner().begin_removal(OWNER)
    place.provisioner().complete_removal(tombstone)
    place.provisioner().provision(OWNER, "ada")
    place.provisioner().complete_removal(tombstone)
    assert place.shards_with(OWNER) == ["a"]


def test_what_exists_twice_is_found_by_what_serves_and_removed_everywhere(place: Place) -> None:
    place.provisioner("b").provision(OWNER, "ada")
    with killable():
        place.provisioner("a").provision(OWNER, "ada", Stopper(3))
    both = place.provisioner("b", "a")
    assert [found.shard.id for found in both.find_all(OWNER)] == ["b", "a"]
    both.remove(OWNER)
    assert place.shards_with(OWNER) == []


@pytest.mark.parametrize("state", [State.FAILED, State.CREATING])
def test_the_empty_target_of_a_move_counts_for_nothing_while_the_cloud_does_not_serve(
    place: Place, state: State
) -> None:
    """The cloud has failed after a bad release, or its platform is changing it: a device completes that one."""
    place.provisioner("a").provision(OWNER, "ada")
    place.worlds["a"].stores[OWNER.name].append("log")
    fronts = place.worlds["a"].fronts
    fronts[OWNER.name] = replace(fronts[OWNER.name], state=state)
    grown = place.provisioner("a", "b")
    shard = grown.configuration.shards.home(OWNER)
    place.open_shard(shard).prepare(grown.configuration.spec(OWNER, "ada", shard))
    assert [found.shard.id for found in grown.find_all(OWNER)] == ["a", "b"]
    assert grown.find_named(OWNER.name).shard.id == "a"
    assert grown.provision(OWNER, "ada").shard.id == "a"
    assert OWNER.name not in place.worlds["b"].fronts
    assert place.worlds["a"].stores[OWNER.name] == ["log"]


def test_what_is_being_removed_counts_last(place: Place) -> None:
    for shard in "ab":
        with killable():
            place.provisioner(shard).provision(OWNER, "ada", Stopper(3))
    place.worlds["a"].accounts[OWNER.name].is_removing = True
    assert [found.shard.id for found in place.provisioner("a", "b").find_all(OWNER)] == ["b", "a"]


def test_a_cloud_is_found_by_its_name_in_any_shard(place: Place) -> None:
    found = place.provisioner("abcdefghij").provision(OWNER, "ada")
    assert place.provisioner("abcdefghij").find_named(OWNER.name) == found
    with pytest.raises(NoSuchCloudError):
        place.provisioner("abcdefghij").find_named(owner_of("eve").name)


def test_the_owner_of_an_unfinished_removal_is_found_by_its_name(place: Place) -> None:
    place.provisioner().provision(OWNER, "ada")
    place.provisioner().begin_removal(OWNER)
    place.worlds["a"].accounts.clear()
    place.worlds["a"].fronts.clear()
    assert place.provisioner().owner_named(OWNER.name) == OWNER


def test_what_does_not_exist_is_not_removed(place: Place) -> None:
    with pytest.raises(NoSuchCloudError):
        place.provisioner().remove(OWNER)
    assert place.records().latest(OWNER) is None
