"""The ledger records what an agent reads before it gets it; if that fails, the agent gets nothing."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.agents.conftest import CLIENT

from satchel.agents import Answer, Client, Desk, Policy
from satchel.errors import IntegrityError, SatchelError, UsageError
from satchel.ledger import LEDGER_FILE, Access, Ledger

Save = Callable[..., str]


def accesses(home: Path) -> list[Access]:
    with Ledger.open(home) as ledger:
        ledger.verify()
        return ledger.accesses()


def test_every_answer_about_pieces_has_a_record(home: Path, save: Save) -> None:
    one, other = save("needle one"), save("needle two")
    desk = Desk(home, Policy(), "claude")
    answers: list[Answer] = [
        desk.call("search_pieces", {"query": "needle"}, CLIENT),
        desk.call("read_piece", {"id": one}, CLIENT),
        desk.call("list_recent", {}, Client()),
    ]
    desk.read_resource(f"satchel://piece/{other}", CLIENT)
    found = [access.record for access in accesses(home)]
    assert [record.tool for record in found] == [
        "search_pieces",
        "read_piece",
        "list_recent",
        "resources/read",
    ]
    assert {record.agent for record in found} == {"claude"}
    assert [(record.client, record.version) for record in found[1:3]] == [("test-client", "1.0"), ("", "")]
    assert {piece.id for piece in found[0].pieces} == {one, other}
    assert [(piece.id, piece.revision) for piece in found[1].pieces] == [(one, 1)]
    for record, answer in zip(found, answers, strict=False):
        assert record.bytes == len(answer.text.encode())
        assert record.sha256 == hashlib.sha256(answer.text.encode()).hexdigest()


def test_answers_that_tell_of_no_piece_have_none(home: Path) -> None:
    desk = Desk(home, Policy(), "claude")
    desk.call("search_pieces", {"query": "nothing"}, CLIENT)
    with pytest.raises(UsageError):
        desk.call("search_pieces", {}, CLIENT)
    assert not (home / LEDGER_FILE).exists()


def test_the_name_of_an_agent_stays_that_of_its_first_client(home: Path, save: Save) -> None:
    save("needle")
    desk = Desk(home, Policy(), "")
    for client in (Client("first", "1"), Client("the-owner", "2"), Client()):
        desk.call("list_recent", {}, client)
    assert [access.record.agent for access in accesses(home)] == ["first"] * 3
    Desk(home, Policy(), "").call("list_recent", {}, Client())
    assert accesses(home)[-1].record.agent == "unnamed"


@pytest.mark.parametrize(
    ("damage", "kind"), [(b"not a database" * 100, IntegrityError), (None, SatchelError)]
)
def test_what_cannot_be_recorded_is_not_told(
    home: Path, save: Save, damage: bytes | None, kind: type[Exception]
) -> None:
    piece = save("the marmalade")
    if damage is None:
        (home / LEDGER_FILE).mkdir()
    else:
        (home / LEDGER_FILE).write_bytes(damage)
    desk = Desk(home, Policy(), "claude")
    for tool, arguments in (
        ("read_piece", {"id": piece}),
        ("search_pieces", {"query": "marmalade"}),
        ("list_recent", {}),
    ):
        with pytest.raises(kind, match="cannot be recorded") as caught:
            desk.call(tool, arguments, CLIENT)
        assert "marmalade" not in str(caught.value)
