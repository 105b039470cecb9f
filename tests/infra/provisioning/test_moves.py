"""A cloud moves to another shard: at most one of the two can acknowledge, wherever the move is killed."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest
from tests.contract.platforms.memory import MemoryPlatform, World
from tests.contract.platforms.subject import Stopper, killable
from tests.infra.provisioning.deployment import Place, owner_of
from tests.support.killing import kill_at
from tests.unit.moving.conftest import CLOUD
from tests.unit.moving.places import is_open, objects_of

from satchel_infra.errors import ConfigurationError, FailedError, NoSuchCloudError
from satchel_infra.platform import CloudSpec, Report, State, ignore
from satchel_infra.provisioning.clouds import Found, RemovalUnderWayError, RemovedSinceError
from satchel_infra.provisioning.moves import Moves, Stages
from satchel_infra.shards import Shard
from satchel_service.moving import Progress, Stage
from satchel_service.settings import Settings

OWNER: Final = owner_of("ada")
MOST: Final = 60


class Stored(MemoryPlatform):
    """Its clouds have real storages in directories, which a removal deletes."""

    folder: Path

    def prepare(self, spec: CloudSpec, report: Report = ignore) -> Mapping[str, str]:
        super().prepare(spec, report)
        return {"SATCHEL_STORAGE": f"file:{self.storage(spec.name)}"}

    def remove(self, name: str, report: Report = ignore) -> None:
        super().remove(name, report)
        shutil.rmtree(self.storage(name), ignore_errors=True)

    def storage(self, name: str) -> Path:
        return self.folder / "storages" / self.shard.id / name


@pytest.fixture
def moving(place: Place) -> Place:
    """A deployment with a cloud in shard `a` that holds backups and shares."""

    def open_shard(shard: Shard) -> Stored:
        platform = Stored(shard, place.worlds.setdefault(shard.id, World()))
        platform.folder = place.folder
        return platform

    place.open_shard = open_shard  # type: ignore[method-assign]
    place.provisioner("a").provision(OWNER, "ada")
    shutil.copytree(CLOUD, place.folder / "storages/a" / OWNER.name)
    return place


def settings_in(place: Place, shard: str) -> Settings:
    return Settings.read({"SATCHEL_STORAGE": f"file:{place.folder}/storages/{shard}/{OWNER.name}"})


def open_ones(place: Place) -> list[str]:
    """Return the shards whose cloud can acknowledge a change."""
    return [shard for shard in "abc" if is_open(settings_in(place, shard))]


def move(place: Place, *generations: str, report: Report = ignore) -> Found:
    return Moves(place.provisioner(*generations), {}).move(OWNER, report=report)


def test_a_cloud_moves_to_its_new_home_with_everything_in_it(moving: Place) -> None:
    before = objects_of(settings_in(moving, "a"))
    steps: list[str] = []
    found = move(moving, "a", "b", report=steps.append)
    assert (found.shard.id, found.cloud.state) == ("b", State.READY)
    assert found.cloud.settings["SATCHEL_OWNER_SUBJECT"] == "ada"
    assert open_ones(moving) == ["b"]
    assert objects_of(settings_in(moving, "b")) == before
    assert moving.provisioner("a", "b").find(OWNER) == found
    assert moving.provisioner("a", "b").provision(OWNER, "ada") == found
    closing, front = (
        steps.index("closing the old log"),
        max(n for n, step in enumerate(steps) if step == "create the front"),
    )
    assert closing < front


def test_moving_again_changes_nothing(moving: Place) -> None:
    found = move(moving, "a", "b")
    assert move(moving, "a", "b") == found
    Moves(moving.provisioner("a", "b"), {}).finish(OWNER)
    assert move(moving, "a", "b") == found


def test_finishing_removes_the_old_place_alone(moving: Place) -> None:
    found = move(moving, "a", "b")
    assert moving.shards_with(OWNER) == ["a", "b"]
    moves = Moves(moving.provisioner("a", "b"), {})
    moves.finish(OWNER)
    moves.finish(OWNER)
    assert moving.shards_with(OWNER) == ["b"]
    assert not (moving.folder / "storages/a" / OWNER.name).exists()
    assert open_ones(moving) == ["b"]
    assert moving.provisioner("a", "b").find(OWNER) == found


def test_nothing_is_finished_before_the_new_cloud_serves(moving: Place) -> None:
    with killable():
        move(moving, "a", "b", report=Stopper(6))
    with pytest.raises(FailedError, match="does not serve in shard 'b' yet"):
        Moves(moving.provisioner("a", "b"), {}).finish(OWNER)
    assert "a" in moving.shards_with(OWNER)


def test_a_cloud_that_was_never_moved_is_not_removed_by_finishing(moving: Place) -> None:
    """Two clouds of one owner, both in use: the storages refuse."""
    moving.provisioner("b").provision(OWNER, "ada")
    shutil.copytree(CLOUD, moving.folder / "storages/b" / OWNER.name)
    with pytest.raises(FailedError):
        Moves(moving.provisioner("a", "b"), {}).finish(OWNER)
    assert moving.shards_with(OWNER) == ["a", "b"]
    assert open_ones(moving) == ["a", "b"]


def test_undoing_goes_on_at_the_old_place(moving: Place) -> None:
    class Stop(Exception):  # noqa: N818
        pass

    def report(step: str) -> None:
        if step.startswith("verifying"):
            raise Stop

    with pytest.raises(Stop):
        move(moving, "a", "b", report=report)
    assert open_ones(moving) == []
    Moves(moving.provisioner("a", "b"), {}).undo(OWNER)
    assert open_ones(moving) == ["a"]
    assert moving.shards_with(OWNER) == ["a"]
    assert move(moving, "a", "b").shard.id == "b"
    with pytest.raises(FailedError, match="already open"):
        Moves(moving.provisioner("a", "b"), {}).undo(OWNER)
    assert open_ones(moving) == ["b"]


def test_finishing_that_is_killed_at_every_step_is_completed_by_the_next_run(moving: Place) -> None:
    found = move(moving, "a", "b")
    before = objects_of(settings_in(moving, "b"))
    for step in range(1, MOST):
        done = False
        with killable():
            Moves(moving.provisioner("a", "b"), {}).finish(OWNER, report=Stopper(step))
            done = True
        if done:
            break
        assert moving.provisioner("a", "b").find(OWNER) == found
    assert step > 3
    assert moving.shards_with(OWNER) == ["b"]
    assert objects_of(settings_in(moving, "b")) == before


def test_undoing_that_is_killed_at_every_step_is_completed_by_the_next_run(moving: Place) -> None:
    before = objects_of(settings_in(moving, "a"))
    with killable():
        move(moving, "a", "b", report=Stopper(6))
    for step in range(1, MOST):
        done = False
        with killable():
            Moves(moving.provisioner("a", "b"), {}).undo(OWNER, report=Stopper(step))
            done = True
        if done:
            break
        assert "a" in moving.shards_with(OWNER)
    assert step > 3
    assert moving.shards_with(OWNER) == ["a"]
    assert open_ones(moving) == ["a"]
    assert objects_of(settings_in(moving, "a")) == before


def test_finishing_leaves_a_half_removed_storage_alone(moving: Place) -> None:
    """Preparing it again would make an empty one, which is refused as a cloud that never moved."""
    move(moving, "a", "b")
    with killable():
        Moves(moving.provisioner("a", "b"), {}).finish(OWNER, report=Stopper(3))
    shutil.rmtree(moving.folder / "storages/a" / OWNER.name)
    steps: list[str] = []
    Moves(moving.provisioner("a", "b"), {}).finish(OWNER, report=steps.append)
    assert steps == ["remove the front", "remove the store", "remove the account"]
    assert moving.shards_with(OWNER) == ["b"]


def test_erasing_after_a_move_removes_both_places(moving: Place) -> None:
    move(moving, "a", "b")
    moving.provisioner("a", "b").remove(OWNER)
    assert moving.shards_with(OWNER) == []
    assert not list((moving.folder / "storages").glob(f"*/{OWNER.name}"))


class AtStep:
    """Calls `act` before the first step that begins with `step`."""

    def __init__(self, step: str, act: Callable[[], object]) -> None:
        self.step, self.act = step, act
        self.steps: list[str] = []

    def __call__(self, step: str) -> None:
        self.steps.append(step)
        if step.startswith(self.step) and self.step:
            self.step = ""
            self.act()


MOVE_STEPS: Final = (
    "create the store",
    "reserving",
    "copying while",
    "closing",
    "verifying",
    "create the front",
)


@pytest.mark.parametrize("step", MOVE_STEPS)
def test_a_removal_during_a_move_wins_at_both_places(moving: Place, step: str) -> None:
    report = AtStep(step, lambda: moving.provisioner("a", "b").begin_removal(OWNER))
    with pytest.raises(RemovalUnderWayError):
        move(moving, "a", "b", report=report)
    assert not report.step
    assert moving.shards_with(OWNER) == []
    assert not list((moving.folder / "storages").glob(f"*/{OWNER.name}"))


def come_back(place: Place) -> None:
    """Another worker removes the cloud and creates the next one."""
    other = place.provisioner("a", "b")
    other.remove(OWNER)
    assert other.provision(OWNER, "ada").shard.id == "b"
    place.worlds["b"].stores[OWNER.name].append("log")


@pytest.mark.parametrize("step", MOVE_STEPS)
def test_a_move_that_a_removal_overtook_leaves_the_next_cloud_alone(moving: Place, step: str) -> None:
    report = AtStep(step, lambda: come_back(moving))
    with pytest.raises(RemovedSinceError):
        move(moving, "a", "b", report=report)
    assert report.steps[-1].startswith(step)
    assert moving.shards_with(OWNER) == ["b"]
    assert moving.worlds["b"].stores[OWNER.name] == ["log"]


@pytest.mark.parametrize("step", ["continuing the old log", "remove the front"])
def test_undoing_that_a_removal_overtook_leaves_the_next_cloud_alone(moving: Place, step: str) -> None:
    with killable():
        move(moving, "a", "b", report=AtStep("verifying", lambda: Stopper(1)("verifying")))
    report = AtStep(step, lambda: come_back(moving))
    with pytest.raises(RemovedSinceError):
        Moves(moving.provisioner("a", "b"), {}).undo(OWNER, report=report)
    assert report.steps[-1].startswith(step)
    assert moving.shards_with(OWNER) == ["b"]
    assert moving.worlds["b"].stores[OWNER.name] == ["log"]


def test_finishing_stops_at_a_removal(moving: Place) -> None:
    move(moving, "a", "b")
    report = AtStep("remove the front", lambda: come_back(moving))
    with pytest.raises(RemovedSinceError):
        Moves(moving.provisioner("a", "b"), {}).finish(OWNER, report=report)
    assert report.steps == ["remove the front"]
    assert moving.worlds["b"].stores[OWNER.name] == ["log"]


def test_a_long_stage_is_reported_again_every_few_seconds() -> None:
    now_s, steps = [0.0], list[str]()
    stages = Stages(steps.append, lambda: now_s[0])
    for number in range(101):
        stages(Progress(Stage.COPY, number, 100, number * 10, 1000))
        now_s[0] += 0.125
    assert steps == [
        f"copying while the cloud still runs: {number} of 100 objects, {number * 10} of 1000 bytes"
        for number in (0, 24, 48, 72, 96)
    ]
    stages(Progress(Stage.CLOSE))
    assert steps[-1] == "closing the old log"


GENERATIONS: Final = ("a", "b", "c")


def test_a_move_to_a_named_shard_is_finished_without_naming_it_again(moving: Place) -> None:
    """The cloud would be created in shard `c` now, and does not move there."""
    moves = Moves(moving.provisioner(*GENERATIONS), {})
    found = moves.move(OWNER, "b")
    for _ in range(2):
        moves.finish(OWNER)
        assert moving.shards_with(OWNER) == ["b"]
    assert moving.provisioner(*GENERATIONS).find(OWNER) == found
    assert open_ones(moving) == ["b"]


def test_a_move_to_a_named_shard_is_undone_without_naming_it_again(moving: Place) -> None:
    moves = Moves(moving.provisioner(*GENERATIONS), {})
    with killable():
        moves.move(OWNER, "b", AtStep("verifying", lambda: Stopper(1)("verifying")))
    with pytest.raises(FailedError, match="does not serve in shard 'b' yet") as failure:
        moves.finish(OWNER)
    assert failure.value.hint.endswith(f"satchel-infra move {OWNER.name} --to b")
    for _ in range(2):
        moves.undo(OWNER)
        assert moving.shards_with(OWNER) == ["a"]
        assert open_ones(moving) == ["a"]


def test_a_cloud_that_moved_twice_is_finished_from_its_latest_place(moving: Place) -> None:
    moves = Moves(moving.provisioner(*GENERATIONS), {})
    moves.move(OWNER, "b")
    moves.move(OWNER)
    with pytest.raises(FailedError, match="already open"):
        moves.undo(OWNER)
    moves.finish(OWNER)
    assert moving.shards_with(OWNER) == ["a", "c"]
    assert open_ones(moving) == ["c"]


def test_a_shard_that_cannot_have_the_cloud_is_wrong_usage(moving: Place) -> None:
    moves = Moves(moving.provisioner("a", "bc"), {})
    home = moves.provisioner.configuration.shards.home(OWNER).id
    other = "c" if home == "b" else "b"
    for way in (moves.finish, moves.undo):
        with pytest.raises(ConfigurationError, match=f"cannot be in shard '{other}'"):
            way(OWNER, other)


def test_a_cloud_moves_only_to_a_newer_generation(moving: Place) -> None:
    for generations, target, hint in ((("b", "a"), "b", "add a generation"), (("a", "b"), "c", "")):
        with pytest.raises(ConfigurationError) as failure:
            Moves(moving.provisioner(*generations), {}).move(OWNER, target)
        assert hint in failure.value.hint
    assert move(moving, "a").shard.id == "a"
    assert open_ones(moving) == ["a"]
    assert move(moving, "a", "b").shard.id == "b"
    Moves(moving.provisioner("a", "b"), {}).finish(OWNER)
    assert move(moving, "a", "b", "a").shard.id == "a"
    assert open_ones(moving) == ["a"]


def test_what_does_not_exist_or_is_being_removed_does_not_move(moving: Place) -> None:
    with pytest.raises(NoSuchCloudError):
        Moves(moving.provisioner("a", "b"), {}).move(owner_of("eve"))
    moving.provisioner("a").begin_removal(OWNER)
    with pytest.raises(RemovalUnderWayError):
        move(moving, "a", "b")


def test_a_move_that_is_killed_at_every_step_leaves_at_most_one_open_cloud(moving: Place) -> None:
    for step in range(1, MOST):
        is_done = False
        with killable():
            move(moving, "a", "b", report=Stopper(step))
            is_done = True
        assert len(open_ones(moving)) <= 1
        found = moving.provisioner("a", "b").find(OWNER)
        assert found is not None
        assert found.cloud.state is State.READY
        if is_done:
            assert found.shard.id == "b"
            break
    assert open_ones(moving) == ["b"]
    assert objects_of(settings_in(moving, "b")) == objects_of(settings_in(moving, "a"))


@pytest.mark.skipif(sys.platform != "linux", reason="kills at system calls")
@pytest.mark.parametrize("first", [3, 40, 90])
def test_a_move_that_is_killed_at_system_calls_is_completed_by_the_next_run(
    moving: Place, first: int
) -> None:
    """Each run is a process that is killed 60 calls later than the one before."""
    kills = 0
    for call in range(first, 2000, 60):
        child = os.fork()
        if not child:
            kill_at(call)
            move(moving, "a", "b")
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        assert len(open_ones(moving)) <= 1
        if status == 0:
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
        kills += 1
    assert kills
    found = move(moving, "a", "b")
    assert (found.shard.id, open_ones(moving)) == ("b", ["b"])
