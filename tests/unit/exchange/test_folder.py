"""Importing folders: which files are read or skipped, and that nothing can hang or escape."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from satchel.exchange.limits import MAX_FOLDER_DEPTH
from satchel.pieces.fields import MAX_CONTENT_BYTES

if TYPE_CHECKING:
    from tests.unit.exchange.conftest import Found

Read = Callable[..., "Found"]

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


def write(root: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_every_text_file_becomes_a_draft_titled_by_its_path(tmp_path: Path, read_source: Read) -> None:
    write(tmp_path, {"a.py": "print(1)", "docs/b.md": "# b", "docs/deep/c.txt": "c"})
    found = read_source(tmp_path)
    assert found.kind == "folder"
    assert found.titles == ["a.py", "docs/b.md", "docs/deep/c.txt"]
    assert found.drafts[0].content == b"print(1)"
    assert found.drafts[1].source is not None
    assert found.drafts[1].source.file_name == "b.md"


def test_an_image_is_detected_by_its_first_bytes_not_its_name(tmp_path: Path, read_source: Read) -> None:
    write(tmp_path, {"shot.txt": PNG, "fake.png": b"\x00\x01\x02binary"})
    found = read_source(tmp_path)
    assert [(draft.title, draft.media_type) for draft in found.drafts] == [("shot.txt", "image/png")]
    assert [(item.where, item.reason) for item in found.skipped] == [("fake.png", "neither text nor image")]


def test_skipped_files_are_reported(tmp_path: Path, read_source: Read) -> None:
    write(tmp_path, {"empty.py": "", "blank.py": " \n", "prog": b"\x7fELF\x00\x01"})
    found = read_source(tmp_path)
    assert not found.drafts
    assert {(item.where, item.reason) for item in found.skipped} == {
        ("empty.py", "empty"),
        ("blank.py", "empty"),
        ("prog", "neither text nor image"),
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("gists.json", '[{"id": "a", "files": {"x.py": {"filename": "x.py", "content": "hi"}}}]'),
        ("cut.json", '[{"id": "a", "files": {"x.py": {"filename": "x.py", "content": "hi"'),
        ("gists.txt", '[{"id": "a", "files": {"x.py": {"filename": "x.py", "content": "hi"}}}]'),
        ("utf16.json", '\ufeff[{"id": "a", "files": {"x.py": {"filename": "x.py", "content": "hi"}}}]'),
        ("db.json", '{"folders": [], "tags": [], "snippets": [{"name": "n", "content": []}]}'),
        ("x.code-snippets", '{"a": {"prefix": "a", "body": "b"}}'),
    ],
)
def test_an_export_in_a_folder_is_reported_and_never_kept_as_a_file(
    tmp_path: Path, read_source: Read, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text, "utf-16-le" if name == "utf16.json" else "utf-8")
    (tmp_path / "package.json").write_text('{"name": "x", "files": ["lib"]}')
    (tmp_path / "empty.json").write_text("{}")
    (tmp_path / "broken.json").write_text('{"a": ')
    found = read_source(tmp_path)
    assert [item.where for item in found.skipped] == [name]
    assert found.titles == ["broken.json", "empty.json", "package.json"]


def test_a_file_over_the_limit_is_skipped(tmp_path: Path, read_source: Read) -> None:
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(MAX_CONTENT_BYTES + 1)
    assert [item.reason for item in read_source(tmp_path).skipped] == ["larger than 64 MiB"]


def test_nested_and_negated_gitignore_rules_apply(tmp_path: Path, read_source: Read) -> None:
    write(
        tmp_path,
        {
            ".gitignore": "*.log\nbuild/\n!keep.log\n/top.txt\n",
            "a.log": "x",
            "keep.log": "x",
            "top.txt": "x",
            "build/out.txt": "x",
            "sub/.gitignore": "local.txt\n!important.log\n",
            "sub/local.txt": "x",
            "sub/important.log": "x",
            "sub/other.log": "x",
            "sub/top.txt": "x",
            "other/local.txt": "x",
        },
    )
    assert read_source(tmp_path).titles == [
        ".gitignore",
        "keep.log",
        "other/local.txt",
        "sub/.gitignore",
        "sub/important.log",
        "sub/top.txt",
    ]


@pytest.mark.tool("git")
def test_the_same_files_are_read_as_git_lists(tmp_path: Path, read_source: Read) -> None:
    write(
        tmp_path,
        {
            ".gitignore": "# comment\n\n*.o\n!lib/*.o\n**/cache/\ndocs/*.tmp\n\\#odd\ntrailing   \nvendor\n",
            "a.o": "x",
            "lib/a.o": "x",
            "x/cache/y": "x",
            "docs/a.tmp": "x",
            "docs/d/a.tmp": "x",
            "#odd": "x",
            "trailing": "x",
            "vendor/v.c": "x",
            "src/vendor": "x",
            "src/main.c": "x",
            "src/.gitignore": "*.c\n!main.c\n",
            "src/other.c": "x",
        },
    )
    git = ["git", "-C", str(tmp_path), "-c", "core.excludesFile=/dev/null"]
    subprocess.run([*git, "init", "-q"], check=True)
    listed = subprocess.run(
        [*git, "ls-files", "--others", "--exclude-standard"], check=True, capture_output=True, text=True
    )
    assert sorted(read_source(tmp_path).titles) == sorted(
        line.strip('"') for line in listed.stdout.splitlines()
    )


def test_rules_of_the_containing_repository_apply(tmp_path: Path, read_source: Read) -> None:
    write(tmp_path, {".git/HEAD": "x", ".gitignore": "*.log\n", "sub/a.log": "x", "sub/a.txt": "x"})
    assert read_source(tmp_path / "sub").titles == ["a.txt"]


def test_an_ignored_folder_is_imported_if_it_is_named(tmp_path: Path, read_source: Read) -> None:
    write(
        tmp_path,
        {
            ".git/HEAD": "x", ".gitignore": "/versions/*\n*.log\n", "versions/3/a.txt": "x", "versions/3/a.log": "x",
            "versions/3/lib/.gitignore": "b.txt\n", "versions/3/lib/b.txt": "x", "versions/3/lib/c.txt": "x",
        },
    )  # fmt: skip
    assert read_source(tmp_path).titles == [".gitignore"]
    assert read_source(tmp_path / "versions" / "3").titles == [
        "a.log",
        "a.txt",
        "lib/.gitignore",
        "lib/c.txt",
    ]
    assert read_source(tmp_path / "versions" / "3" / "lib").titles == [".gitignore", "c.txt"]


def test_folders_of_version_control_are_skipped(tmp_path: Path, read_source: Read) -> None:
    write(tmp_path, {".git/config": "x", "sub/.hg/x": "x", "sub/a.txt": "x"})
    assert read_source(tmp_path).titles == ["sub/a.txt"]


def test_symbolic_links_are_not_followed(tmp_path: Path, read_source: Read) -> None:
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    write(outside, {"secret.txt": "x"})
    write(inside, {"a.txt": "a"})
    (inside / "link.txt").symlink_to(outside / "secret.txt")
    (inside / "loop").symlink_to(inside)
    (inside / "away").symlink_to(outside)
    found = read_source(inside)
    assert found.titles == ["a.txt"]
    assert [(item.where, item.reason) for item in found.skipped] == [
        ("away", "symbolic link"),
        ("link.txt", "symbolic link"),
        ("loop", "symbolic link"),
    ]


def test_a_pipe_in_a_folder_does_not_block(tmp_path: Path, read_source: Read) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert [(item.where, item.reason) for item in read_source(tmp_path).skipped] == [("pipe", "not a file")]


def test_too_deeply_nested_folders_are_a_problem(tmp_path: Path, read_source: Read) -> None:
    deep = tmp_path
    for _ in range(MAX_FOLDER_DEPTH + 2):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "x.txt").write_text("x")
    found = read_source(tmp_path)
    assert len(found.problems) == 1
    assert "deeper than" in found.problems[0].reason


def test_a_name_that_is_not_utf_8_gets_replacement_characters(tmp_path: Path, read_source: Read) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text("x")
    assert read_source(tmp_path).titles == ["caf\ufffd.txt"]


def test_a_malformed_gitignore_does_no_harm(tmp_path: Path, read_source: Read) -> None:
    write(tmp_path, {".gitignore": b"\xff\xfe[\n[[[\n!\n/\n", "a.txt": "a"})
    assert "a.txt" in read_source(tmp_path).titles


def test_a_single_file_is_read(tmp_path: Path, read_source: Read) -> None:
    write(tmp_path, {"parse.py": "def parse(): ..."})
    found = read_source(tmp_path / "parse.py")
    assert (found.kind, found.titles) == ("file", ["parse.py"])
