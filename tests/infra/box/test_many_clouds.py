"""A machine with more than a thousand clouds: the counts are right, and the work for each cloud stays the same."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pytest
from tests.infra.provisioning.deployment import KEY, Place, configuration_of, owner_of

from satchel_infra.box.box import Box
from satchel_infra.box.layout import socket_unit
from satchel_infra.box.records import Record
from satchel_infra.box.registry import Registry, Stage
from satchel_infra.box.systemd import Systemd
from satchel_infra.configuration import Deployment
from satchel_infra.platform import State
from satchel_infra.provisioning.checkup import MAX_EACH, examine
from satchel_infra.provisioning.clouds import Provisioner
from satchel_infra.provisioning.rollout import Goal, Limits, Rollout
from satchel_infra.provisioning.waves import parse_waves
from satchel_infra.shards import Shard

CLOUDS: Final = 1500
HALF: Final = 150  # of them are half-created
REMOVING: Final = 3  # of them are half-removed
OLD: Final = "/opt/satchel/releases/1"
NEW: Final = "/opt/satchel/releases/2"


@dataclass(frozen=True)
class CountedSystemd(Systemd):
    """Units in memory, and how often each command was run."""

    active: set[str] = field(default_factory=set)
    commands: Counter[str] = field(default_factory=Counter)

    def _run(self, *arguments: str) -> str:
        verb, *units = arguments
        self.commands[verb] += 1
        if verb == "start":
            self.active.update(units)
        elif verb == "stop":
            self.active.difference_update(units)
        elif verb == "show":
            named = units[units.index("--") + 1 :]
            shown = self.active if socket_unit("*") in named else self.active.intersection(named)
            return "\n\n".join(f"Id={unit}\nActiveState=active" for unit in sorted(shown))
        return ""


class CountedRegistry(Registry):
    """Counts the records that are read."""

    reads = 0

    def _read(self, name: str, stage: Stage) -> Record | None:
        self.reads += 1
        return super()._read(name, stage)


@dataclass
class Machine:
    """A machine and its operator."""

    box: Box
    registry: CountedRegistry
    systemd: CountedSystemd
    provisioner: Provisioner

    def forget_counts(self) -> None:
        self.registry.reads = 0
        self.systemd.commands.clear()


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("machine")
    (folder / "name.key").write_bytes(KEY)
    (folder / "name.key").chmod(0o600)
    registry, systemd = CountedRegistry(folder / "clouds", lock_s=10.0), CountedSystemd(10.0)
    box = Box(Shard("a"), registry, systemd, folder / "sockets", folder / "state", 10.0, CLOUDS)
    configuration = replace(configuration_of(folder, ["a"]), deployments={"a": Deployment("box", OLD, {})})
    place = Place(folder)
    provisioner = Provisioner(configuration, lambda _: box, place.records(), place.clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        patch.setattr("satchel_infra.box.box.is_ready", lambda *_: True)
        fill(folder, provisioner, registry, systemd)
        yield Machine(box, registry, systemd, provisioner)


def fill(folder: Path, provisioner: Provisioner, registry: Registry, systemd: CountedSystemd) -> None:
    """Register clouds, some of which are half-created or half-removed."""
    (folder / "sockets").mkdir()
    registry.prepare()
    for number in range(CLOUDS):
        owner = owner_of(f"person {number}")
        record = Record.of(provisioner.configuration.spec(owner, f"person {number}", Shard("a")))
        registry.write(owner.name, replace(record, is_complete=number >= HALF))
        systemd.active.add(socket_unit(owner.name))
        if number >= CLOUDS - REMOVING:
            registry.begin_removal(owner.name)


def test_every_cloud_is_listed_once_with_one_question_to_systemd(machine: Machine) -> None:
    machine.forget_counts()
    found = [each.cloud for each in machine.provisioner.list()]
    assert [cloud.name for cloud in found] == sorted({cloud.name for cloud in found})
    assert Counter(cloud.state for cloud in found) == {
        State.READY: CLOUDS - HALF - REMOVING,
        State.CREATING: HALF,
        State.REMOVING: REMOVING,
    }
    assert machine.systemd.commands == {"show": 1}
    assert machine.registry.reads <= CLOUDS + REMOVING


def test_doctor_counts_them_and_looks_only_at_those_that_it_shows(machine: Machine) -> None:
    machine.forget_counts()
    outdated = replace(machine.provisioner.configuration, deployments={"a": Deployment("box", NEW, {})})
    said = [finding.what for finding in examine(replace(machine.provisioner, configuration=outdated))]
    assert len(said) == MAX_EACH + 2
    assert said[MAX_EACH:] == [
        f"shard a: {HALF + REMOVING - MAX_EACH} more clouds like these",
        f"shard a: {CLOUDS - HALF - REMOVING} of {CLOUDS} clouds run another image",
    ]
    assert machine.systemd.commands["show"] <= 1 + MAX_EACH
    assert machine.registry.reads <= CLOUDS + REMOVING + 2 * MAX_EACH


def test_a_rollout_reaches_every_complete_cloud_with_the_same_work_for_each(machine: Machine) -> None:
    machine.forget_counts()
    whole = CLOUDS - HALF - REMOVING
    limits = Limits(parse_waves("1,1%,10%,100%"), per_minute=1e9)
    rollout = Rollout(machine.provisioner, Goal({"a": NEW}), limits, lambda _: None, sleep=lambda _: None)
    outcome = rollout.run(machine.provisioner.list())
    assert (outcome.total, outcome.updated, outcome.failures) == (CLOUDS, whole, {})
    assert outcome.skipped == HALF + REMOVING
    assert Counter(found.cloud.image for found in machine.provisioner.list()) == {
        NEW: whole,
        OLD: HALF + REMOVING,
    }
    assert machine.systemd.commands.total() < 15 * CLOUDS
    assert machine.registry.reads < 10 * CLOUDS
