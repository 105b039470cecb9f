"""A rollout goes in waves, stops when clouds fail, goes on after a kill, and goes back."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from threading import Lock
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.platforms.memory import Account, MemoryPlatform, World
from tests.contract.platforms.subject import Fault, Killed, killable
from tests.infra.provisioning.deployment import DOMAIN, Place, owner_of

from satchel_infra.errors import ConfigurationError, DeniedError, FailedError, UnavailableError
from satchel_infra.platform import Cloud, CloudSpec, Report, State, ignore
from satchel_infra.provisioning.clouds import Provisioner
from satchel_infra.provisioning.rollout import (
    ATTEMPTS,
    Goal,
    Limits,
    Outcome,
    Progress,
    Rollout,
    previous_image,
)
from satchel_infra.provisioning.waves import Pace, WaveSize, parse_waves, plan_waves
from satchel_infra.shards import Shard

OLD, NEW = "release-1", "release-2"
WAVES = parse_waves("1,1%,10%,100%")


def fill(place: Place, count: int, shards: str = "a") -> None:
    """Make ready clouds at once, each in its home."""
    configuration = place.provisioner(shards).configuration
    for number in range(count):
        owner = owner_of(f"person {number}")
        shard = configuration.shards.home(owner)
        world = place.worlds.setdefault(shard.id, World())
        world.accounts[owner.name] = Account(owner)
        world.stores[owner.name] = ["log"]
        settings = {**configuration.settings, "SATCHEL_OWNER_SUBJECT": f"person {number}"}
        host = f"{owner.name}.{shard.id}.{DOMAIN}"
        world.fronts[owner.name] = Cloud(owner, shard.id, host, OLD, State.READY, settings)


def images(place: Place) -> Counter[str]:
    return Counter(front.image for world in place.worlds.values() for front in world.fronts.values())


def roll(
    provisioner: Provisioner,
    image: str = NEW,
    *,
    waves: Sequence[WaveSize] = WAVES,
    seen: list[Progress] | None = None,
    max_failures: int = 3,
    with_settings: bool = False,
    parallel: int = 8,
) -> Outcome:
    shards = provisioner.configuration.shards.all
    goal = Goal({shard.id: image for shard in shards}, with_settings)
    limits = Limits(waves, parallel=parallel, per_minute=1e6, max_failures=max_failures)
    report = (lambda _: None) if seen is None else seen.append
    return Rollout(provisioner, goal, limits, report, sleep=lambda _: None).run(provisioner.list(shards))


@pytest.mark.parametrize(
    ("text", "total", "done", "expected"),
    [
        ("1,1%,10%,100%", 1000, 0, [1, 9, 90, 900]),
        ("1,1%,10%,100%", 1000, 1, [9, 90, 900]),
        ("1,1%,10%,100%", 1000, 500, [500]),
        ("1,1%,10%,100%", 1000, 1000, []),
        ("1,1%,10%,100%", 3, 0, [1, 2]),
        ("1", 0, 0, []),
        ("5", 3, 0, [3]),
        ("0.5%", 1000, 0, [5, 995]),
    ],
)
def test_waves_grow(text: str, total: int, done: int, expected: list[int]) -> None:
    assert plan_waves(parse_waves(text), total, done) == expected


@given(
    st.lists(st.integers(0, 99).map(lambda each: WaveSize(share=Fraction(each + 1, 100))), max_size=6),
    st.integers(0, 10**6),
    st.data(),
)
def test_waves_cover_every_cloud_once(sizes: list[WaveSize], total: int, data: st.DataObject) -> None:
    done = data.draw(st.integers(0, total))
    waves = plan_waves((*sizes, WaveSize(share=Fraction(1))), total, done)
    assert sum(waves) == total - done
    assert all(wave > 0 for wave in waves)


@pytest.mark.parametrize("text", ["", "x", "1,,2", "0%", "101%", "1.5", "-1", "1e3", ",".join("1" * 30)])
def test_waves_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="--waves"):
        parse_waves(text)


def test_calls_are_spaced_evenly() -> None:
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    pace = Pace(120, monotonic=lambda: now[0], sleep=sleep)
    for _ in range(4):
        pace.wait()
    assert slept == pytest.approx([0.5, 0.5, 0.5])
    now[0] += 60
    pace.wait()
    assert len(slept) == 3


def test_ten_thousand_clouds_get_the_release_in_four_waves_and_lose_nothing(place: Place) -> None:
    fill(place, 10_000, "abcd")
    seen: list[Progress] = []
    outcome = roll(place.provisioner("abcd"), seen=seen, parallel=16)
    assert (outcome.total, outcome.updated, outcome.failures, outcome.is_stopped) == (
        10_000,
        10_000,
        {},
        False,
    )
    assert images(place) == {NEW: 10_000}
    assert {progress.wave: progress.total for progress in seen} == {1: 1, 2: 99, 3: 900, 4: 9000}
    assert all(store == ["log"] for world in place.worlds.values() for store in world.stores.values())
    assert len(seen) == 10_000 + 4
    again = roll(place.provisioner("abcd"))
    assert (again.updated, again.already) == (0, 10_000)


class Failing(MemoryPlatform):
    """Updates fail for the names in `broken`, and die once `left` is used up."""

    broken: frozenset[str] = frozenset()
    left = 10**9
    lock = Lock()
    calls: ClassVar[Counter[str]]
    errors: ClassVar[list[Exception]]

    def update(self, spec: CloudSpec, report: Report = ignore) -> Cloud:
        with self.lock:
            self.calls[spec.name] += 1
            type(self).left -= 1
            if self.left < 0:
                raise Killed
        if self.errors:
            raise self.errors.pop()
        if spec.name in self.broken and spec.image == NEW:
            raise FailedError("the new release does not start", hint="see its log")
        return super().update(spec, report)


@pytest.fixture
def failing(place: Place) -> type[Failing]:
    class Here(Failing):
        calls: ClassVar[Counter[str]] = Counter()
        errors: ClassVar[list[Exception]] = []

    def open_shard(shard: Shard) -> Failing:
        return Here(shard, place.worlds.setdefault(shard.id, World()))

    place.open_shard = open_shard  # type: ignore[method-assign]
    return Here


def names(place: Place) -> list[str]:
    return sorted(place.worlds["a"].fronts)


def test_a_failing_canary_stops_the_rollout_at_once(place: Place, failing: type[Failing]) -> None:
    fill(place, 200)
    failing.broken = frozenset(names(place)[:1])
    outcome = roll(place.provisioner())
    assert outcome.is_stopped
    assert list(outcome.failures) == names(place)[:1]
    assert "does not start" in outcome.failures[names(place)[0]]
    assert images(place) == {OLD: 200}
    assert outcome.earlier.most_common(1) == [(OLD, 200)]


def test_more_failures_than_allowed_stop_it_and_fewer_do_not(place: Place, failing: type[Failing]) -> None:
    fill(place, 200)
    failing.broken = frozenset(names(place)[30:33])
    outcome = roll(place.provisioner(), max_failures=3)
    assert not outcome.is_stopped
    assert set(outcome.failures) == failing.broken
    assert images(place) == {NEW: 197, OLD: 3}
    failing.broken = frozenset(names(place)[30:60])
    roll(place.provisioner(), OLD)
    stopped = roll(place.provisioner(), max_failures=3, parallel=4)
    assert stopped.is_stopped
    assert 4 <= len(stopped.failures) <= 7
    assert images(place)[NEW] < 40


def test_it_goes_on_after_a_kill_in_the_wave_where_it_was(place: Place, failing: type[Failing]) -> None:
    fill(place, 300)
    failing.left = 25
    with killable():
        roll(place.provisioner(), parallel=1)
    assert images(place) == {NEW: 25, OLD: 275}
    failing.left = 10**9
    seen: list[Progress] = []
    outcome = roll(place.provisioner(), seen=seen)
    assert (outcome.already, outcome.updated) == (25, 275)
    assert [progress.total for progress in seen if not progress.done] == [5, 270]
    assert [name for name in names(place) if failing.calls[name] != 1] == names(place)[25:26]


@pytest.mark.parametrize("broken", [30, 80])
def test_a_rollout_of_the_configured_image_goes_back_however_far_it_is(
    place: Place, failing: type[Failing], broken: int
) -> None:
    fill(place, 100)
    failing.broken = frozenset(names(place)[broken:])
    assert roll(place.provisioner(), parallel=1).is_stopped
    assert images(place)[NEW] == broken
    previous = previous_image(place.provisioner().list(), {NEW})
    assert previous == OLD
    assert roll(place.provisioner(), previous).failures == {}
    assert images(place) == {OLD: 100}
    with pytest.raises(FailedError, match="every cloud runs the same image"):
        previous_image(place.provisioner().list(), {NEW})


@pytest.mark.parametrize("broken", [30, 80])
def test_a_rollout_of_another_image_is_never_taken_for_its_way_back(
    place: Place, failing: type[Failing], broken: int
) -> None:
    """The configuration still names the release before."""
    fill(place, 100)
    failing.broken = frozenset(names(place)[broken:])
    assert roll(place.provisioner(), parallel=1).is_stopped
    with pytest.raises(FailedError, match=f"on the way to '{NEW}'"):
        previous_image(place.provisioner().list(), {OLD})


def test_a_platform_that_asks_for_patience_gets_it(place: Place, failing: type[Failing]) -> None:
    fill(place, 1)
    failing.errors[:] = [UnavailableError("busy", hint="again") for _ in range(ATTEMPTS - 1)]
    assert roll(place.provisioner()).updated == 1
    failing.errors[:] = [UnavailableError("busy", hint="again") for _ in range(ATTEMPTS)]
    assert list(roll(place.provisioner(), "release-3").failures.values()) == ["busy"]


def test_refused_credentials_end_it_at_once(place: Place, failing: type[Failing]) -> None:
    fill(place, 50)
    failing.errors[:] = [DeniedError("no", hint="sign in") for _ in range(50)]
    with pytest.raises(DeniedError):
        roll(place.provisioner())
    assert images(place) == {OLD: 50}


def test_a_cloud_that_was_removed_meanwhile_is_skipped(place: Place) -> None:
    fill(place, 20)
    provisioner = place.provisioner()
    victim = names(place)[10]

    def report(progress: Progress) -> None:
        if progress.wave == 2:
            place.open_shard(provisioner.configuration.shards.all[0]).remove(victim)

    shards = provisioner.configuration.shards.all
    limits = Limits(WAVES, per_minute=1e6)
    outcome = Rollout(provisioner, Goal({"a": NEW}), limits, report, sleep=lambda _: None).run(
        provisioner.list(shards)
    )
    assert (outcome.updated, outcome.skipped, outcome.failures) == (19, 1, {})


def test_a_cloud_that_fails_after_its_update_counts(place: Place, failing: type[Failing]) -> None:
    fill(place, 20)

    class Crashing(failing):  # type: ignore[misc,valid-type]
        def find(self, name: str) -> Cloud | None:
            cloud: Cloud | None = super().find(name)
            if cloud is None or cloud.image == OLD or name != names(place)[0]:
                return cloud
            return Cloud(
                cloud.owner, "a", cloud.host, cloud.image, State.FAILED, cloud.settings, "it crashed"
            )

    place.open_shard = lambda shard: Crashing(shard, place.worlds[shard.id])  # type: ignore[method-assign]
    outcome = roll(place.provisioner())
    assert outcome.is_stopped
    assert outcome.failures == {names(place)[0]: "it crashed"}


def test_half_created_and_half_removed_clouds_are_left_alone(place: Place) -> None:
    fill(place, 3)
    first, second, _ = names(place)
    del place.worlds["a"].fronts[first]
    del place.worlds["a"].fronts[second]
    place.worlds["a"].accounts[second].is_removing = True
    outcome = roll(place.provisioner())
    assert (outcome.updated, outcome.skipped) == (1, 2)


def test_settings_are_kept_unless_told_and_the_owner_always(place: Place) -> None:
    fill(place, 2)
    for name, front in place.worlds["a"].fronts.items():
        settings = {**front.settings, "SATCHEL_SHARES": "7"}
        place.worlds["a"].fronts[name] = Cloud(front.owner, "a", front.host, OLD, State.READY, settings)
    roll(place.provisioner())
    assert {front.settings["SATCHEL_SHARES"] for front in place.worlds["a"].fronts.values()} == {"7"}
    assert roll(place.provisioner(), with_settings=True).updated == 2
    found = {front.settings["SATCHEL_OWNER_SUBJECT"] for front in place.worlds["a"].fronts.values()}
    assert found == {"person 0", "person 1"}
    assert not any("SATCHEL_SHARES" in front.settings for front in place.worlds["a"].fronts.values())


def test_a_shard_that_does_not_respond_is_an_error_before_anything_changes(place: Place) -> None:
    fill(place, 20, "ab")
    place.worlds["b"].fault = Fault.UNAVAILABLE
    with pytest.raises(UnavailableError):
        roll(place.provisioner("ab"))
    assert images(place) == {OLD: 20}
