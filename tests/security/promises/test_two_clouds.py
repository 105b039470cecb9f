"""Two clouds on one machine: a credential, an id or an object of one is worth nothing at the other."""

from tests.security.promises.conftest import Owner
from tests.support.gcs_fake import GcsFake
from tests.support.s3_servers import S3Server

from satchel_service.storage import BlobKey


def test_a_token_of_one_cloud_is_unknown_to_the_other(owners: tuple[Owner, Owner]) -> None:
    first, second = owners
    second.stranger.token = first.device.token
    answer = second.stranger.call("GET", "/v1/devices")
    assert (answer.status, answer.problem) == (401, "not-signed-in")
    assert first.device.call("GET", "/v1/devices").status == 200


def test_a_code_of_one_cloud_is_wrong_at_the_other(owners: tuple[Owner, Owner]) -> None:
    first, second = owners
    code = first.device.call("POST", "/v1/pairings").json()["code"]
    assert second.stranger.pair(code).problem == "wrong-code"
    assert second.stranger.pair(first.service.new_pairing_code()).problem == "wrong-code"
    assert first.stranger.pair(code).status == 201


def test_ids_of_one_cloud_are_unknown_to_the_other(owners: tuple[Owner, Owner]) -> None:
    first, second = owners
    backup, share, unknown = first.device.backup(), first.device.share(), first.device.new_id()
    for path in (
        "/v1/backups/{}",
        "/v1/archives/{}",
        "/v1/uploads/{}",
        "/v1/shares/{}",
        "/v1/shares/{}/info",
    ):
        answers = [second.device.call("GET", path.format(each)) for each in (backup, share, unknown)]
        assert [answer.problem for answer in answers] == ["not-found"] * 3, path
    assert second.stranger.open(share).problem == "not-found"
    assert first.stranger.open(share).status == 200


def test_two_clouds_in_one_bucket_share_no_object(bucket: GcsFake | S3Server) -> None:
    """The prefix of one is the beginning of the other's."""
    short, long = bucket.storage("cloud/alice/"), bucket.storage("cloud/alice2/")
    for storage in (short, long):
        storage.prepare()
    key = BlobKey("archives/one")
    long.create(key, b"of the other owner")
    assert list(short.list("")) == []
    short.create(key, b"of this owner")
    assert (short.read(key), long.read(key)) == (b"of this owner", b"of the other owner")
    short.delete(key)
    assert long.read(key) == b"of the other owner"
    short.close()
    long.close()
