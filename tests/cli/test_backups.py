"""`satchel backup --to`, `restore --from`, `verify --from` and `backups … --from`, which need no cloud."""

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
    answer = filled.ok("restore", "--from", tmp_path / "a.age", "--yes")
    assert filled.json("list") == before
    assert "is kept as" in answer.err
    document = filled.json("restore", "--from", tmp_path / "a.age", "--yes")
    assert (document["pieces"], document["home"]) == (3, str(filled.home))
    assert Path(document["kept"]).exists()


def test_the_index_follows_a_restore(filled: Cli, tmp_path: Path) -> None:
    filled.ok("backup", "--to", tmp_path / "a.age")
    filled.save("a xylophone")
    assert len(filled.json("search", "xylophone")["pieces"]) == 1
    filled.ok("restore", "--from", tmp_path / "a.age", "--yes")
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


def test_files_whose_names_are_not_utf8_are_written_and_restored(filled: Cli, tmp_path: Path) -> None:
    file, folder = str(tmp_path / "b\udcff.age"), str(tmp_path / "d\udcff")
    assert filled.run("backup", "--to", file).code == 0
    assert filled.run("backup", "--to", file, "--json").code == 0
    assert filled.run("verify", "--from", file).code == 0
    assert filled.run("restore", "--from", file, "--into", folder).code == 0
    assert filled.run("restore", "--from", file, "--into", folder, "--yes", "--json").code == 0
    assert "b\\xff.age" in filled.run("status").text


def test_a_backup_in_a_file_takes_neither_an_expiry_nor_an_id(filled: Cli, tmp_path: Path) -> None:
    filled.ok("backup", "--to", tmp_path / "a.age")
    assert filled.run("backup", "--to", tmp_path / "a.age", "--expires", "7d").code == 2
    assert filled.run("restore", "abcd", "--from", tmp_path / "a.age").code == 2


def test_an_older_backup_in_a_file_needs_allow_older(filled: Cli, tmp_path: Path) -> None:
    path = tmp_path / "a.age"
    filled.ok("backup", "--to", path)
    older = path.read_bytes()
    filled.ok("backup", "--to", path)
    path.write_bytes(older)
    answer = filled.run("restore", "--from", path, "--yes")
    assert answer.code == 5
    assert "--allow-older" in answer.err
    filled.ok("restore", "--from", path, "--allow-older", "--yes")


def test_backups_in_two_files_have_numbers_of_their_own(filled: Cli, tmp_path: Path) -> None:
    for name in ("a.age", "b.age"):
        filled.ok("backup", "--to", tmp_path / name)
    for name in ("a.age", "b.age"):
        filled.ok("restore", "--from", tmp_path / name, "--yes")


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


# -- before anything is replaced ------------------------------------------------------------------------------


@pytest.fixture
def grown(filled: Cli, tmp_path: Path) -> Cli:
    """A store with one edited and two new Pieces since its backup `a.age`."""
    filled.ok("backup", "--to", tmp_path / "a.age")
    edited = filled.json("list")["pieces"][0]["id"]
    filled.ok("edit", edited, "--title", "an edited title")
    for number in range(2):
        filled.save(f"later {number}", "--title", f"later {number}")
    return filled


def test_off_a_terminal_a_store_is_replaced_only_with_yes(grown: Cli, tmp_path: Path) -> None:
    before = grown.json("list")
    for arguments in ([], ["--json"], ["--quiet"]):
        answer = grown.run("restore", "--from", tmp_path / "a.age", *arguments)
        assert answer.code == 2
        assert "--yes" in answer.err
        assert answer.out == b""
    assert grown.json("list") == before
    document = grown.json("restore", "--from", tmp_path / "a.age", "--yes")
    assert document["lost"] == {"missing": 2, "newer": 1}


