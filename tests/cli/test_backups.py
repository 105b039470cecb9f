"""`satchel backup --to`, `restore --from` and `verify --from`, which need no cloud."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Cli

NewCli = Callable[[], Cli]


@pytest.fixture
def filled(cli: Cli) -> Cli:
    for number in range(3):
        cli.save(f"content {number}")
    return cli


def test_a_backup_to_a_file_reports_its_result(filled: Cli, tmp_path: Path) -> None:
    path = tmp_path / "backup.age"
    document = filled.json("backup", "--to", path)
    assert document["pieces"] == 3
    assert document["size_bytes"] == path.stat().st_size
    assert document["new_bytes"] == (filled.home / "store.db").stat().st_size
    assert document.keys() >= {"id", "created", "size_bytes", "new_bytes", "pieces", "seconds"}


def test_in_a_pipe_the_id_of_the_backup_is_printed(filled: Cli, tmp_path: Path) -> None:
    line = filled.ok("backup", "--to", tmp_path / "a.age").text.strip()
    assert filled.json("verify", "--from", tmp_path / "a.age")["id"] == line


def test_on_a_terminal_a_sentence_is_printed(filled: Cli, tmp_path: Path) -> None:
    said = filled.ok("backup", "--to", tmp_path / "a.age", terminal=True).text
    assert "3 Pieces" in said
    assert str(tmp_path / "a.age") in said


def test_a_restore_brings_back_every_piece(filled: Cli, tmp_path: Path) -> None:
    before = filled.json("list")
    filled.ok("backup", "--to", tmp_path / "a.age")
    filled.save("later")
    answer = filled.ok("restore", "--from", tmp_path / "a.age")
    assert filled.json("list") == before
    assert "is kept as" in answer.err
    document = filled.json("restore", "--from", tmp_path / "a.age")
    assert (document["pieces"], document["home"]) == (3, str(filled.home))
    assert Path(document["kept"]).exists()


def test_the_index_follows_a_restore(filled: Cli, tmp_path: Path) -> None:
    filled.ok("backup", "--to", tmp_path / "a.age")
    filled.save("a xylophone")
    assert len(filled.json("search", "xylophone")["pieces"]) == 1
    filled.ok("restore", "--from", tmp_path / "a.age")
    assert filled.json("search", "xylophone")["pieces"] == []
    assert len(filled.json("search", "content")["pieces"]) == 3


def test_a_backup_is_restored_into_another_directory(filled: Cli, tmp_path: Path) -> None:
    filled.ok("backup", "--to", tmp_path / "a.age")
    document = filled.json("restore", "--from", tmp_path / "a.age", "--into", tmp_path / "then")
    assert document["home"] == str(tmp_path / "then")
    assert len(Cli(tmp_path / "then").json("list")["pieces"]) == 3


def test_verify_changes_nothing(filled: Cli, tmp_path: Path) -> None:
    filled.ok("backup", "--to", tmp_path / "a.age")
    before = (filled.home / "store.db").read_bytes()
    said = filled.ok("verify", "--from", tmp_path / "a.age").text
    assert "can be restored" in said
    assert (filled.home / "store.db").read_bytes() == before


@pytest.mark.parametrize(
    "arguments", [["backup"], ["restore"], ["verify"], ["backups"], ["backups", "rm", "ab"]]
)
def test_without_a_cloud_the_hint_is_to_connect(filled: Cli, arguments: list[str]) -> None:
    answer = filled.run(*arguments)
    assert answer.code == 4
    assert "satchel connect" in answer.err


def test_a_backup_in_a_file_takes_neither_an_expiry_nor_an_id(filled: Cli, tmp_path: Path) -> None:
    filled.ok("backup", "--to", tmp_path / "a.age")
    assert filled.run("backup", "--to", tmp_path / "a.age", "--expires", "7d").code == 2
    assert filled.run("restore", "abcd", "--from", tmp_path / "a.age").code == 2


def test_an_older_backup_needs_allow_older(filled: Cli, tmp_path: Path) -> None:
    filled.ok("backup", "--to", tmp_path / "a.age")
    filled.ok("backup", "--to", tmp_path / "b.age")
    answer = filled.run("restore", "--from", tmp_path / "a.age")
    assert answer.code == 5
    assert "--allow-older" in answer.err
    filled.ok("restore", "--from", tmp_path / "a.age", "--allow-older")


def test_a_missing_file_is_not_found(filled: Cli, tmp_path: Path) -> None:
    for command in ("restore", "verify"):
        assert filled.run(command, "--from", tmp_path / "missing.age").code == 3


def test_a_file_that_is_no_backup_is_damaged(filled: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.age").write_bytes(b"age-encryption.org/v1\nnot really")
    assert filled.run("verify", "--from", tmp_path / "a.age").code == 5


def test_without_keys_there_is_no_backup(filled: Cli, tmp_path: Path) -> None:
    (filled.home / "keys" / "root.json").unlink()
    assert filled.run("backup", "--to", tmp_path / "a.age").code == 3
    assert not (tmp_path / "a.age").exists()
