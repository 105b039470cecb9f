"""`satchel edit` and `satchel tag`."""

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


def test_the_edited_file_is_in_a_private_directory_that_is_removed_afterwards(
    cli: Cli, piece: str, tmp_path: Path
) -> None:
    report = tmp_path / "report"
    modes = "oct(path.stat().st_mode), oct(path.parent.stat().st_mode)"
    command = editor(
        tmp_path, f"print(path, {modes}, file=open({str(report)!r}, 'w')); (path.parent / '.swp').touch()"
    )
    assert edit_with(cli, command, piece)[0] == 0
    path, *found = report.read_text().split()
    assert Path(path).is_relative_to(cli.home)
    assert Path(path).suffix == ".py"
    assert [stat.S_IMODE(int(mode, 8)) for mode in found] == [0o600, 0o700]
    assert list((cli.home / "edits").iterdir()) == []


@pytest.mark.parametrize("code", ["sys.exit(3)", "path.write_text('')", "path.unlink()"])
def test_if_nothing_was_typed_a_failing_editor_leaves_nothing(
    cli: Cli, piece: str, tmp_path: Path, code: str
) -> None:
    status, said = edit_with(cli, editor(tmp_path, code), piece)
    assert status == 1
    assert "nothing was changed" in said
    assert cli.json("show", piece)["revision"] == 1
    assert not list(cli.home.glob("edit-*"))
    assert list((cli.home / "edits").iterdir()) == []


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
