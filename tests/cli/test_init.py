"""`satchel init`."""

import stat
from pathlib import Path

from tests.cli.conftest import Cli


def test_init_creates_a_private_store_and_root_secret(empty: Cli) -> None:
    answer = empty.ok("init")
    assert answer.text == f"created a store in {empty.home}\n"
    assert "recovery show" in answer.err
    for path in (empty.home, *empty.home.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_document_names_the_home_and_the_store(empty: Cli) -> None:
    document = empty.json("init")
    assert document.keys() == {"home", "store_id"}
    assert document["home"] == str(empty.home)
    assert len(document["store_id"]) == 32


def test_a_second_store_in_the_same_place_is_refused(cli: Cli) -> None:
    answer = cli.run("init")
    assert answer.code == 2
    assert "already" in answer.err
    assert answer.err.count("\n") == 2


def test_a_recovered_root_secret_is_used_for_a_new_store(empty: Cli, tmp_path: Path) -> None:
    first = Cli(tmp_path / "first")
    first.ok("init")
    words = first.ok("recovery", "show").out
    empty.ok("recovery", "use", stdin=words)
    empty.ok("init")
    assert empty.ok("recovery", "show").out == words


def test_a_store_without_keys_gets_new_ones(cli: Cli) -> None:
    (cli.home / "keys" / "root.json").unlink()
    cli.ok("init")
    assert len(cli.ok("recovery", "show").text.split()) == 24


def test_the_passphrase_is_read_from_the_named_file(empty: Cli, tmp_path: Path) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text("correct horse\n")
    guarded = Cli(empty.home, {"SATCHEL_PASSPHRASE_FILE": str(secret)})
    guarded.ok("init", "--passphrase")
    assert len(guarded.ok("recovery", "show").text.split()) == 24
    secret.write_text("wrong\n")
    answer = guarded.run("recovery", "show")
    assert answer.code == 5
    assert "wrong" not in answer.err


def test_a_passphrase_needs_a_terminal_or_a_file(empty: Cli) -> None:
    answer = empty.run("init", "--passphrase")
    assert answer.code == 2
    assert "SATCHEL_PASSPHRASE_FILE" in answer.err
    assert not empty.home.exists()


def test_a_home_below_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = Cli(tmp_path / "file" / "home").run("init")
    assert answer.code == 1
    assert answer.err.startswith("satchel: ")
