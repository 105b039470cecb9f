"""A server that verifies signatures accepts exactly the signed requests."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3
from tests.support.s3_servers import S3Server

from satchel_service.storage import NotFoundError, PartPlan, StorageError, TransientError, blob_key
from satchel_service.storage.s3 import S3Storage

pytestmark = pytest.mark.tool("docker")

KEY = blob_key("archives/one")
PART_BYTES = 5 * 1024 * 1024
PLAN = PartPlan(PART_BYTES + 10, PART_BYTES)
FIRST, LAST = PLAN.parts()


@pytest.fixture
def storage(radosgw: S3Server) -> Iterator[S3Storage]:
    made = radosgw.storage()
    yield made
    made.close()


def put(url: str, body: bytes) -> int:
    return urllib3.request("PUT", url, body=body, retries=False).status


def test_a_wrong_secret_is_refused_and_not_retried(radosgw: S3Server) -> None:
    stranger = replace(radosgw, secret_key="SECRETEXAMPLE0002").storage()
    for call in (lambda: stranger.create(KEY, b"x"), lambda: stranger.read(KEY), stranger.check):
        with pytest.raises(StorageError, match="403 SignatureDoesNotMatch") as refused:
            call()
        assert not isinstance(refused.value, NotFoundError | TransientError)
        assert "SECRETEXAMPLE" not in str(refused.value)
    stranger.close()


def test_an_unknown_key_is_refused(radosgw: S3Server) -> None:
    stranger = replace(radosgw, access_key="AKIDEXAMPLE9999").storage()
    with pytest.raises(StorageError, match="403"):
        stranger.create(KEY, b"x")
    stranger.close()


def test_an_absent_bucket_is_not_an_absent_object(radosgw: S3Server) -> None:
    storage = replace(radosgw, bucket="no-such-bucket").storage()
    for call in (lambda: storage.read(KEY), lambda: storage.create(KEY, b"x"), storage.check):
        with pytest.raises(StorageError, match="404 NoSuchBucket") as refused:
            call()
        assert not isinstance(refused.value, NotFoundError)
    storage.close()


def test_the_url_of_a_part_accepts_that_part_and_nothing_else(storage: S3Storage) -> None:
    token = storage.begin_upload(KEY, PLAN)
    url = storage.part_url(KEY, token, LAST)
    assert url is not None
    assert put(url.replace("partNumber=2", "partNumber=1"), bytes(10)) == 403
    assert put(url.replace(KEY, "archives/two"), bytes(10)) == 403
    assert put(url.replace("X-Amz-Expires=604800", "X-Amz-Expires=604799"), bytes(10)) == 403
    assert urllib3.request("GET", url, retries=False).status == 403
    assert urllib3.request("DELETE", url, retries=False).status == 403
    assert storage.parts(KEY, token) == {}
    assert put(url, b"0123456789") == 200
    assert list(storage.parts(KEY, token)) == [2]


@pytest.mark.parametrize("size", [0, 9, 11, 1000])
def test_the_url_of_a_part_accepts_no_other_length(storage: S3Storage, size: int) -> None:
    token = storage.begin_upload(KEY, PLAN)
    url = storage.part_url(KEY, token, LAST)
    assert url is not None
    assert put(url, bytes(size)) == 403
    assert storage.parts(KEY, token) == {}


def test_the_url_of_a_part_ends_with_its_upload(storage: S3Storage) -> None:
    token = storage.begin_upload(KEY, PLAN)
    url = storage.part_url(KEY, token, LAST)
    assert url is not None
    storage.abort_upload(KEY, token)
    assert put(url, bytes(10)) == 404


def test_only_host_and_length_are_signed_so_any_client_can_put(storage: S3Storage) -> None:
    token = storage.begin_upload(KEY, PLAN)
    url = storage.part_url(KEY, token, LAST)
    assert url is not None
    assert parse_qs(urlsplit(url).query)["X-Amz-SignedHeaders"] == ["content-length;host"]
    answer = urllib3.request(
        "PUT",
        url,
        body=bytes(10),
        headers={"Content-Type": "application/octet-stream", "User-Agent": "curl"},
        retries=False,
    )
    assert answer.status == 200


def test_parts_put_directly_are_checked_on_completion(storage: S3Storage) -> None:
    token = storage.begin_upload(KEY, PLAN)
    for part in (FIRST, LAST):
        url = storage.part_url(KEY, token, part)
        assert url is not None
        assert put(url, bytes(part.size_bytes)) == 200
    with pytest.raises(StorageError, match="another size"):
        storage.complete_upload(KEY, token, PartPlan(PART_BYTES + 11, PART_BYTES))
    storage.complete_upload(KEY, token, PLAN)
    assert storage.size(KEY) == PLAN.size_bytes
