"""Concurrent puts of one part: the first complete one wins, and no other can damage it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from satchel_service.storage import PartPlan, PartSink, StorageError, blob_key
from satchel_service.storage.directory import DirectoryStorage

KEY = blob_key("archives/x")
PLAN = PartPlan(1000, 1000)
ONE, OTHER = bytes(1000), b"\xff" * 1000


class SharedPart:
    """An upload of one part to a directory, for concurrent puts."""

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
def shared_part(tmp_path: Path) -> SharedPart:
    return SharedPart(tmp_path)


def halves(sink: PartSink, data: bytes) -> tuple[Callable[[], None], Callable[[], str]]:
    def finish() -> str:
        sink.write(data[500:])
        return sink.finish()

    return lambda: sink.write(data[:500]), finish


def test_two_puts_of_the_same_bytes_both_succeed(shared_part: SharedPart) -> None:
    begin_one, finish_one = halves(shared_part.sink(), ONE)
    begin_two, finish_two = halves(shared_part.sink(), ONE)
    begin_one()
    begin_two()
    assert finish_two() == finish_one()
    assert shared_part.result() == ONE


def test_a_put_overtaken_by_one_of_other_bytes_fails_without_damage(shared_part: SharedPart) -> None:
    stuck = shared_part.sink()
    begin_stuck, finish_stuck = halves(stuck, OTHER)
    begin_stuck()
    begin, finish = halves(shared_part.sink(), ONE)
    begin()
    finish()
    with pytest.raises(StorageError, match="completed first"):
        finish_stuck()
    stuck.discard()
    assert shared_part.result() == ONE


def test_a_discarded_put_does_not_affect_the_other(shared_part: SharedPart) -> None:
    begin, finish = halves(shared_part.sink(), ONE)
    second = shared_part.sink()
    begin()
    second.write(OTHER[:500])
    second.discard()
    finish()
    assert shared_part.result() == ONE


def test_a_put_after_a_discarded_one_succeeds(shared_part: SharedPart) -> None:
    first = shared_part.sink()
    first.write(OTHER[:700])
    first.discard()
    begin, finish = halves(shared_part.sink(), ONE)
    begin()
    finish()
    assert shared_part.result() == ONE


def test_a_stored_part_is_kept_until_another_put_completes(shared_part: SharedPart) -> None:
    begin, finish = halves(shared_part.sink(), ONE)
    begin()
    finish()
    late = shared_part.sink()
    late.write(OTHER[:999])
    assert list(shared_part.storage.parts(KEY, shared_part.token)) == [1]
    late.discard()
    assert shared_part.result() == ONE


def test_the_last_complete_put_wins(shared_part: SharedPart) -> None:
    for data in (OTHER, ONE):
        begin, finish = halves(shared_part.sink(), data)
        begin()
        finish()
    assert shared_part.result() == ONE
