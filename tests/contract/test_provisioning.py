"""The provisioner over each platform: one cloud for an account, tombstones, rollouts, whatever is killed."""

import os
from pathlib import Path

import pytest
from tests.contract.platforms.subject import DOMAIN, Stopper, Subject, killable, owner_of

from satchel_infra.configuration import Access, Configuration, Deployment
from satchel_infra.platform import State
from satchel_infra.provisioning.clouds import Provisioner, RemovalUnderWayError
from satchel_infra.provisioning.records import Records
from satchel_infra.provisioning.rollout import Goal, Limits, Rollout
from satchel_infra.provisioning.waves import parse_waves
from satchel_infra.shards import Shards

MOST = 60
NOW = 1_800_000_000_000
OWNER = owner_of("one")


class Operator:
    """Starts provisioners over the shard of a subject."""

    def __init__(self, subject: Subject, folder: Path) -> None:
        self.subject = subject
        self.location = f"file:{folder}/records"
        shard = subject.platform().shard
        settings = {
            name: value for name, value in subject.settings().items() if name != "SATCHEL_OWNER_SUBJECT"
        }
        self.configuration = Configuration(
            file="infra.toml",
            domain=DOMAIN,
            records=self.location,
            name_key_file=folder / "name.key",
            settings=settings,
            shards=Shards(((shard,),)),
            deployments={shard.id: Deployment("box", subject.image(), {})},
            access=Access(),
        )

    def start(self) -> Provisioner:
        """Return a provisioner as a new process would have it."""
        records = Records.open(self.location, {}, os.urandom)
        return Provisioner(self.configuration, lambda _: self.subject.platform(), records, lambda: NOW)


@pytest.fixture
def operator(subject: Subject, tmp_path: Path) -> Operator:
    return Operator(subject, tmp_path)


def test_a_creation_that_is_killed_at_every_step_gives_one_cloud_in_the_end(operator: Operator) -> None:
    found = None
    for step in range(1, MOST):
        with killable():
            found = operator.start().provision(OWNER, "one", Stopper(step))
        if found is not None:
            break
    assert found is not None
    assert operator.start().provision(OWNER, "one") == found
    assert [each.cloud for each in operator.start().list()] == [found.cloud]
    assert found.cloud.settings["SATCHEL_OWNER_SUBJECT"] == "one"


def test_a_removal_that_is_killed_at_every_step_leaves_nothing_and_the_account_comes_back(
    operator: Operator,
) -> None:
    subject = operator.subject
    operator.start().provision(OWNER, "one")
    fresh = len(subject.remains(OWNER.name))
    subject.store_data(OWNER.name)
    is_done = False
    for step in range(1, MOST):
        with killable():
            operator.start().remove(OWNER, Stopper(step))
            is_done = True
        if is_done:
            break
        with pytest.raises(RemovalUnderWayError):
            operator.start().provision(OWNER, "one")
    assert is_done
    assert subject.remains(OWNER.name) == []
    assert operator.start().provision(OWNER, "one").cloud.state is State.READY
    assert len(subject.remains(OWNER.name)) == fresh


def test_a_rollout_and_the_way_back(operator: Operator) -> None:
    owners = [owner_of(f"person {number}") for number in range(2)]
    for owner in owners:
        operator.start().provision(owner, "someone")
        operator.subject.store_data(owner.name)
    before = [operator.subject.remains(owner.name) for owner in owners]
    for image, expected in (
        (operator.subject.image(2), 2),
        (operator.subject.broken_image(), 0),
        (operator.subject.image(), 2),
    ):
        provisioner = operator.start()
        shards = provisioner.configuration.shards.all
        limits = Limits(parse_waves("1,100%"), per_minute=1e6)
        outcome = Rollout(provisioner, Goal({shards[0].id: image}), limits, lambda _: None).run(
            provisioner.list(shards)
        )
        assert (outcome.updated, outcome.is_stopped) == (expected, not expected)
    assert {found.cloud.image for found in operator.start().list()} == {operator.subject.image()}
    assert [operator.subject.remains(owner.name) for owner in owners] == before
