"""What only Google's store does: composing in rounds, renewing tokens, sweeping parts, telling an absent bucket."""

from collections.abc import Iterator

import pytest
from tests.support.gcs_fake import GcsFake

from satchel_service.storage import NotFoundError, PartPlan, StorageError, TransientError, blob_key
from satchel_service.storage.gcs import COMPOSED, GcsStorage

KEY = blob_key("archives/large")


@pytest.fixture
def storage(gcs: GcsFake) -> Iterator[GcsStorage]:
    made = gcs.storage()
    yield made
    made.close()


def send(storage: GcsStorage, plan: PartPlan) -> tuple[str, bytes]:
    """Put every part of an upload; return its token and the expected object."""
    token = storage.begin_upload(KEY, plan)
    data = b"".join(b"%09d" % part.number + bytes(part.size_bytes - 9) for part in plan.parts())
    for part in plan.parts():
        sink = storage.part_sink(KEY, token, part)
        sink.write(data[part.offset : part.offset + part.size_bytes])
        sink.finish()
    return token, data


@pytest.mark.parametrize("parts", [1, COMPOSED, COMPOSED + 1, COMPOSED**2 + 1])
def test_any_number_of_parts_is_joined_in_order_and_removed(
    storage: GcsStorage, gcs: GcsFake, parts: int
) -> None:
    gcs.server.bucket.objects.clear()
    plan = PartPlan(parts * 10, 10)
    token, data = send(storage, plan)
    storage.complete_upload(KEY, token, plan)
    assert storage.read(KEY) == data
    assert len(gcs.server.bucket.objects) == 1


def test_a_token_that_expires_early_is_renewed(storage: GcsStorage, gcs: GcsFake) -> None:
    storage.create(KEY, b"data")
    gcs.server.tokens.clear()
    assert storage.read(KEY) == b"data"
    gcs.server.tokens.clear()
    with pytest.raises(TransientError, match="401"):
        storage.create(blob_key("archives/other"), b"data")  # a create is sent once, even now
    storage.create(blob_key("archives/other"), b"data")


def test_parts_without_an_upload_are_swept_by_age(storage: GcsStorage, gcs: GcsFake) -> None:
    gcs.server.bucket.objects.clear()
    plan = PartPlan(20, 10)
    orphaned, _ = send(storage, plan)
    live, _ = send(storage, plan)
    for name in [name for name in gcs.server.bucket.objects if name.endswith(f"{orphaned}/key")]:
        del gcs.server.bucket.objects[name]
    storage.sweep(0)
    assert len(gcs.server.bucket.objects) == 5
    storage.sweep(2**62)
    assert len(gcs.server.bucket.objects) == 3
    storage.complete_upload(KEY, live, plan)


def test_an_absent_bucket_is_not_an_absent_object(gcs: GcsFake) -> None:
    storage = gcs.storage(bucket="no-such-bucket")
    for call in (
        lambda: storage.read(KEY),
        lambda: storage.size(KEY),
        lambda: storage.create(KEY, b"x"),
        lambda: storage.delete(KEY),
        lambda: list(storage.list("")),
        storage.check,
    ):
        with pytest.raises(StorageError, match="no such bucket") as refused:
            call()
        assert not isinstance(refused.value, NotFoundError)
    storage.close()


def test_two_uploads_of_one_key_make_one_object(storage: GcsStorage) -> None:
    plan = PartPlan(20, 10)
    first, data = send(storage, plan)
    second, _ = send(storage, plan)
    storage.complete_upload(KEY, first, plan)
    with pytest.raises(StorageError, match="taken"):
        storage.complete_upload(KEY, second, plan)
    storage.complete_upload(KEY, first, plan)
    assert storage.read(KEY) == data
