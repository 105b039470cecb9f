"""What a cloud has on Google Cloud, and in which order it comes and goes."""

from typing import Final

import pytest
from tests.contract.platforms.cloudrun import CloudRunSubject
from tests.contract.platforms.subject import owner_of
from tests.support.google.world import OBJECT_USER, PROJECT, StoredBucket

from satchel_infra.errors import FailedError, OwnerMismatchError
from satchel_infra.platform import State
from satchel_infra.shards import Shard

OWNER: Final = owner_of("one")
NAME: Final = OWNER.name
BUCKET: Final = f"{PROJECT}-{NAME}"
EMAIL: Final = f"{NAME}@{PROJECT}.iam.gserviceaccount.com"
WRITES: Final = ("create", "set_policy", "patch", "update", "delete", "batch")


def writes(subject: CloudRunSubject) -> list[str]:
    return [method for method in subject.world.log if method.partition(".")[2] in WRITES]


def test_the_service_comes_last(subject: CloudRunSubject) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    assert writes(subject) == ["iam.create", "storage.create", "storage.set_policy", "run.create"]


def test_access_goes_first_and_the_account_last(subject: CloudRunSubject) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    subject.store_data(NAME)
    subject.world.log.clear()
    subject.platform().remove(NAME)
    assert writes(subject) == [
        "iam.patch",
        "run.delete",
        "storage.set_policy",
        "storage.batch",
        "storage.delete",
        "iam.delete",
    ]


def test_a_bucket_is_private_and_erases_at_once(subject: CloudRunSubject) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    resource = subject.world.buckets[BUCKET].resource
    assert resource["iamConfiguration"] == {
        "uniformBucketLevelAccess": {"enabled": True},
        "publicAccessPrevention": "enforced",
    }
    assert int(resource["softDeletePolicy"]["retentionDurationSeconds"]) == 0
    assert resource["location"].lower() == "europe-west1"
    assert resource["labels"]["satchel-owner"] == OWNER.tag


def test_nobody_but_the_account_may_use_a_bucket(subject: CloudRunSubject) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    assert subject.world.buckets[BUCKET].policy["bindings"] == [
        {"role": OBJECT_USER, "members": [f"serviceAccount:{EMAIL}"]}
    ]


def test_an_account_may_use_and_list_its_own_prefix_only(shared: CloudRunSubject) -> None:
    other = owner_of("other")
    for owner in (OWNER, other):
        shared.platform().ensure(shared.spec(owner))
    bindings = shared.world.buckets["clouds-1-s1"].policy["bindings"]
    conditions = {one["members"][0]: one["condition"]["expression"] for one in bindings}
    assert conditions[f"serviceAccount:{EMAIL}"] == (
        f'resource.name.startsWith("projects/_/buckets/clouds-1-s1/objects/{NAME}/") ||'
        f' api.getAttribute("storage.googleapis.com/objectListPrefix", "").startsWith("{NAME}/")'
    )
    assert len(bindings) == 2
    assert all(other.name not in text for member, text in conditions.items() if NAME in member)


def test_every_object_of_a_large_cloud_is_deleted_in_batches(subject: CloudRunSubject) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    objects = subject.world.buckets[BUCKET].objects
    for number in range(2500):
        objects[f".uploads/{number % 7}/part-{number}"] = subject.world.generation()
    subject.world.page = 1000
    subject.platform().remove(NAME)
    assert subject.remains(NAME) == []
    assert subject.world.count()["storage.batch"] == 25


def test_a_removal_takes_only_its_own_prefix(shared: CloudRunSubject) -> None:
    other = owner_of("other")
    for owner in (OWNER, other):
        shared.platform().ensure(shared.spec(owner))
        shared.store_data(owner.name)
    shared.platform().remove(NAME)
    assert list(shared.world.buckets["clouds-1-s1"].objects) == [f"{other.name}/log/0001"]


def test_a_bucket_that_fills_up_again_is_emptied_again(subject: CloudRunSubject) -> None:
    """An instance that is about to end may write once more after the objects were listed."""
    subject.platform().ensure(subject.spec(OWNER))
    held = subject.world.buckets[BUCKET]
    left = [3]

    class Filling(dict[str, int]):
        def __bool__(self) -> bool:  # the fake looks here when the bucket is deleted
            if left[0]:
                left[0] -= 1
                self[f"late/{left[0]}"] = subject.world.generation()
            return len(self) > 0

    held.objects = Filling()
    subject.platform().remove(NAME)
    assert subject.remains(NAME) == []
    assert left == [0]


def test_a_name_of_a_bucket_that_belongs_to_a_stranger_is_never_used(subject: CloudRunSubject) -> None:
    subject.world.foreign_buckets.add(BUCKET)
    with pytest.raises(FailedError, match="is taken, and not by this project"):
        subject.platform().ensure(subject.spec(OWNER))
    cloud = subject.platform().find(NAME)
    assert cloud is not None
    assert cloud.state is State.CREATING
    assert not subject.world.services
    subject.platform().remove(NAME)
    assert subject.remains(NAME) == []