@pytest.mark.parametrize("reply", [b"", b"\n", b"n\n", b"no\n", b"maybe\n"])
def test_on_a_terminal_what_would_be_lost_is_shown_and_asked(
    grown: Cli, tmp_path: Path, reply: bytes
) -> None:
    before = grown.json("list")
    answer = grown.run("restore", "--from", tmp_path / "a.age", stdin=reply, terminal=True)
    assert answer.code == 1
    assert "nothing was replaced" in answer.err
    for shown in (
        ": 3 Pieces\n",
        "with 5 Pieces",
        "not in the backup: 2 Pieces: later 0, later 1\n",
        "newer here than in the backup: 1 Piece: an edited title\n",
        "replace the store? [y/N]",
    ):
        assert shown in answer.err
    assert grown.json("list") == before
    assert not list(grown.home.glob("store.db.before-restore-*"))


def test_on_a_terminal_yes_replaces_the_store(grown: Cli, tmp_path: Path) -> None:
    grown.ok("restore", "--from", tmp_path / "a.age", stdin=b"y\n", terminal=True)
    assert len(grown.json("list")["pieces"]) == 3


def test_titles_cannot_write_to_the_terminal(filled: Cli, tmp_path: Path) -> None:
    filled.ok("backup", "--to", tmp_path / "a.age")
    filled.save("x", "--title", "a \u202e title \u00e9 " + "long " * 100)
    answer = filled.run("restore", "--from", tmp_path / "a.age", stdin=b"n\n", terminal=True)
    assert "\u202e" not in answer.err
    assert max(map(len, answer.err.splitlines())) < 200


def test_an_empty_or_a_new_home_needs_no_yes(filled: Cli, tmp_path: Path, another: NewCli) -> None:
    filled.ok("backup", "--to", tmp_path / "a.age")
    assert filled.json("restore", "--from", tmp_path / "a.age", "--into", tmp_path / "then")["lost"] is None
    words = filled.json("recovery", "show")["words"]
    new = another()
    new.ok("recovery", "use", stdin=(words if isinstance(words, str) else " ".join(words)).encode())
    answer = new.ok("restore", "--from", tmp_path / "a.age")
    assert ": 3 Pieces" in answer.err
    assert len(new.json("list")["pieces"]) == 3


def test_on_a_new_device_with_a_terminal_the_time_is_shown_and_asked(filled: Cli, tmp_path: Path) -> None:
    filled.ok("backup", "--to", tmp_path / "a.age")
    (filled.home / "store.db").unlink()
    (filled.home / "backups" / "sequences.json").unlink()
    answer = filled.run("restore", "--from", tmp_path / "a.age", stdin=b"n\n", terminal=True)
    assert answer.code == 1
    assert "compare the time" in answer.err
    assert answer.err.index(" of 20") < answer.err.index("restore it? [y/N]")
    assert not (filled.home / "store.db").exists()
    filled.ok("restore", "--from", tmp_path / "a.age", stdin=b"y\n", terminal=True)
    assert len(filled.json("list")["pieces"]) == 3


def test_undo_swaps_the_stores(grown: Cli, tmp_path: Path) -> None:
    assert grown.run("restore", "--undo").code == 3
    before = grown.json("list")
    grown.ok("restore", "--from", tmp_path / "a.age", "--yes")
    restored = grown.json("list")
    answer = grown.ok("restore", "--undo")
    assert "5 Pieces" in answer.text
    assert grown.json("list") == before
    assert grown.json("restore", "--undo")["pieces"] == 3
    assert grown.json("list") == restored
    assert grown.json("search", "later")["pieces"] == []


def test_undo_takes_nothing_else(grown: Cli, tmp_path: Path) -> None:
    for arguments in (["abcd"], ["--from", tmp_path / "a.age"], ["--into", tmp_path], ["--device", "x"]):
        assert grown.run("restore", "--undo", *arguments).code == 2


# -- reading --------------------------------------------------------------------------------------------------


