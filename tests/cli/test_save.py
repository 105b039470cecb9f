"""`satchel save`."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import PROGRAM, Cli

from satchel.pieces.fields import MAX_CONTENT_BYTES

IMAGES = {
    "image/png": b"\x89PNG\r\n\x1a\n\x00\x00",
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    "image/gif": b"GIF89a\x01\x00\x01\x00\x00",
    "image/webp": b"RIFF\x1a\x00\x00\x00WEBPVP8L\x00",
}


def test_title_and_language_follow_from_the_file_name(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "parse.py"
    path.write_text("def parse(): ...\n")
    document = cli.json("save", path, "--no-suggest", "--tag", "HTTP stuff", "--tag", "#x")
    assert (document["title"], document["language"], document["tags"]) == (
        "parse.py",
        "python",
        ["http-stuff", "x"],
    )
    assert document["is_new"] is True
    assert cli.ok("show", document["id"]).out == b"def parse(): ...\n"


def test_standard_input_is_titled_by_its_first_line(cli: Cli) -> None:
    document = cli.json("save", "-", "--no-suggest", stdin=b"# How to wait\n\nsleep 1\n")
    assert document["title"] == "How to wait"
    piped = cli.json("save", "--no-suggest", stdin=b"piped without a dash")
    assert piped["title"] == "piped without a dash"


def test_options_override_suggestions(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x")
    document = cli.json(
        "save",
        path,
        "--title",
        "Mine",
        "--language",
        "Rust",
        "--description",
        "why",
        "--link",
        "https://e.org",
    )
    shown = cli.json("show", document["id"])
    assert (shown["title"], shown["language"]) == ("Mine", "rust")
    assert (shown["description"], shown["links"]) == ("why", ["https://e.org"])
    assert shown["source"] == {"kind": "file", "location": str(path), "file_name": "a.py"}


def test_in_a_pipe_only_the_id_is_printed(cli: Cli) -> None:
    answer = cli.ok("save", "-", stdin=b"text")
    assert len(answer.lines) == 1
    assert cli.json("show", answer.text.strip())["content"] == "text"


def test_on_a_terminal_a_sentence_is_printed(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1")
    answer = cli.ok("save", path, "--title", "one", terminal=True)
    assert re.fullmatch(r"saved [0-9A-Z]{4} \(one\), python\n", answer.lines[0] + "\n")


def test_existing_content_is_reported_and_not_saved_again(cli: Cli) -> None:
    first = cli.save("same")
    answer = cli.ok("save", "-", stdin=b"same")
    assert answer.text.strip() == first
    assert "already here" in answer.err
    assert cli.json("save", "-", stdin=b"same")["is_new"] is False
    assert "already here" in cli.ok("save", "-", stdin=b"same", terminal=True).text
    assert cli.json("status")["pieces"] == 1


def test_existing_content_is_saved_with_again(cli: Cli) -> None:
    first = cli.save("same")
    assert cli.save("same", "--again") != first
    assert cli.json("status")["pieces"] == 2


def test_content_is_new_after_its_piece_was_edited_or_removed(cli: Cli) -> None:
    first = cli.save("one")
    cli.ok("edit", first, "-", stdin=b"two")
    assert cli.json("save", "-", stdin=b"one")["is_new"] is True
    cli.ok("rm", first, "--yes")
    assert cli.json("save", "-", stdin=b"two")["is_new"] is True


def test_several_files_are_saved_at_once(cli: Cli, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.txt" for name in "abc"]
    for path in paths:
        path.write_text(path.stem)
    pieces = cli.json("save", *paths, "--no-suggest", "--tag", "t")["pieces"]
    assert [piece["title"] for piece in pieces] == ["a.txt", "b.txt", "c.txt"]
    assert len(cli.ok("save", *paths, "--again").lines) == 3


def test_one_title_for_several_files_is_refused(cli: Cli, tmp_path: Path) -> None:
    answer = cli.run("save", "a", "b", "--title", "x")
    assert answer.code == 2
    assert cli.json("status")["pieces"] == 0


@pytest.mark.parametrize("media_type", IMAGES)
def test_an_image_is_detected_by_its_first_bytes(cli: Cli, tmp_path: Path, media_type: str) -> None:
    path = tmp_path / "picture.txt"
    path.write_bytes(IMAGES[media_type])
    shown = cli.json("show", cli.json("save", path)["id"])
    assert shown["media_type"] == media_type
    assert shown["encoding"] == "base64"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "neither text nor an image"),
        (b"PK\x03\x04\x00\x00\x00\x00", "neither text nor an image"),
    ],
)
def test_invalid_content_is_refused(cli: Cli, data: bytes, said: str) -> None:
    answer = cli.run("save", "-", stdin=data)
    assert answer.code == 2
    assert said in answer.err
    assert cli.json("status")["pieces"] == 0


def test_content_over_the_limit_is_refused(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(MAX_CONTENT_BYTES + 1)
    answer = cli.run("save", path)
    assert answer.code == 2
    assert "larger than 64 MiB" in answer.err


def test_a_process_substitution_is_read_like_a_file(cli: Cli, tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f'"{PROGRAM}" save <(printf "from a pipe")'],
        env={**os.environ, **cli.variables}, capture_output=True, check=True,
    )  # fmt: skip
    assert cli.ok("show", done.stdout.decode().strip()).out == b"from a pipe"


def test_a_path_is_required_on_a_terminal(cli: Cli) -> None:
    answer = cli.run("save", terminal=True)
    assert answer.code == 2
    assert "name a file, or - for standard input" in answer.err


def test_text_that_is_not_utf_8_is_kept_byte_for_byte(cli: Cli) -> None:
    piece = cli.save("größe".encode("latin-1"))
    assert cli.ok("show", piece).out == "größe".encode("latin-1")
    assert cli.json("show", piece)["content"] == "größe"


def test_a_title_over_the_limit_is_refused(cli: Cli) -> None:
    answer = cli.run("save", "-", "--title", "x" * 2000, stdin=b"text")
    assert answer.code == 2
    assert "title" in answer.err


@pytest.mark.parametrize("bad", ["missing", "folder", "program", "empty"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bad_path_of_several_costs_only_itself(cli: Cli, tmp_path: Path, bad: str, place: int) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "program").write_bytes(b"\x7fELF\0")
    (tmp_path / "empty").touch()
    for name in ("one", "two"):
        (tmp_path / name).write_text(name)
    paths = [tmp_path / "one", tmp_path / "two"]
    paths.insert(place, tmp_path / bad)
    answer = cli.run("save", *paths)
    assert answer.code == (3 if bad == "missing" else 2)
    assert len(answer.lines) == 2
    assert [cli.ok("show", piece).text for piece in answer.lines] == ["one", "two"]
    assert f"{str(tmp_path / bad)!r}" in answer.err
    document = cli.run("save", *paths, "--json").document
    assert [piece["is_new"] for piece in document["pieces"]] == [False, False]
    assert [each["path"] for each in document["failed"]] == [str(tmp_path / bad)]


def test_if_every_path_is_bad_each_is_named(cli: Cli, tmp_path: Path) -> None:
    answer = cli.run("save", tmp_path / "a", tmp_path / "b")
    assert (answer.code, answer.text.strip(), answer.err.count("there is no file")) == (3, "", 2)


def test_removing_several_pieces_checks_every_id_first(cli: Cli) -> None:
    first, second = cli.save("one"), cli.save("two")
    assert cli.run("rm", first, "nosuchid", second, "--yes").code == 3
    assert len(cli.json("list")["pieces"]) == 2
