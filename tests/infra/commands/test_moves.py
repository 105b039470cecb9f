"""`satchel-infra move`."""

import pytest
from tests.infra.commands.conftest import Operator
from tests.infra.provisioning.deployment import owner_of

SUBJECT = "auth0|5f7c"
OWNER = owner_of(SUBJECT)


def test_a_cloud_that_is_where_it_shall_be_stays(operator: Operator) -> None:
    made = operator.run("provision", "--subject", SUBJECT, "--json").document
    assert operator.run("move", OWNER.name, "--json").document == made
    for option in ("--finish", "--undo"):
        assert operator.run("move", "--subject", SUBJECT, option, "--json").document == made


def test_a_shard_that_it_cannot_move_to_is_wrong_usage(operator: Operator) -> None:
    operator.run("provision", "--subject", SUBJECT)
    refused = operator.run("move", OWNER.name, "--to", "a", code=2).err
    assert f"the cloud '{OWNER.name}'" in refused
    assert "hint: add a generation of shards first" in refused


def test_storages_that_cannot_be_used_are_one_line(operator: Operator) -> None:
    """The platform in memory has no storage."""
    operator.run("provision", "--subject", SUBJECT)
    operator.file.write_text(operator.file.read_text() + '[[generations]]\nshards = [{ id = "d" }]\n')
    failed = operator.run("move", OWNER.name, code=1)
    assert "the old storage holds no cloud" in failed.err
    assert failed.err.splitlines()[-1].startswith("hint: ")


@pytest.mark.parametrize("words", [[], ["--finish", "--undo", "x"]])
def test_wrong_usage(operator: Operator, words: list[str]) -> None:
    if "--undo" in words:
        with pytest.raises(SystemExit, match="2"):
            operator.run("move", *words)
    else:
        operator.run("move", *words, code=2)