def test_a_backup_is_shown(grown: Cli, tmp_path: Path) -> None:
    made = grown.json("backup", "--to", tmp_path / "a.age")
    document = grown.json("backups", "show", "--from", tmp_path / "a.age")
    assert document["id"] == made["id"]
    assert document["pieces"] == 5
    assert document["borrows_from"] == []
    assert document["size_bytes"] == (tmp_path / "a.age").stat().st_size
    said = grown.ok("backups", "show", "--from", tmp_path / "a.age").text
    assert "5 Pieces" in said
    assert made["id"] in said


def test_the_pieces_of_a_backup_are_listed(grown: Cli, tmp_path: Path) -> None:
    grown.ok("backup", "--to", tmp_path / "b.age")
    listed = grown.json("backups", "ls", "--from", tmp_path / "b.age")
    assert sorted(piece["id"] for piece in listed["pieces"]) == sorted(
        piece["id"] for piece in grown.json("list")["pieces"]
    )
    assert listed["has_more"] is False
    assert len(grown.ok("backups", "ls", "--from", tmp_path / "a.age").lines) == 3
    few = grown.json("backups", "ls", "--from", tmp_path / "b.age", "--limit", "2")
    assert (len(few["pieces"]), few["has_more"]) == (2, True)
    found = grown.json("backups", "ls", "--from", tmp_path / "b.age", "--search", "LATER 1")
    assert [piece["title"] for piece in found["pieces"]] == ["later 1"]
    assert "no matching" in grown.ok("backups", "ls", "--from", tmp_path / "b.age", "--search", "zzz").err


def test_a_backup_is_compared_with_the_store_and_with_another(grown: Cli, tmp_path: Path) -> None:
    document = grown.json("backups", "diff", "--from", tmp_path / "a.age")
    assert [piece["title"] for piece in document["added"]] == ["later 0", "later 1"]
    assert [piece["title"] for piece in document["changed"]] == ["an edited title"]
    assert document["removed"] == []
    lines = grown.ok("backups", "diff", "--from", tmp_path / "a.age").lines
    assert [line.split("\t")[0] for line in lines] == ["changed", "added", "added"]
    grown.ok("backup", "--to", tmp_path / "b.age")
    assert grown.ok("backups", "diff", "--from", tmp_path / "b.age").lines == []
    both = grown.json("backups", "diff", "--from", tmp_path / "a.age", "--from", tmp_path / "b.age")
    assert both == document


def test_a_sample_is_verified(grown: Cli, tmp_path: Path) -> None:
    document = grown.json("verify", "--from", tmp_path / "a.age", "--sample", "100%")
    assert (document["checked"], document["same"], document["changed"], document["removed"]) == (3, 3, 0, 0)
    assert grown.json("verify", "--from", tmp_path / "a.age", "--sample", "2")["checked"] == 2
    assert "of 3 in backup" in grown.ok("verify", "--from", tmp_path / "a.age", "--sample", "1%").text


@pytest.mark.parametrize(
    "share", ["", "%", "0", "0%", "101%", "-1%", "1.5", "1e3", "nan%", "inf%", "9" * 20, "\u0661%"]
)
def test_a_sample_is_a_percentage_or_a_number(grown: Cli, tmp_path: Path, share: str) -> None:
    answer = grown.run("verify", "--from", tmp_path / "a.age", "--sample", share)
    assert answer.code == 2
    assert "Traceback" not in answer.err


def test_a_sealed_export_is_not_called_malformed(filled: Cli, tmp_path: Path) -> None:
    filled.ok("export", tmp_path / "export.age", "--sealed")
    for words in (
        ["restore"],
        ["verify"],
        ["verify", "--sample", "1"],
        ["backups", "show"],
        ["backups", "ls"],
    ):
        answer = filled.run(*words, "--from", tmp_path / "export.age")
        assert answer.code == 5
        assert "a sealed export of satchel" in answer.err
        assert "satchel import" in answer.err
