"""The tools that write: who wrote is stamped by satchel, and recorded before it lasts."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from tests.unit.agents.conftest import CLIENT, TOKEN

from satchel.agents import Answer, Desk, Policy
from satchel.errors import NotFoundError, RefusedError, SatchelError, UsageError
from satchel.ledger import LEDGER_FILE, Ledger
from satchel.memory import MemoryStore
from satchel.store import Author, Changes, Draft, Store

CLAUDE = Author("claude", "test-client 1.0")


def write(home: Path, tool: str, *, agent: str = "claude", **arguments: Any) -> Answer:  # noqa: ANN401
    return Desk(home, Policy(writes=True), agent).call(tool, arguments, CLIENT)


def test_a_saved_piece_is_the_agents(home: Path) -> None:
    saved = write(home, "save_piece", content="def f(): ...\n", tags=["a"], description="d").document
    assert saved.items() >= {"revision": 1, "is_changed": True, "noted": False, "truncated": False}.items()
    with Store.open(home) as store:
        piece = store.piece(saved["id"])
        assert store.content(piece.id) == b"def f(): ...\n"
    assert (piece.author, piece.tags, piece.description) == (CLAUDE, ("a",), "d")
    assert piece.title


@pytest.mark.parametrize("name", ["agent", "author", "client", "source", "at", "created"])
def test_an_agent_cannot_say_who_it_is(home: Path, name: str) -> None:
    with pytest.raises(UsageError):
        Desk(home, Policy(writes=True), "claude").call("save_piece", {"content": "x", name: "owner"}, CLIENT)


def test_an_update_changes_what_it_names_and_keeps_the_rest(home: Path) -> None:
    with Store.open(home) as store:
        piece = store.add(Draft(b"one\n", title="mine", tags=("a", "b")))
    done = write(home, "update_piece", id=piece.id, revision=1, content="two\n", remove_tags=["a"]).document
    assert (done["revision"], done["is_changed"]) == (2, True)
    with Store.open(home) as store:
        now, (first, second) = store.piece(piece.id), store.revisions(piece.id)
        assert store.content(piece.id) == b"two\n"
    assert (now.title, now.tags, now.author) == ("mine", ("b",), CLAUDE)
    assert (first.author, second.author) == (None, CLAUDE)
    again = write(home, "update_piece", id=piece.id, revision=2, title="mine").document
    assert (again["revision"], again["is_changed"]) == (2, False)


def test_an_edit_of_the_owner_is_the_owners(home: Path) -> None:
    saved = write(home, "save_piece", content="x").document["id"]
    with Store.open(home) as store:
        assert store.edit(saved, Changes(title="mine")).author is None
        assert store.restore_revision(saved, 1).author is None


def test_an_update_of_an_old_revision_is_refused(home: Path) -> None:
    with Store.open(home) as store:
        piece = store.add(Draft(b"one\n"))
        store.edit(piece.id, Changes(content=b"newer\n"))
    with pytest.raises(SatchelError, match="revision 2"):
        write(home, "update_piece", id=piece.id, revision=1, content="older\n")


def test_withheld_and_withdrawn_pieces_cannot_be_changed(home: Path) -> None:
    with Store.open(home) as store:
        secret, gone = store.add(Draft(TOKEN.encode())), store.add(Draft(b"gone"))
        store.withdraw(gone.id)
    with pytest.raises(RefusedError, match="withheld"):
        write(home, "update_piece", id=secret.id, revision=1, title="x")
    with pytest.raises(NotFoundError):
        write(home, "update_piece", id=gone.id, revision=2, title="x")
    with pytest.raises(NotFoundError):
        write(home, "read_piece", id=gone.id)


def test_every_write_has_a_record_with_the_digest_of_the_content(home: Path) -> None:
    piece = write(home, "save_piece", content="one\n").document["id"]
    write(home, "update_piece", id=piece, revision=1, title="renamed", agent="zed")
    with Ledger.open(home) as ledger:
        ledger.verify()
        saved, updated = [access.record for access in ledger.accesses()]
    assert [(one.agent, one.tool) for one in (saved, updated)] == [
        ("claude", "save_piece"),
        ("zed", "update_piece"),
    ]
    assert [[(p.id, p.revision) for p in one.pieces] for one in (saved, updated)] == [
        [(piece, 1)],
        [(piece, 2)],
    ]
    assert {one.sha256 for one in (saved, updated)} == {hashlib.sha256(b"one\n").hexdigest()}


def test_what_cannot_be_recorded_is_not_written(home: Path) -> None:
    with Store.open(home) as store:
        piece = store.add(Draft(b"one\n"))
    (home / LEDGER_FILE).write_bytes(b"damaged" * 1_000)
    with pytest.raises(SatchelError, match="nothing was written"):
        write(home, "save_piece", content="two\n")
    with pytest.raises(SatchelError, match="nothing was written"):
        write(home, "update_piece", id=piece.id, revision=1, content="two\n")
    with Store.open(home) as store:
        assert (store.count(), store.content(piece.id)) == (1, b"one\n")


def test_a_note_is_kept_if_the_owner_wants_notes(home: Path) -> None:
    assert write(home, "save_piece", content="a", note="tried it").document["noted"] is False
    with MemoryStore.create(home) as memory:
        memory.control.turn_on("agents", 0)
    assert (
        write(home, "save_piece", content="b", note=f"fixed the flaky test with {TOKEN}").document["noted"]
        is True
    )
    with MemoryStore.open(home) as memory:
        [event] = memory.events(source="agents")
    assert (event.session, event.detail["client"], event.detail["version"]) == (
        "claude",
        "test-client",
        "1.0",
    )
    assert TOKEN not in event.text


def test_a_recalled_episode_names_the_agents_that_wrote_in_it(home: Path) -> None:
    desk = Desk(home, Policy(writes=True), "claude")
    assert "recall" not in {tool.name for tool in desk.tools()}
    with MemoryStore.create(home) as memory:
        memory.control.turn_on("agents", 0)
    assert len(desk.tools()) == 6
    for number in range(3):
        desk.call(
            "save_piece",
            {"content": f"{number}", "note": f"the flaky marmalade test passes now {number}"},
            CLIENT,
        )
    found = desk.call("recall", {"question": "the flaky marmalade test"}, CLIENT).document
    assert found["total"] >= 1
    assert found["episodes"][0]["agents"] == ["claude"]
    with Ledger.open(home) as ledger:
        assert ledger.accesses()[-1].record.tool == "recall"
