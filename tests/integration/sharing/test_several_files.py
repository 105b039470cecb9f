"""A Piece of several files, shared and opened with real processes."""

import subprocess
from pathlib import Path

import pytest
from tests.integration.sharing.test_terminal import typed
from tests.support.device import Device

from satchel.store import Changes, Source, WholeFile

MAIN = b"import parser\n"
FILES = {"parser.py": b"def parse(): ...\n", "Makefile": b"all:\n", "dot.png": b"\x89PNG\r\n\x1a\n\x00\xff"}


@pytest.fixture
def piece(owner: Device) -> str:
    whole = tuple(WholeFile(name, content) for name, content in FILES.items())
    source = Source("file", "/home/owner/secret-project/main.py", "main.py")
    return owner.save(MAIN, title="Parser", language="python", source=source, files=whole)


@pytest.fixture
def link(owner: Device, piece: str) -> str:
    return owner.run("share", piece).text


def test_a_pipe_gets_the_content_alone_and_the_other_files_are_named(stranger: Device, link: str) -> None:
    ran = stranger.run("get", link)
    assert ran.stdout == MAIN
    assert b"3 more files: parser.py, Makefile, dot.png; --into DIR writes all" in ran.stderr


def test_on_a_terminal_every_file_is_shown(stranger: Device, link: str) -> None:
    code, screen = typed(stranger, ["get", link], {})
    assert code == 0
    places = [
        screen.index(part) for part in ("import parser", "parser.py", "def parse", "Makefile", "dot.png")
    ]
    assert places == sorted(places)


def test_json_output_has_all_files_and_not_their_origin(stranger: Device, link: str) -> None:
    opened = stranger.json("get", link)
    assert (opened["name"], opened["content"]) == ("main.py", MAIN.decode())
    assert [(file["name"], file["encoding"]) for file in opened["files"]] == [
        ("parser.py", "text"),
        ("Makefile", "text"),
        ("dot.png", "base64"),
    ]
    assert b"secret-project" not in stranger.run("get", link, "--json").stdout


def test_all_files_are_written_to_a_folder(stranger: Device, link: str, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    opened = stranger.json("get", link, "--into", folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"main.py": MAIN, **FILES}
    assert opened["paths"] == [str(folder / name) for name in ("main.py", *FILES)]
    assert "content" not in opened["files"][0]
    again = stranger.run("get", link, "--into", folder).text.splitlines()
    assert again == [str(folder / name) for name in ("main-2.py", "parser-2.py", "Makefile-2", "dot-2.png")]
    assert [path.name for path in stranger.home.iterdir()] == ["ledger.db"]


def test_a_share_of_one_content_is_named_after_its_title(
    owner: Device, stranger: Device, tmp_path: Path
) -> None:
    for title, content, name in (
        ("../greet", b"print(1)", "_greet.py"),
        ("shot", FILES["dot.png"], "shot.png"),
    ):
        shared = owner.save(content, title=title, language="python" if name.endswith("py") else None)
        stranger.run("get", owner.run("share", shared).text, "--into", tmp_path / "into")
        assert (tmp_path / "into" / name).read_bytes() == content


def test_a_saved_share_keeps_all_files(owner: Device, link: str) -> None:
    saved = owner.json("get", link, "--save")["id"]
    shown = owner.json("show", saved)
    assert [file["name"] for file in shown["files"]] == list(FILES)
    assert shown["source"]["file_name"] == "main.py"
    assert owner.run("show", saved, "--only", "dot.png").stdout == FILES["dot.png"]
    relinked = owner.run("share", saved).text
    assert owner.json("get", relinked)["files"] == owner.json("get", link)["files"]


@pytest.mark.parametrize(
    "arguments", [["--save", "--into", "FOLDER"], ["--into", "FILE"], ["--into", "FILE/x"]]
)
def test_an_unwritable_target_is_reported_before_a_view_is_used(
    owner: Device, stranger: Device, piece: str, tmp_path: Path, arguments: list[str]
) -> None:
    (tmp_path / "file").write_text("x")
    link = owner.run("share", piece, "--views", "1").text
    given = [
        argument.replace("FOLDER", str(tmp_path)).replace("FILE", str(tmp_path / "file"))
        for argument in arguments
    ]
    stranger.run("get", link, *given, code=1 if given[-1].endswith("x") else 2)
    assert stranger.run("get", link).stdout == MAIN


def test_an_update_shares_the_current_files(owner: Device, stranger: Device, piece: str) -> None:
    made = owner.json("share", piece)
    owner.edit(piece, Changes(add_files=(WholeFile("new.py", b"new"),), remove_files=("dot.png", "Makefile")))
    owner.run("shares", "update", made["id"])
    assert [file["name"] for file in stranger.json("get", made["link"])["files"]] == ["parser.py", "new.py"]
    owner.edit(piece, Changes(files=()))
    owner.run("shares", "update", made["id"])
    assert stranger.json("get", made["link"])["files"] == []


@pytest.mark.tool("bash", "curl", "age", "funzip", "unzip")
def test_stock_tools_print_the_content_and_extract_the_files(link: str, tmp_path: Path) -> None:
    address, _, key = link.partition("#")
    (tmp_path / "key").write_text(f"AGE-SECRET-KEY-1{key.upper()}\n")
    line = 'curl -s "$1/raw" | age -d -i key > share.zip && funzip < share.zip && unzip -q share.zip'
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line, "-", address], cwd=tmp_path, capture_output=True, check=True
    )
    assert done.stdout == MAIN
    written = [(tmp_path / "files" / str(number)).read_bytes() for number in (1, 2, 3)]
    assert written == list(FILES.values())
