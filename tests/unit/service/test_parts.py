"""Puts of one part that meet: the first that is whole counts, and nobody spoils it afterwards."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from satchel_service.storage import PartPlan, PartSink, StorageError, blob_key
from satchel_service.storage.directory import DirectoryStorage

KEY = blob_key("archives/x")
PLAN = PartPlan(1000, 1000)
ONE, OTHER = bytes(1000), b"\xff" * 1000


class Meeting:
    """One upload of one part in a directory."""

    def __init__(self, folder: Path) -> None:
        self.storage = DirectoryStorage(folder, os.urandom)
        self.storage.prepare()
        self.token = self.storage.begin_upload(KEY, PLAN)

    def sink(self) -> PartSink:
        part = PLAN.part(1)
        assert part is not None
        return self.storage.part_sink(KEY, self.token, part)

    def result(self) -> bytes:
        self.storage.complete_upload(KEY, self.token, PLAN)
        assert list((self.storage.root / "staging").iterdir()) == []
        return self.storage.read(KEY)


@pytest.fixture
def meeting(tmp_path: Path) -> Meeting:
    return Meeting(tmp_path)


def halves(sink: PartSink, data: bytes) -> tuple[Callable[[], None], Callable[[], str]]:
    def finish() -> str:
        sink.write(data[500:])
        return sink.finish()

    return lambda: sink.write(data[:500]), finish


def test_two_puts_of_the_same_bytes_both_succeed(meeting: Meeting) -> None:
    begin_one, finish_one = halves(meeting.sink(), ONE)
    begin_two, finish_two = halves(meeting.sink(), ONE)
    begin_one()
    begin_two()
    assert finish_two() == finish_one()
    assert meeting.result() == ONE


def test_one_that_was_overtaken_by_other_bytes_fails_and_spoils_nothing(meeting: Meeting) -> None:
    stuck = meeting.sink()
    begin_stuck, finish_stuck = halves(stuck, OTHER)
    begin_stuck()
    begin, finish = halves(meeting.sink(), ONE)
    begin()
    finish()
    with pytest.raises(StorageError, match="completed first"):
        finish_stuck()
    stuck.discard()
    assert meeting.result() == ONE


def test_one_that_gives_up_leaves_the_place_to_the_other(meeting: Meeting) -> None:
    begin, finish = halves(meeting.sink(), ONE)
    second = meeting.sink()
    begin()
    second.write(OTHER[:500])
    second.discard()
    finish()
    assert meeting.result() == ONE


def test_after_a_direct_put_gave_up_the_next_one_has_the_place(meeting: Meeting) -> None:
    first = meeting.sink()
    first.write(OTHER[:700])
    first.discard()
    begin, finish = halves(meeting.sink(), ONE)
    begin()
    finish()
    assert meeting.result() == ONE


def test_a_part_that_is_there_stays_whole_until_another_put_of_it_is(meeting: Meeting) -> None:
    begin, finish = halves(meeting.sink(), ONE)
    begin()
    finish()
    late = meeting.sink()
    late.write(OTHER[:999])
    assert list(meeting.storage.parts(KEY, meeting.token)) == [1]
    late.discard()
    assert meeting.result() == ONE


def test_the_last_whole_put_counts(meeting: Meeting) -> None:
    for data in (OTHER, ONE):
        begin, finish = halves(meeting.sink(), data)
        begin()
        finish()
    assert meeting.result() == ONE
