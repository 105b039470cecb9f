"""Pieces that seem to hold secrets are withheld, and no answer spells a secret out."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.agents.conftest import CLIENT, TOKEN

from satchel.agents import Answer, Desk, Policy
from satchel.errors import RefusedError
from satchel.store import Store, system_entropy
from satchel.suggest.allowed_values import AllowedValues
from satchel.suggest.share_checks import findings

Save = Callable[..., str]
Call = Callable[..., Answer]


@pytest.fixture
def piece(save: Save) -> str:
    """A Piece with a token."""
    return save(f"# deploy\ntoken = '{TOKEN}'\n", title="Deploy the marmalade")


def test_a_piece_with_a_secret_is_withheld_and_the_reason_told(home: Path, piece: str, call: Call) -> None:
    for document in (call("read_piece", id=piece).document, call("list_recent").document["pieces"][0]):
        assert document["id"] == piece
        assert "seems to hold a secret" in document["withheld"]
        assert "line 2" in document["withheld"]
        assert (document["title"], document.get("text", "")) == ("", "")
    with pytest.raises(RefusedError, match="withheld"):
        Desk(home, Policy(), "tester").read_resource(f"satchel://piece/{piece}", CLIENT)


def test_a_search_does_not_tell_whether_a_withheld_piece_matches(piece: str, call: Call, save: Save) -> None:
    other = save("the marmalade is public")
    answers = [
        call("search_pieces", query=query).document
        for query in (TOKEN, f"{TOKEN[:8]}*", "ghp*", "zzz*", "deploy", "lang:python", "Deplo", TOKEN[4:20])
    ]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["total"] == 0
    assert [one["id"] for one in call("search_pieces", query="marmalade").document["pieces"]] == [other]


def test_no_answer_holds_the_secret(piece: str, call: Call) -> None:
    texts = [
        call("read_piece", id=piece).text,
        call("list_recent").text,
        call("search_pieces", query=TOKEN).text,
    ]
    assert not any(TOKEN[:7] in text or TOKEN[-6:] in text for text in texts)


def test_a_name_of_a_file_is_not_part_of_the_reason(home: Path, save: Save, call: Call) -> None:
    from satchel.store import WholeFile

    piece = save("x", files=(WholeFile(f"{TOKEN}.txt", TOKEN.encode()),))
    assert TOKEN not in call("read_piece", id=piece).text
    assert "names of files" in call("read_piece", id=piece).document["withheld"]


def test_the_owner_can_allow_a_value_or_everything(home: Path, piece: str, call: Call) -> None:
    allowed = Desk(home, Policy(secrets=True), "tester").call("read_piece", {"id": piece}, CLIENT)
    assert TOKEN in allowed.text
    with Store.open(home) as store:
        found = findings(store.piece(piece), store.content(piece))
    AllowedValues.read(home).adding([one.digest for one in found], system_entropy).write(home)
    assert TOKEN in call("read_piece", id=piece).text


def test_a_secret_that_an_edit_adds_is_found_by_a_running_server(home: Path, save: Save) -> None:
    from satchel.store import Changes

    desk, piece = Desk(home, Policy(), "tester"), save("harmless")
    assert desk.call("read_piece", {"id": piece}, CLIENT).document["withheld"] is None
    with Store.open(home) as store:
        store.edit(piece, Changes(content=TOKEN.encode()))
    assert desk.call("read_piece", {"id": piece}, CLIENT).document["withheld"]
