"""`satchel edit`, `satchel tag` and `satchel rm`."""

import os
import stat
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import PROGRAM, Cli


@pytest.fixture
def piece(cli: Cli) -> str:
    return cli.save("old text\n", "--title", "note.py", "--language", "python", "--tag", "a")


def editor(folder: Path, code: str) -> str:
    """Write an editor that runs `code` with the file's path as `path`, and return its command."""
    script = folder / "editor.py"
    script.write_text(f"import os, pathlib, sys\npath = pathlib.Path(sys.argv[-1])\n{code}\n")
    return f"{sys.executable} {script}"


def edit_with(cli: Cli, command: str, *arguments: str) -> tuple[int, str]:
    return cli.talk("edit", *arguments, variables={"EDITOR": command})


def test_each_field_can_be_changed(cli: Cli, piece: str) -> None:
    cli.ok(
        "edit",
        piece,
        "--title",
        "New",
        "--description",
        "why",
        "--language",
        "go",
        "--tag",
        "x",
        "--link",
        "https://e.org",
    )
    shown = cli.json("show", piece)
    assert [shown[name] for name in ("title", "description", "language", "tags", "links")] == [
        "New", "why", "go", ["x"], ["https://e.org"],
    ]  # fmt: skip
    assert shown["content"] == "old text\n"


def test_an_empty_language_removes_it(cli: Cli, piece: str) -> None:
    assert cli.json("edit", piece, "--language", "")["language"] is None


def test_content_is_replaced_from_a_file_or_standard_input(cli: Cli, piece: str, tmp_path: Path) -> None:
    path = tmp_path / "new.py"
    path.write_text("from a file")
    cli.ok("edit", piece, path)
    assert cli.ok("show", piece).out == b"from a file"
    cli.ok("edit", piece, "-", stdin=b"from input")
    assert cli.ok("show", piece).out == b"from input"
    assert cli.json("show", piece)["title"] == "note.py"


def test_an_edit_without_a_change_adds_no_revision(cli: Cli, piece: str) -> None:
    document = cli.json("edit", piece, "--title", "note.py")
    assert (document["is_changed"], document["revision"]) == (False, 1)


@pytest.mark.parametrize("data", [b"", b"\x00\x01"])
def test_invalid_content_changes_nothing(cli: Cli, piece: str, data: bytes) -> None:
    assert cli.run("edit", piece, "-", stdin=data).code == 2
    assert cli.ok("show", piece).out == b"old text\n"


def test_without_a_terminal_no_editor_is_started(cli: Cli, piece: str) -> None:
    answer = cli.run("edit", piece)
    assert answer.code == 2
    assert "no terminal" in answer.err


def test_the_editor_changes_the_content(cli: Cli, piece: str, tmp_path: Path) -> None:
    code, said = edit_with(cli, editor(tmp_path, "path.write_text(path.read_text() + 'more\\n')"), piece)
    assert code == 0, said
    assert "now at revision 2" in said
    assert cli.ok("show", piece).out == b"old text\nmore\n"


def test_the_edited_file_is_private_in_the_home_and_removed_afterwards(
    cli: Cli, piece: str, tmp_path: Path
) -> None:
    report = tmp_path / "report"
    command = editor(tmp_path, f"open({str(report)!r}, 'w').write(f'{{path}} {{oct(path.stat().st_mode)}}')")
    assert edit_with(cli, command, piece)[0] == 0
    path, mode = report.read_text().split()
    assert Path(path).parent == cli.home
    assert Path(path).suffix == ".py"
    assert stat.S_IMODE(int(mode, 8)) == 0o600
    assert [each.name for each in cli.home.iterdir() if each.name.startswith("edit-")] == []


@pytest.mark.parametrize(
    "code", ["sys.exit(3)", "path.write_text('')", "path.write_text('changed'); sys.exit(1)"]
)
def test_a_failing_editor_or_an_empty_file_changes_nothing(
    cli: Cli, piece: str, tmp_path: Path, code: str
) -> None:
    status, said = edit_with(cli, editor(tmp_path, code), piece)
    assert status == 1
    assert "nothing was changed" in said
    assert cli.json("show", piece)["revision"] == 1
    assert not list(cli.home.glob("edit-*"))


def test_visual_precedes_editor_and_fallbacks_are_found(cli: Cli, piece: str, tmp_path: Path) -> None:
    change = editor(tmp_path, "path.write_text('by visual')")
    assert cli.talk("edit", piece, variables={"VISUAL": change, "EDITOR": "/no/such/editor"})[0] == 0
    assert cli.ok("show", piece).out == b"by visual"
    (tmp_path / "sensible-editor").write_text("#!/bin/sh\nprintf 'by fallback' > \"$1\"\n")
    (tmp_path / "sensible-editor").chmod(0o755)
    found = {"VISUAL": "", "EDITOR": "", "PATH": f"{tmp_path}:/usr/bin:/bin"}
    assert cli.talk("edit", piece, variables=found)[0] == 0
    none = cli.talk("edit", piece, variables={**found, "PATH": str(tmp_path / "empty")})
    assert none[0] == 2
    assert "set EDITOR" in none[1]


def test_a_missing_editor_is_an_error(cli: Cli, piece: str) -> None:
    status, said = edit_with(cli, "/no/such/editor", piece)
    assert status == 2
    assert "set EDITOR" in said


def test_the_edited_text_is_kept_if_the_piece_changed_meanwhile(cli: Cli, piece: str, tmp_path: Path) -> None:
    meanwhile = (
        f"os.system('{PROGRAM} edit {piece} --title Meanwhile > {os.devnull}'); path.write_text('my text')"
    )
    status, said = edit_with(cli, editor(tmp_path, meanwhile), piece)
    assert status == 1
    assert "your text is kept in" in said.replace("\r\n", " ")
    (kept,) = cli.home.glob("edit-*")
    assert kept.read_text() == "my text"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert cli.json("show", piece)["title"] == "Meanwhile"


def test_tags_are_added_and_removed(cli: Cli, piece: str) -> None:
    assert cli.json("tag", piece, "New Tag", "b")["tags"] == ["a", "b", "new-tag"]
    assert cli.json("tag", piece, "c", "--remove", "a", "--remove", "b")["tags"] == ["c", "new-tag"]
    assert cli.ok("tag", piece).text == "c new-tag\n"
    assert cli.json("show", piece)["revision"] == 3


def test_an_image_is_not_opened_in_an_editor(cli: Cli) -> None:
    image = cli.save(b"\x89PNG\r\n\x1a\n\x00")
    status, said = edit_with(cli, "/no/such/editor", image)
    assert status == 2
    assert "image" in said


def test_removing_needs_yes_without_a_terminal(cli: Cli, piece: str) -> None:
    answer = cli.run("rm", piece)
    assert answer.code == 2
    assert "--yes" in answer.err
    assert cli.json("rm", piece, "--yes") == {"removed": [piece]}
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
