"""Later services read the logs of an earlier move: closed stays closed, and open stays open."""

import shutil
from pathlib import Path

import pytest
from tests.golden.moves.make import NEW_URL, OLD_URL
from tests.unit.moving.conftest import settings_of
from tests.unit.moving.places import entries_of, read_log

from satchel_service.log.format import Kind
from satchel_service.log.handover import closed_by, link_in
from satchel_service.log.replica import build_database

HERE = Path(__file__).parent
VERSIONS = ("v2",)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_logs_of_an_earlier_move_are_read(version: str, tmp_path: Path) -> None:
    for place in ("old", "new"):
        shutil.copytree(HERE / version / place, tmp_path / place)
    old, new = settings_of(tmp_path / "old"), settings_of(tmp_path / "new")
    closed = read_log(old).history.closed
    assert closed is not None
    assert (closed.url, closed.is_awaiting) == (NEW_URL, False)
    assert [entry.kind for entry in entries_of(old)[-3:]] == [Kind.CLOSING, Kind.OPENING, Kind.CLOSING]
    contents = read_log(new)
    assert contents.history.closed is None
    found = entries_of(new)
    assert [entry.kind for entry in found] == [Kind.AWAITING, Kind.CLOSING, Kind.AWAITING, Kind.OPENING]
    cancelled = closed_by(found[1])
    assert cancelled is not None
    assert cancelled.url == OLD_URL
    closing = entries_of(old)[-1]
    assert link_in(found[3]) == (closed.move, closing.sequence, closing.encode()[-32:])
    build_database(tmp_path / "cloud.db", *contents.state())
