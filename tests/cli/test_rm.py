"""`satchel rm`."""

import shutil

import pytest
from tests.cli.conftest import Cli

from satchel.backup.local.previous_stores import previous_stores
from satchel.store import Store


@pytest.fixture
def piece(cli: Cli) -> str:
    return cli.save("old text\n", "--title", "note.py", "--language", "python", "--tag", "a")


def test_removing_needs_yes_without_a_terminal(cli: Cli, piece: str) -> None:
    answer = cli.run("rm", piece)
    assert answer.code == 2
    assert "--yes" in answer.err
    assert cli.json("rm", piece, "--yes")["removed"] == [piece]
    assert cli.run("show", piece).code == 3


@pytest.mark.parametrize(("typed", "code"), [(b"y\n", 0), (b"YES\n", 0), (b"n\n", 1), (b"\n", 1), (b"", 1)])
def test_removing_asks_on_a_terminal(cli: Cli, piece: str, typed: bytes, code: int) -> None:
    answer = cli.run("rm", piece, stdin=typed, terminal=True)
    assert answer.code == code
    assert "remove" in answer.err
    assert "(note.py)" in answer.err
    assert cli.json("status")["pieces"] == code


def test_either_all_named_pieces_are_removed_or_none(cli: Cli, piece: str) -> None:
    other = cli.save("other")
    assert cli.run("rm", piece, "zzzz", "--yes").code == 3
    assert cli.json("status")["pieces"] == 2
    assert cli.json("rm", piece, other, piece, "--yes")["removed"] == [piece, other]


def test_a_removed_piece_is_no_longer_found(cli: Cli, piece: str) -> None:
    cli.ok("rm", piece, "--yes")
    assert cli.json("search", "old")["pieces"] == []


def test_a_previous_store_forgets_a_removed_piece(cli: Cli, piece: str) -> None:
    other = cli.save("another text")
    previous = cli.home / "store.db.before-restore-20260101T000000Z"
    shutil.copy(cli.home / "store.db", previous)
    assert b"old text" in previous.read_bytes()
    assert cli.json("rm", piece, "--yes")["copies"] == [str(previous)]
    assert previous_stores(cli.home) == [previous]
    assert [
        path.name for path in cli.home.rglob("*") if path.is_file() and b"old text" in path.read_bytes()
    ] == []
    with Store.open(cli.home, name=previous.name) as store:
        assert [each.id for each in store.pieces()] == [other]


@pytest.mark.parametrize("name", ["backups/work/store.db", "outbox/unsent.age"])
def test_files_of_an_unfinished_backup_or_restore_are_deleted(cli: Cli, piece: str, name: str) -> None:
    left = cli.home / name
    left.parent.mkdir(parents=True)
    left.write_bytes(b"old text")
    assert cli.json("rm", piece, "--yes")["copies"] == [str(left)]
    assert not left.exists()


def test_a_damaged_previous_store_is_named(cli: Cli, piece: str) -> None:
    damaged = cli.home / "store.db.before-restore-20260101T000000Z"
    damaged.write_bytes(b"old text, but no database")
    answer = cli.ok("rm", piece, "--yes", "--json")
    assert answer.document["left"] == [str(damaged)]
    assert str(damaged) in answer.err


def test_the_words_of_a_removed_piece_leave_the_index(cli: Cli, piece: str) -> None:
    unusual = cli.save("xylophonist unmistakably")
    cli.ok("search", "xylophonist")
    cli.ok("rm", unusual, "--yes")
    for path in cli.home.glob("index.db*"):
        assert b"xylophonist" not in path.read_bytes()
