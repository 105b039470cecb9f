"""Pieces with several files on the command line."""

import base64
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Cli

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
FILES = {"test_main.py": b"import main\n", "__init__.py": b"", "shot.png": PNG}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with main.py and FILES."""
    made = tmp_path / "sources"
    made.mkdir()
    (made / "main.py").write_bytes(b"def main(): ...\n")
    for name, content in FILES.items():
        (made / name).write_bytes(content)
    return made


@pytest.fixture
def piece(cli: Cli, folder: Path) -> str:
    """A Piece with all files."""
    return cli.ok("save", folder / "main.py", *with_files(folder), "--tag", "t").text.strip()


def with_files(folder: Path, *names: str) -> list[str]:
    return [part for name in names or FILES for part in ("--file", str(folder / name))]


def plain(cli: Cli) -> Cli:
    """Return the command line without colours."""
    return Cli(cli.home, {"NO_COLOR": "1"})


def names(document: dict[str, Any]) -> list[str]:
    return [file["name"] for file in document["files"]]


def count(cli: Cli) -> int:
    found: int = cli.json("status")["pieces"]
    return found


# -- save


def test_files_are_saved_with_their_piece(cli: Cli, folder: Path) -> None:
    document = cli.json("save", folder / "main.py", "--no-suggest", *with_files(folder))
    assert (document["title"], document["language"], document["size_bytes"]) == ("main.py", "python", 16)
    assert document["files"] == [
        {"name": "test_main.py", "language": "python", "media_type": "text/plain", "size_bytes": 12},
        {"name": "__init__.py", "language": "python", "media_type": "text/plain", "size_bytes": 0},
        {"name": "shot.png", "language": None, "media_type": "image/png", "size_bytes": 10},
    ]
    assert count(cli) == 1


def test_files_are_saved_with_standard_input_and_counted(cli: Cli, folder: Path) -> None:
    answer = cli.ok("save", "-", "--no-suggest", *with_files(folder), stdin=b"a note", terminal=True)
    assert "(a note), 4 files" in answer.text


def test_the_same_files_are_not_saved_again(cli: Cli, folder: Path, piece: str) -> None:
    again = cli.json("save", folder / "main.py", *with_files(folder))
    assert (again["id"], again["is_new"]) == (piece, False)
    assert cli.json("save", folder / "main.py")["is_new"] is True
    assert cli.json("save", folder / "main.py", *with_files(folder, "shot.png"))["is_new"] is True
    assert count(cli) == 3


@pytest.mark.parametrize(
    ("file", "code", "said"),
    [
        ("missing.py", 3, "there is no file"),
        (".", 2, "is a folder"),
        ("binary", 2, "neither text nor an image"),
        ("sub/main.py", 2, "two files are named 'main.py'"),
        ("a\nb", 2, "is not a valid file name"),
        ("\u202egpj.exe", 2, "is not a valid file name"),
        ("\udcff", 2, "is not a valid file name"),
    ],
)
def test_a_bad_file_saves_nothing_and_prints_one_line(
    cli: Cli, folder: Path, file: str, code: int, said: str
) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "main.py").write_bytes(b"1")
    (folder / "binary").write_bytes(b"\x7fELF\0")
    for name in ("a\nb", "\u202egpj.exe", "\udcff"):
        (folder / os.fsencode(name).decode("utf-8", "surrogateescape")).write_bytes(b"1")
    answer = cli.run("save", folder / "main.py", *with_files(folder, "test_main.py", file))
    assert answer.code == code
    assert said in answer.err
    assert sum(line.startswith("satchel: ") for line in answer.err.splitlines()) == 1
    assert count(cli) == 0


def test_the_main_file_may_have_any_name(cli: Cli, folder: Path) -> None:
    odd = folder / "odd\nname"
    odd.write_bytes(b"text")
    piece = cli.json("save", odd, *with_files(folder, "shot.png"))["id"]
    assert cli.json("show", piece)["source"]["file_name"] == "odd name"


def test_a_duplicate_name_is_refused(cli: Cli, folder: Path) -> None:
    answer = cli.run("save", folder / "main.py", *with_files(folder, "shot.png", "shot.png"))
    assert answer.code == 2
    assert "two files are named 'shot.png'" in answer.err


def test_files_for_several_pieces_are_refused(cli: Cli, folder: Path) -> None:
    answer = cli.run("save", folder / "main.py", folder / "shot.png", *with_files(folder, "test_main.py"))
    assert answer.code == 2
    assert "one Piece" in answer.err
    assert count(cli) == 0


# -- show, list and search


def test_in_a_pipe_only_the_content_is_printed_and_the_files_are_noted(cli: Cli, piece: str) -> None:
    answer = cli.ok("show", piece)
    assert answer.out == b"def main(): ...\n"
    assert "3 more files: test_main.py, __init__.py, shot.png; --only NAME" in answer.err
    assert cli.ok("show", piece, "--quiet").err == ""


def test_on_a_terminal_every_file_follows_below_its_name(cli: Cli, piece: str) -> None:
    shown = plain(cli).ok("show", piece, terminal=True).text
    assert shown.index("def main") < shown.index("── test_main.py · python") < shown.index("import main")
    assert shown.index("── __init__.py") < shown.index("── shot.png")
    assert f"satchel show {piece[10:14]} --only NAME > FILE" in shown
    assert "4 files" in shown.splitlines()[0]


@pytest.mark.parametrize("name", FILES)
def test_one_file_is_printed_byte_for_byte(cli: Cli, piece: str, name: str) -> None:
    assert cli.process("show", piece, "--only", name).out == FILES[name]
    shown = cli.json("show", piece, "--only", name)
    assert (shown["id"], shown["name"], shown["size_bytes"]) == (piece, name, len(FILES[name]))


def test_the_main_content_is_selected_by_its_name(cli: Cli, piece: str) -> None:
    cli.ok("edit", piece, "--title", "other")
    assert cli.ok("show", piece, "--only", "main.py").out == b"def main(): ...\n"
    assert cli.run("show", piece, "--only", "other").code == 3
    note = cli.save("text", "--title", "a note")
    assert cli.ok("show", note, "--only", "a note").out == b"text"


def test_a_missing_file_is_not_found(cli: Cli, piece: str) -> None:
    answer = cli.run("show", piece, "--only", "missing")
    assert answer.code == 3
    assert "has no file 'missing'" in answer.err
    assert "'test_main.py'" in answer.err


def test_the_document_has_all_files(cli: Cli, piece: str) -> None:
    shown = cli.json("show", piece)
    assert names(shown) == list(FILES)
    assert shown["files"][0]["content"] == "import main\n"
    assert shown["files"][2]["encoding"] == "base64"
    assert base64.b64decode(shown["files"][2]["content"]) == PNG


def test_a_hostile_name_is_safe_on_a_terminal(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "gist.json"
    path.write_text('{"id": "g", "files": {"a": {"content": "1"}, "\\u001b[31m\\u202e": {"content": "2"}}}')
    cli.ok("import", path)
    piece = cli.json("list")["pieces"][0]["id"]
    shown = plain(cli).ok("show", piece, terminal=True).text
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_piece_is_found_by_any_of_its_files(cli: Cli, piece: str) -> None:
    for query in ("test_main", "shot.png", '"import main"'):
        assert [found["id"] for found in cli.json("search", query)["pieces"]] == [piece]
    assert [found["id"] for found in cli.json("list")["pieces"]] == [piece]


# -- edit and history


def test_a_file_is_added_replaced_and_removed(cli: Cli, folder: Path, piece: str) -> None:
    (folder / "new.css").write_text("a {}")
    (folder / "test_main.py").write_text("changed")
    document = cli.json(
        "edit", piece, "--add-file", folder / "new.css", "--add-file", folder / "test_main.py",
        "--remove-file", "shot.png",
    )  # fmt: skip
    assert names(document) == ["test_main.py", "__init__.py", "new.css"]
    assert cli.ok("show", piece, "--only", "test_main.py").out == b"changed"
    assert cli.ok("show", piece, "--only", "test_main.py", "--revision", "1").out == b"import main\n"
    assert cli.ok("show", piece).out == b"def main(): ...\n"


def test_history_counts_files_and_restores_them(cli: Cli, piece: str) -> None:
    cli.ok("edit", piece, "--remove-file", "shot.png")
    rows = [line.split("\t")[-1] for line in cli.ok("history", piece).lines]
    assert rows == ["4", "3"]
    assert [len(each["files"]) for each in cli.json("history", piece)["revisions"]] == [3, 2]
    assert names(cli.json("history", piece, "--restore", "1")) == list(FILES)
    assert cli.process("show", piece, "--only", "shot.png").out == PNG


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["--remove-file", "missing"], (3, "no file 'missing'")),
        (["--add-file", "FOLDER/missing"], (3, "there is no file")),
        (["--add-file", "FOLDER/main.py"], (2, "two files are named 'main.py'")),
        (["--only", "missing", "-"], (3, "no file 'missing'")),
        (["--add-file", "FOLDER/ends with a space "], (2, "is not a valid file name")),
    ],
)
def test_a_bad_edit_changes_nothing(
    cli: Cli, folder: Path, piece: str, arguments: list[str], answer: tuple[int, str]
) -> None:
    (folder / "ends with a space ").write_text("1")
    before = cli.json("show", piece)
    given = [argument.replace("FOLDER", str(folder)) for argument in arguments]
    ran = cli.run("edit", piece, "--title", "not this either", *given, stdin=b"x")
    assert ran.code == answer[0]
    assert answer[1] in ran.err
    assert cli.json("show", piece) == before


def test_content_and_language_of_one_file_are_changed(cli: Cli, piece: str) -> None:
    cli.ok("edit", piece, "-", "--only", "test_main.py", stdin=b"from input")
    cli.ok("edit", piece, "--only", "test_main.py", "--language", "text", "--title", "T")
    shown = cli.json("show", piece)
    assert (shown["title"], shown["language"], shown["content"]) == ("T", "python", "def main(): ...\n")
    assert (shown["files"][0]["content"], shown["files"][0]["language"]) == ("from input", "text")
    assert cli.json("edit", piece, "--only", "test_main.py", "--language", "")["files"][0]["language"] is None
    cli.ok("edit", piece, "-", "--only", "main.py", stdin=b"main content")
    assert cli.ok("show", piece).out == b"main content"


def test_one_file_is_edited_in_the_editor(cli: Cli, piece: str, tmp_path: Path) -> None:
    script = tmp_path / "editor.py"
    script.write_text("import pathlib, sys\npath = pathlib.Path(sys.argv[-1])\npath.write_text(path.name)\n")
    said = cli.talk(
        "edit", piece, "--only", "test_main.py", variables={"EDITOR": f"{sys.executable} {script}"}
    )
    assert said[0] == 0, said[1]
    assert cli.ok("show", piece, "--only", "test_main.py").text == "piece.py"  # other users see command lines
    assert cli.ok("show", piece).out == b"def main(): ...\n"
    image = cli.talk("edit", piece, "--only", "shot.png", variables={"EDITOR": "/no/such/editor"})
    assert image[0] == 2
    assert "--only NAME FILE" in image[1]


# -- export and import


def test_export_and_import_keep_all_files(cli: Cli, piece: str, tmp_path: Path) -> None:
    cli.ok("edit", piece, "--remove-file", "__init__.py")
    cli.ok("export", tmp_path / "e.zip")
    other = Cli(tmp_path / "other")
    other.ok("init")
    assert other.json("import", tmp_path / "e.zip")["imported"] == 1
    [found] = other.json("list")["pieces"]
    assert names(other.json("show", found["id"])) == ["test_main.py", "shot.png"]
    assert names(other.json("show", found["id"], "--revision", "1")) == list(FILES)
    assert other.json("import", tmp_path / "e.zip")["skipped_because"] == {"already here": 1}