def test_a_bucket_of_the_project_that_is_no_clouds_is_left_alone(subject: CloudRunSubject) -> None:
    policy = {"version": 1, "etag": "", "bindings": []}
    held = StoredBucket({"name": BUCKET, "labels": {"team": "web"}}, policy, {"index.html": 1})
    subject.world.buckets[BUCKET] = held
    with pytest.raises(OwnerMismatchError, match=BUCKET):
        subject.platform().ensure(subject.spec(OWNER))
    subject.platform().remove(NAME)
    assert subject.world.buckets == {BUCKET: held}
    assert (held.policy, held.objects) == (policy, {"index.html": 1})


def test_labels_of_the_operator_do_not_hide_the_data_of_a_cloud(subject: CloudRunSubject) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    subject.store_data(NAME)
    subject.world.buckets[BUCKET].resource["labels"]["cost-center"] = "7"
    subject.world.services[NAME]["labels"]["cost-center"] = "7"
    subject.platform().remove(NAME)
    assert subject.remains(NAME) == []


def test_a_missing_bucket_of_the_shard_is_named(shared: CloudRunSubject) -> None:
    del shared.world.buckets["clouds-1-s1"]
    with pytest.raises(FailedError, match="there is no bucket 'clouds-1-s1'"):
        shared.platform().ensure(shared.spec(OWNER))


def test_an_account_of_the_same_name_that_is_no_clouds_is_left_alone(subject: CloudRunSubject) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    subject.world.accounts[EMAIL].description = "somebody's own"
    del subject.world.services[NAME]
    with pytest.raises(OwnerMismatchError):
        subject.platform().ensure(subject.spec(OWNER))
    with pytest.raises(OwnerMismatchError):
        subject.platform().remove(NAME)
    assert EMAIL in subject.world.accounts


def test_services_and_accounts_of_others_in_the_project_are_not_listed(subject: CloudRunSubject) -> None:
    cloud = subject.platform().ensure(subject.spec(OWNER))
    other = subject.world.services[NAME] | {"labels": {}, "name": "projects/p/locations/r/services/website"}
    subject.world.services["website"] = other
    account = subject.world.accounts[EMAIL]
    subject.world.accounts["website@x"] = type(account)("website@x", "1", "website", "the website")
    assert list(subject.platform().list()) == [cloud]


def test_a_cloud_of_another_shard_in_the_same_project_is_not_taken(subject: CloudRunSubject) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    subject.world.accounts[EMAIL].description = subject.world.accounts[EMAIL].description.replace("s1", "s2")
    del subject.world.services[NAME]
    del subject.world.buckets[BUCKET]
    assert subject.platform().find(NAME) is None
    with pytest.raises(FailedError, match="in the shard 's2' of the same project"):
        subject.platform().ensure(subject.spec(OWNER))


def test_a_bucket_whose_account_was_deleted_by_hand_is_listed_and_removed(subject: CloudRunSubject) -> None:
    subject.platform().ensure(subject.spec(OWNER))
    subject.store_data(NAME)
    subject.world.accounts.clear()
    subject.world.services.clear()
    cloud = subject.platform().find(NAME)
    assert cloud is not None
    assert (cloud.owner, cloud.state) == (OWNER, State.REMOVING)
    assert list(subject.platform().list()) == [cloud]
    subject.platform().remove(NAME)
    assert subject.remains(NAME) == []


def test_a_cloud_that_lost_a_part_is_repaired(subject: CloudRunSubject) -> None:
    before = subject.platform().ensure(subject.spec(OWNER))
    del subject.world.buckets[BUCKET]
    assert subject.platform().ensure(subject.spec(OWNER)) == before
    assert subject.world.buckets[BUCKET].policy["bindings"][0]["members"] == [f"serviceAccount:{EMAIL}"]


def test_a_returning_owner_gets_access_that_the_deleted_account_had(shared: CloudRunSubject) -> None:
    """IAM keeps a binding of a deleted account under another name; an account of the same name does not inherit it."""
    shared.platform().ensure(shared.spec(OWNER))
    shared.world.services.clear()
    account = shared.world.accounts.pop(EMAIL)
    bindings = shared.world.buckets["clouds-1-s1"].policy["bindings"]
    bindings[0]["members"] = [f"deleted:serviceAccount:{EMAIL}?uid={account.uid}"]
    shared.platform().ensure(shared.spec(OWNER))
    after = shared.world.buckets["clouds-1-s1"].policy["bindings"]
    assert [one["members"] for one in after] == [[f"serviceAccount:{EMAIL}"]]


@pytest.mark.parametrize("storage", ["subject", "shared"])
def test_a_shard_leaves_the_clouds_of_another_in_the_same_region_alone(
    storage: str, request: pytest.FixtureRequest
) -> None:
    subject: CloudRunSubject = request.getfixturevalue(storage)
    spec = subject.spec(OWNER)
    cloud = subject.platform().ensure(spec)
    subject.store_data(NAME)
    before = subject.remains(NAME)
    first, subject.shard = subject.shard, Shard("s2", subject.shard.place)
    other = subject.platform()
    assert other.find(NAME) is None
    assert list(other.list()) == []
    other.remove(NAME)
    for call in (other.ensure, other.update, other.prepare):
        with pytest.raises(FailedError, match="in the shard 's1' of the same project"):
            call(spec)
    subject.shard = first
    assert subject.platform().find(NAME) == cloud
    assert subject.remains(NAME) == before
