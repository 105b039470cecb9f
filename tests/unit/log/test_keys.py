import pytest

from satchel_service.log.format import entry_key, new_writer_id, sequence_of, snapshot_key, writer_text
from satchel_service.storage import blob_key


def test_keys_sort_like_their_numbers() -> None:
    numbers = [1, 2, 9, 10, 99, 12_345, 10**15]
    assert sorted(map(entry_key, reversed(numbers))) == [entry_key(number) for number in numbers]


@pytest.mark.parametrize("key", [entry_key(1), snapshot_key(10**15)])
def test_keys_are_valid_keys_of_a_storage(key: str) -> None:
    assert blob_key(key) == key


def test_a_key_yields_its_sequence_number() -> None:
    assert sequence_of(snapshot_key(42)) == 42


@pytest.mark.parametrize(
    "key", ["snapshots/42", "snapshots/000000000000004x", "snapshots/", "snapshots/²000000000000042"]
)
def test_a_foreign_key_has_no_sequence_number(key: str) -> None:
    assert sequence_of(key) is None


def test_a_writer_id_is_a_ulid() -> None:
    writer = new_writer_id(1469918176385, lambda count: b"\xff" * count)
    assert writer_text(writer) == "01ARYZ6S41ZZZZZZZZZZZZZZZZ"


def test_writer_ids_of_later_openings_sort_later() -> None:
    first, second = (new_writer_id(time_ms, bytes) for time_ms in (1_000, 2_000))
    assert first < second
