import pytest
from tests.unit.log.memory_store import writer_id

from satchel_service.log.errors import DamagedLogError
from satchel_service.log.format import GENESIS, Entry, Kind, digest_of, emptied_entry
from satchel_service.log.history import History
from satchel_service.log.policy import Policy

POLICY = Policy(snapshot_entries=4, bytes_per_entry=1000)


def append(history: History, *, writer: int = 1, payload: bytes = b"x", kind: Kind = Kind.CHANGES) -> Entry:
    entry = Entry(
        kind, history.sequence + 1, writer_id(writer), history.digest, 5, history.schema, (payload,)
    )
    history.append(entry, entry.encode(), POLICY)
    return entry


def test_an_entry_is_linked_to_the_previous_one() -> None:
    history = History()
    first = append(history)
    assert history.digest == digest_of(first.encode())
    assert append(history).previous == digest_of(first.encode())


@pytest.mark.parametrize(
    "wrong",
    [
        Entry(Kind.CHANGES, 2, writer_id(1), GENESIS, 0, 0, ()),
        Entry(Kind.CHANGES, 1, writer_id(1), b"\x01" * 32, 0, 0, ()),
        Entry(Kind.CHANGES, 1, writer_id(1), GENESIS, 0, 1, ()),
        emptied_entry(1, writer_id(1)),
    ],
    ids=["gap", "other-predecessor", "other-schema", "emptied"],
)
def test_an_entry_that_does_not_continue_the_log_is_refused(wrong: Entry) -> None:
    history = History()
    with pytest.raises(DamagedLogError):
        history.append(wrong, wrong.encode(), POLICY)
    assert history.sequence == 0


def test_an_image_may_change_the_schema() -> None:
    history = History()
    entry = Entry(Kind.IMAGE, 1, writer_id(1), GENESIS, 0, 7, (b"database",))
    history.append(entry, entry.encode(), POLICY)
    assert history.schema == 7


def test_the_first_entry_of_each_writer_is_recorded() -> None:
    history = History()
    for writer in (1, 1, 2, 2, 2, 3):
        append(history, writer=writer)
    assert history.firsts == [(1, writer_id(1)), (3, writer_id(2)), (6, writer_id(3))]


def test_a_history_started_from_a_snapshot_continues_that_of_its_writer() -> None:
    history = History()
    for writer in (1, 1, 2):
        append(history, writer=writer)
    snapshot = history.make_snapshot(b"database")
    resumed = History(snapshot, 1000)
    append(resumed, writer=2)
    assert resumed.sequence == 4
    assert resumed.firsts == [(1, writer_id(1)), (3, writer_id(2))]
    assert resumed.chain == [3]


def entries_until_due(history: History) -> int:
    """Append small entries until a snapshot is due; return how many it took."""
    before = history.sequence
    while not history.is_snapshot_due(POLICY, 5):
        append(history)
    return history.sequence - before


def test_a_snapshot_is_due_after_enough_entries() -> None:
    assert entries_until_due(History()) == 4


def test_a_large_entry_counts_as_several() -> None:
    history = History()
    append(history, payload=bytes(1900))
    assert entries_until_due(history) == 1


def test_a_large_snapshot_waits_for_more_entries() -> None:
    history = History()
    entries_until_due(history)
    history.record_snapshot(history.make_snapshot(b""), 10_000)
    assert entries_until_due(history) == 10


def test_entries_written_during_a_snapshot_count_for_the_next() -> None:
    history = History()
    entries_until_due(history)
    snapshot = history.make_snapshot(b"")
    append(history)
    history.record_snapshot(snapshot, 100)
    assert entries_until_due(history) == 3


def test_a_failed_snapshot_delays_the_next() -> None:
    history = History()
    for _ in range(4):
        append(history)
    assert history.is_snapshot_due(POLICY, 5)
    history.record_failed_snapshot()
    assert not history.is_snapshot_due(POLICY, 5)


def test_a_snapshot_is_due_when_the_oldest_entry_is_old() -> None:
    history = History()
    append(history)
    week_ms = POLICY.snapshot_age_ms
    assert [history.is_snapshot_due(POLICY, 5 + age_ms) for age_ms in (0, week_ms - 1, week_ms)] == [
        False,
        False,
        True,
    ]
    history.record_snapshot(history.make_snapshot(b""), 100)
    assert not history.is_snapshot_due(POLICY, 5 + 10 * week_ms)


def test_truncation_removes_entries_and_snapshots_from_the_history() -> None:
    history = History()
    for writer in (1, 2, 3):
        append(history, writer=writer)
        history.record_snapshot(history.make_snapshot(b""), 0)
    history.record_truncation(2)
    assert (history.truncated, history.chain, history.firsts) == (2, [2, 3], [(3, writer_id(3))])
