"""`satchel-infra rollout` and `doctor`."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.contract.platforms.memory import MemoryPlatform
from tests.infra.commands.conftest import Operator

from satchel_infra.platform import Cloud

FAST = ("--per-minute", "1000000")


def make(operator: Operator, count: int = 5) -> None:
    for number in range(count):
        operator.run("provision", "--subject", f"person {number}")


def test_a_rollout_and_the_way_back(operator: Operator) -> None:
    make(operator)
    done = operator.run("rollout", "release-2", *FAST, "--json")
    expected = {"clouds": 5, "updated": 5, "already": 0, "skipped": 0, "stopped": False, "failed": []}
    assert done.document == {"images": dict.fromkeys("bca", "release-2"), **expected}
    assert "wave 1 of 2: 1/1" in done.err
    assert "new clouds get the image that" in done.err
    assert "which is another one" in operator.run("rollout", "release-2", *FAST).err
    back = operator.run("rollout", *FAST)
    assert back.out == "5 updated, 0 already had it, 0 skipped, 0 failed, of 5 clouds\n"
    assert "another one" not in back.err


def test_a_release_that_does_not_start_stops_and_says_how_to_go_back(operator: Operator) -> None:
    make(operator)
    stopped = operator.run("rollout", "broken", *FAST, code=1)
    assert "0 updated, 0 already had it, 0 skipped, 1 failed, of 5 clouds" in stopped.out
    assert "to go back: satchel-infra rollout release-1" in stopped.err


def test_to_previous_goes_back_past_half_and_lists_each_shard_once(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(operator)
    worlds = operator.place.worlds
    fronts = {name: world.fronts for world in worlds.values() for name in world.fronts}
    for name in sorted(fronts)[:4]:
        fronts[name][name] = replace(fronts[name][name], image="release-2")
    refused = operator.run("rollout", "--to-previous", *FAST, code=1).err
    assert (
        "hint: to go back, run satchel-infra rollout; to continue, run satchel-infra rollout release-2"
        in refused
    )
    operator.change("release-1", "release-2")
    listed: list[str] = []
    list_clouds = MemoryPlatform.list

    def count(platform: MemoryPlatform) -> Iterator[Cloud]:
        listed.append(platform.shard.id)
        return list_clouds(platform)

    monkeypatch.setattr(MemoryPlatform, "list", count)
    operator.run("rollout", "--to-previous", *FAST)
    assert sorted(listed) == ["a", "b", "c"]
    counts = operator.run("status", "--json").document["counts"]
    assert {row["image"] for row in counts} == {"release-1"}


@pytest.mark.parametrize(
    "words",
    [
        ["--waves", "x"],
        ["--parallel", "0"],
        ["--per-minute", "0"],
        ["--per-minute", "nan"],
        ["--max-failures", "-1"],
        ["release-2", "--to-previous"],
        ["--shard", "z"],
    ],
)
def test_wrong_usage_changes_nothing(operator: Operator, words: list[str]) -> None:
    make(operator, 1)
    operator.run("rollout", *words, code=2)


def test_one_image_does_not_fit_two_platforms(operator: Operator) -> None:
    operator.change('{ id = "c" }', '{ id = "c", platform = "knative" }')
    operator.change("[settings]", '[platforms.knative]\nimage = "k"\n[settings]')
    assert "several platforms: cloudrun, knative" in operator.run("rollout", "x", code=2).err
    operator.run("rollout", "x", "--shard", "a", "--shard", "b", *FAST)


def test_doctor_says_what_to_do(operator: Operator) -> None:
    make(operator, 1)
    assert operator.run("doctor").err == "nothing to look at\n"
    operator.change("release-1", "release-2")
    found = operator.run("doctor", "--json").document["findings"]
    assert [each["hint"] for each in found] == ["run: satchel-infra rollout"]
    operator.file.with_name("name.key").chmod(0o666)
    assert "chmod 600" in operator.run("doctor", code=1).out
