"""The guide's permissions are sufficient and necessary, and real servers accept its lifecycle rules."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.s3_servers import S3Server

from satchel_service.storage import AlreadyExistsError, NotFoundError, PartPlan, StorageError, blob_key
from satchel_service.storage.checks import run_checks
from satchel_service.storage.s3 import S3Storage

GUIDE = (Path(__file__).resolve().parents[3] / "docs/guides/storage.md").read_text()
PREFIX = "clouds/anna/"
KEY = blob_key("archives/one")
PLAN = PartPlan(10, 5 * 1024 * 1024)


def block(name: str) -> Any:  # noqa: ANN401  JSON
    """A JSON block from the guide."""
    found = re.search(rf"```json {name}\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def policy_for(bucket: str, principal: str, *, without: str = "") -> str:
    """The guide's permissions as a bucket policy for one user, in radosgw's form."""
    policy = json.loads(json.dumps(block("iam-policy")).replace("my-bucket", bucket))
    for statement in policy["Statement"]:
        statement["Principal"] = {"AWS": [f"arn:aws:iam:::user/{principal}"]}
        statement["Action"] = [action for action in statement["Action"] if action != without]
    return json.dumps(policy)


@pytest.fixture
def stranger(radosgw: S3Server) -> S3Server:
    """A user of the server without a bucket."""
    listed = subprocess.run(
        ["docker", "ps", "--filter", f"publish={radosgw.endpoint.rpartition(':')[2]}", "--quiet"],
        capture_output=True,
        text=True,
        check=True,
    )
    name = f"limited-{os.urandom(4).hex()}"
    command = ["radosgw-admin", "user", "create", f"--uid={name}", f"--display-name={name}"]
    command += [f"--access-key={name}", "--secret=SECRETEXAMPLE0002"]
    subprocess.run(["docker", "exec", listed.stdout.strip(), *command], capture_output=True, check=True)
    return replace(radosgw, access_key=name, secret_key="SECRETEXAMPLE0002")


@pytest.fixture
def allowed(radosgw: S3Server, stranger: S3Server) -> Iterator[S3Storage]:
    """That user's store in a bucket that grants the guide's permissions."""
    owner = radosgw.client()
    owner.create_bucket(Bucket=stranger.access_key)
    owner.put_bucket_policy(
        Bucket=stranger.access_key, Policy=policy_for(stranger.access_key, stranger.access_key)
    )
    storage = replace(stranger, bucket=stranger.access_key).storage(PREFIX)
    yield storage
    storage.close()


def use(storage: S3Storage) -> None:
    """Make every kind of request that a service makes."""
    storage.check()
    with pytest.raises(NotFoundError):
        storage.read(KEY)
    with pytest.raises(NotFoundError):
        storage.size(KEY)
    storage.create(KEY, b"data")
    with pytest.raises(AlreadyExistsError):
        storage.create(KEY, b"data")
    storage.replace(KEY, b"more")
    assert storage.read(KEY, 1, 2) == b"or"
    assert [info.key for info in storage.list("archives/")] == [KEY]
    storage.delete(KEY)
    token = storage.begin_upload(KEY, PLAN)
    assert [upload.token for upload in storage.uploads()] == [token]
    (part,) = PLAN.parts()
    sink = storage.part_sink(KEY, token, part)
    sink.write(bytes(10))
    sink.finish()
    storage.complete_upload(KEY, token, PLAN)
    storage.abort_upload(KEY, storage.begin_upload(KEY, PLAN))
    storage.delete(KEY)


@pytest.mark.tool("docker")
def test_the_guide_s_permissions_are_enough(allowed: S3Storage) -> None:
    use(allowed)
    assert [outcome for outcome in run_checks(allowed) if outcome.problem] == []


OF_OWNERS = {
    "s3:GetObject",
    "s3:ListMultipartUploadParts",
}  # radosgw grants these to the creator of an object anyway
NEEDED = [action for statement in block("iam-policy")["Statement"] for action in statement["Action"]]


@pytest.mark.tool("docker")
@pytest.mark.parametrize("action", [action for action in NEEDED if action not in OF_OWNERS])
def test_each_of_the_guide_s_permissions_is_needed(
    radosgw: S3Server, allowed: S3Storage, stranger: S3Server, action: str
) -> None:
    narrower = policy_for(stranger.access_key, stranger.access_key, without=action)
    radosgw.client().put_bucket_policy(Bucket=stranger.access_key, Policy=narrower)
    with pytest.raises(StorageError):
        use(allowed)


@pytest.mark.tool("docker")
def test_the_guide_s_permissions_end_at_the_prefix(allowed: S3Storage, stranger: S3Server) -> None:
    neighbour = replace(stranger, bucket=stranger.access_key).storage("clouds/berta/")
    with pytest.raises(StorageError, match="403"):
        neighbour.create(KEY, b"x")
    neighbour.close()


def test_moto_accepts_the_guide_s_lifecycle(moto_server: S3Server) -> None:
    set_lifecycle(moto_server)


@pytest.mark.tool("docker")
def test_radosgw_accepts_the_guide_s_lifecycle(radosgw: S3Server) -> None:
    set_lifecycle(radosgw)


def set_lifecycle(server: S3Server) -> None:
    """Set the rules and read them back."""
    client, bucket = server.client(), f"rules-{os.urandom(4).hex()}"
    client.create_bucket(Bucket=bucket)
    client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=block("s3-lifecycle"))
    rules = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert {rule["ID"] for rule in rules} == {"satchel-unfinished-uploads", "satchel-pairing-codes"}
    unfinished = next(rule for rule in rules if rule["ID"] == "satchel-unfinished-uploads")
    assert "Expiration" not in unfinished


@pytest.mark.parametrize("name", ["s3-lifecycle", "gcs-lifecycle"])
def test_no_rule_of_the_guide_deletes_objects_a_cloud_needs(name: str) -> None:
    text = json.dumps(block(name))
    assert not re.search(r"anna/(archives|shares|log|snapshots|probe)", text)
    deleting = [rule for rule in block("s3-lifecycle")["Rules"] if "Expiration" in rule]
    assert [rule["Filter"]["Prefix"] for rule in deleting] == [f"{PREFIX}pairings/"]
    prefixes = [p for rule in block("gcs-lifecycle")["rule"] for p in rule["condition"]["matchesPrefix"]]
    assert prefixes == [f"{PREFIX}.uploads/", f"{PREFIX}pairings/"]
