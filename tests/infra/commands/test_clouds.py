"""`satchel-infra provision`, `destroy`, `list`, `status`."""

import pytest
from tests.contract.platforms.memory import World
from tests.contract.platforms.subject import Fault, Stopper, killable
from tests.infra.commands.conftest import Operator
from tests.infra.provisioning.deployment import owner_of

from satchel_infra.main import main

SUBJECT = "auth0|5f7c"
OWNER = owner_of(SUBJECT)


def test_a_cloud_by_hand_from_its_creation_to_its_removal(operator: Operator) -> None:
    made = operator.run("provision", "--subject", SUBJECT, "--json").document
    assert made == {
        "name": OWNER.name,
        "url": f"https://{OWNER.name}.{made['shard']}.clouds.example.org",
        "shard": made["shard"],
        "platform": "cloudrun",
        "state": "ready",
        "image": "release-1",
        "detail": "",
    }
    assert made["shard"] in "bc"
    assert operator.run("provision", "--subject", SUBJECT, "--json").document == made
    assert operator.run("list", "--json").document == {"clouds": [made]}
    assert operator.run("list", "--shard", "a", "--json").document == {"clouds": []}
    assert operator.run("list").out == f"ready     {made['url']}  release-1\n"
    one = {"name": OWNER.name, "clouds": [made], "removal": False}
    assert operator.run("status", OWNER.name, "--json").document == one
    assert operator.run("status", "--subject", SUBJECT, "--json").document == one
    counts = [{"shard": made["shard"], "state": "ready", "image": "release-1", "clouds": 1}]
    assert operator.run("status", "--json").document == {"counts": counts}
    done = operator.run("destroy", OWNER.name, "--yes")
    assert "remove the front" in done.err
    assert operator.run("list", "--json").document == {"clouds": []}
    assert operator.place.shards_with(OWNER) == []
    operator.run("status", OWNER.name, code=3)
    operator.run("destroy", "--subject", SUBJECT, "--yes", code=3)


def test_the_address_is_the_one_that_the_cloud_has(operator: Operator) -> None:
    """The domain of the configuration is that of new clouds."""
    made = operator.run("provision", "--subject", SUBJECT, "--json").document
    operator.change('"clouds.example.org"', '"new.example.org"')
    assert operator.run("list", "--json").document == {"clouds": [made]}


def test_nothing_is_removed_without_a_confirmation(operator: Operator) -> None:
    operator.run("provision", "--subject", SUBJECT)
    assert "nothing was removed" in operator.run("destroy", OWNER.name, code=2).err
    assert len(operator.place.shards_with(OWNER)) == 1


def test_an_unfinished_removal_is_shown_and_completed(operator: Operator) -> None:
    operator.run("provision", "--subject", SUBJECT)
    with killable():
        operator.place.provisioner("a", "bc").remove(OWNER, Stopper(2))
    assert "is not complete" in operator.run("status", OWNER.name).out
    refused = operator.run("provision", "--subject", SUBJECT, code=1)
    assert f"hint: complete that first: satchel-infra destroy {OWNER.name}" in refused.err
    operator.run("destroy", OWNER.name, "--yes")
    operator.run("provision", "--subject", SUBJECT)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["provision", "--subject", "x", "--issuer", "https://other.example/"], 2, "sign in at"),
        (["status", "cxyz"], 1, "is not the name of a cloud"),
        (["status", "c" + "a" * 25], 3, "there is no cloud"),
        (["destroy", "--yes"], 2, "name one cloud"),
        (["destroy", "--yes", "c" + "a" * 25, "--subject", "x"], 2, "name one cloud"),
        (["list", "--shard", "z"], 2, "there is no shard 'z'"),
    ],
)
def test_wrong_usage_is_one_line_and_a_hint(
    operator: Operator, words: list[str], code: int, message: str
) -> None:
    lines = operator.run(*words, code=code).err.splitlines()
    assert message in lines[0]
    assert lines[0].startswith("satchel-infra: ")
    assert lines[1].startswith("hint: ")
    assert len(lines) == 2


@pytest.mark.parametrize(("fault", "code"), [(Fault.DENIED, 4), (Fault.UNAVAILABLE, 6), (Fault.QUOTA, 6)])
def test_the_exit_code_says_what_the_platform_answers(operator: Operator, fault: Fault, code: int) -> None:
    for shard in "bc":
        operator.place.worlds[shard] = World(fault=fault)
    operator.run("provision", "--subject", SUBJECT, code=code)


def test_the_environment_names_the_configuration(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["list"]) == 2
    assert "no configuration is named" in capsys.readouterr().err
    monkeypatch.setenv("SATCHEL_INFRA_CONFIG", str(operator.file))
    assert main(["list"]) == 0


def test_a_wrong_configuration_is_one_line_with_exit_code_2(operator: Operator) -> None:
    operator.change('platform = "cloudrun"', 'platform = "moon"')
    assert "platform is 'moon'" in operator.run("list", code=2).err


def test_a_missing_key_is_one_line_with_exit_code_2(operator: Operator) -> None:
    operator.file.with_name("name.key").unlink()
    assert "the key for names cannot be read" in operator.run("provision", "--subject", "x", code=2).err
