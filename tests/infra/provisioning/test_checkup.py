"""What `doctor` finds."""

import pytest
from tests.contract.platforms.memory import World
from tests.contract.platforms.subject import Fault, Stopper, killable
from tests.infra.provisioning.deployment import KEY, Place, owner_of

from satchel_infra.provisioning.checkup import MAX_EACH, examine

OWNER = owner_of("ada")


@pytest.fixture(autouse=True)
def _key(place: Place) -> None:
    (place.folder / "name.key").write_bytes(KEY)
    (place.folder / "name.key").chmod(0o600)


def findings(place: Place, *generations: str) -> list[str]:
    return [f"{each.level}: {each.what}" for each in examine(place.provisioner(*generations))]


def test_a_deployment_in_order_has_no_finding(place: Place) -> None:
    place.provisioner("ab").provision(OWNER, "ada")
    assert findings(place, "ab") == []


def test_half_created_and_failed_and_half_removed_clouds_are_found(place: Place) -> None:
    for number, step in enumerate([2, 3]):
        with killable():
            place.provisioner().provision(owner_of(f"half {number}"), "x", Stopper(step))
    place.provisioner().provision(OWNER, "ada")
    place.worlds["a"].fronts.pop(OWNER.name)
    place.worlds["a"].accounts[OWNER.name].is_removing = True
    found = findings(place)
    assert sum("is half-created" in each for each in found) == 2
    assert f"error: {OWNER.name} in shard a is being removed without a tombstone" in found


def advice(place: Place, what: str) -> str:
    (hint,) = [each.hint for each in examine(place.provisioner("a", "b")) if what in each.what]
    return hint


@pytest.mark.parametrize(("part", "way"), [("a", "--finish"), ("b", "--undo")])
def test_what_an_interrupted_end_of_a_move_left_is_never_to_be_destroyed(
    place: Place, part: str, way: str
) -> None:
    """`destroy` removes the cloud from both shards."""
    for shard in "ab":
        place.provisioner(shard).provision(OWNER, "ada")
    place.worlds[part].fronts.pop(OWNER.name)
    place.worlds[part].accounts[OWNER.name].is_removing = True
    assert advice(place, "without a tombstone") == f"complete that: satchel-infra move {way} {OWNER.name}"
    assert [each for each in findings(place, "a", "b") if "is also in" in each] == []


def test_the_target_of_a_move_is_never_to_be_destroyed(place: Place) -> None:
    place.provisioner("a").provision(OWNER, "ada")
    with killable():
        place.provisioner("b").provision(OWNER, "ada", Stopper(3))
    hint = advice(place, "half-created")
    assert f"satchel-infra move {OWNER.name} --to b;" in hint
    assert f"satchel-infra move --undo {OWNER.name}" in hint
    assert "destroy" not in hint


def test_no_removal_is_advised_while_a_shard_does_not_respond(place: Place) -> None:
    place.provisioner("a").provision(OWNER, "ada")
    place.worlds["a"].fronts.pop(OWNER.name)
    place.worlds["a"].accounts[OWNER.name].is_removing = True
    assert advice(place, "without a tombstone") == f"run: satchel-infra destroy {OWNER.name} --yes"
    place.worlds["b"] = World(fault=Fault.DENIED)
    assert "once every shard responds" in advice(place, "without a tombstone")


def test_an_unfinished_removal_is_found_once(place: Place) -> None:
    place.provisioner().provision(OWNER, "ada")
    with killable():
        place.provisioner().remove(OWNER, Stopper(2))
    assert findings(place) == [f"warning: the removal of {OWNER.name} is not complete"]
    place.provisioner().remove(OWNER)
    assert findings(place) == []


def test_old_images_and_old_shards_and_doubles_are_found(place: Place) -> None:
    spec = place.provisioner().configuration.spec(
        OWNER, "ada", place.provisioner().configuration.shards.all[0]
    )
    place.open_shard(place.provisioner().configuration.shards.all[0]).ensure(
        type(spec)(spec.owner, spec.host, "release-0", spec.settings)
    )
    place.provisioner("b").provision(OWNER, "ada")
    assert findings(place, "a", "b") == [
        f"warning: {OWNER.name} in shard a is also in shard b",
        "warning: shard a: 1 of 1 clouds run another image",
        "warning: shard a: 1 clouds are in a shard that gets no new ones",
    ]


def test_a_shard_that_does_not_respond_is_found_and_the_others_are_examined(place: Place) -> None:
    place.worlds["a"] = World(fault=Fault.DENIED)
    with killable():
        place.provisioner("b").provision(OWNER, "ada", Stopper(3))
    found = findings(place, "ab")
    assert found[0] == "error: shard a: the platform says denied"
    assert "is half-created" in found[1]


def test_a_key_that_others_may_read_is_found(place: Place) -> None:
    (place.folder / "name.key").chmod(0o644)
    assert "others may use the key" in findings(place)[0]


def test_a_long_list_is_cut(place: Place) -> None:
    for number in range(MAX_EACH + 5):
        with killable():
            place.provisioner().provision(owner_of(f"half {number}"), "x", Stopper(2))
    found = findings(place)
    assert len(found) == MAX_EACH + 1
    assert found[-1] == "warning: shard a: 5 more clouds like these"
