"""`satchel share FILE` and `satchel share -`: saving and sharing at once."""

import re
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import Cli
from tests.support.device import Device


def pieces(device: Device) -> list[str]:
    return [piece["title"] for piece in device.json("list", "--all")["pieces"]]


def test_a_file_is_saved_and_shared(owner: Device, stranger: Device, tmp_path: Path) -> None:
    path = tmp_path / "greet.py"
    path.write_text("print('from a file')\n")
    made = owner.json("share", path, "--tag", "greeting")
    assert stranger.run("get", made["link"]).stdout == path.read_bytes()
    kept = owner.json("show", made["piece"])
    assert (kept["title"], kept["language"], kept["tags"]) == ("greet.py", "python", ["greeting"])
    assert made["is_new"] is True
    again = owner.json("share", path)
    assert (again["piece"], again["is_new"]) == (made["piece"], False)


def test_standard_input_is_saved_and_shared(owner: Device, stranger: Device) -> None:
    ran = owner.run("share", "-", "--title", "Piped words", stdin=b"some piped words\n")
    assert stranger.run("get", ran.text).stdout == b"some piped words\n"
    assert b"saved" in ran.stderr
    assert "Piped words" in pieces(owner)


def test_a_file_can_be_shared_without_being_kept(owner: Device, stranger: Device, tmp_path: Path) -> None:
    path = tmp_path / "passing.txt"
    path.write_text("a passing thought")
    made = owner.json("share", path, "--no-save")
    assert made["piece"] is None
    assert stranger.run("get", made["link"]).stdout == b"a passing thought"
    assert "passing.txt" not in pieces(owner)
    refused = owner.run("shares", "update", made["id"], code=3)
    assert "--no-save" in refused.said
    owner.run("shares", "revoke", made["id"])


def test_a_whole_id_means_the_piece_even_beside_a_file_of_that_name(
    owner: Device, stranger: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece = owner.save(b"the piece itself", title="id first")
    monkeypatch.chdir(tmp_path)
    Path(piece).write_text("the file")
    ran = owner.run("share", piece)
    assert stranger.run("get", ran.text).stdout == b"the piece itself"
    assert f"./{piece}" in ran.said
    assert stranger.run("get", owner.run("share", f"./{piece}").text).stdout == b"the file"


def test_a_text_that_means_a_file_and_a_piece_is_refused_unless_it_is_too_short_for_a_listed_id(
    owner: Device, stranger: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece = owner.save(b"the piece itself", title="id or file")
    monkeypatch.chdir(tmp_path)
    several = piece[:4]  # begins every id
    for name in (piece[10:13], piece[10:14], several, "@last"):
        Path(name).write_text("the file")
    for name in (piece[10:14], several, "@last"):
        refused = owner.run("share", name, code=2)
        assert f"{name!r} means both a file and a Piece" in refused.said
        assert f"./{name}" in refused.said
        assert stranger.run("get", owner.run("share", f"./{name}").text).stdout == b"the file"
    assert stranger.run("get", owner.run("share", piece[10:13]).text).stdout == b"the file"
    assert stranger.run("get", owner.run("share", piece).text).stdout == b"the piece itself"


def test_a_title_is_never_shared_by_its_name(owner: Device) -> None:
    owner.save(b"private", title="plans.txt")
    refused = owner.run("share", "plans.txt", code=3)
    assert "neither the id of a Piece nor a file" in refused.said


def test_places_of_the_last_list_are_ids(owner: Device, stranger: Device) -> None:
    owner.save(b"saved last", title="last one")
    assert stranger.run("get", owner.run("share", "@last").text).stdout == b"saved last"
    owner.run("search", "title", "OR", "last")
    assert owner.run("share", "@1").text.count("#") == 1


@pytest.mark.parametrize("option", [["--no-save"], ["--title", "x"], ["--language", "go"], ["--tag", "x"]])
def test_options_of_files_do_not_apply_to_pieces(owner: Device, option: list[str]) -> None:
    assert "kept as it is" in owner.run("share", owner.save(b"as it is"), *option, code=2).said


def test_what_was_saved_is_kept_when_sharing_fails(owner: Device, tmp_path: Path) -> None:
    path = tmp_path / "fails.txt"
    path.write_text("kept in spite of the failure")
    ran = owner.run("share", path, "--password-file", tmp_path / "missing", code=3)
    assert "but not shared" in ran.said
    assert "fails.txt" in pieces(owner)


def test_without_a_cloud_nothing_is_read_or_saved(stranger: Device, tmp_path: Path) -> None:
    stranger.run("init")
    path = tmp_path / "alone.txt"
    path.write_text("alone")
    stranger.run("share", path, code=4)
    assert pieces(stranger) == []
    waiting = subprocess.Popen(["/bin/sleep", "60"], stdout=subprocess.PIPE)
    done = subprocess.run(
        [*stranger._command, "share", "-"], env=stranger.environ, stdin=waiting.stdout, capture_output=True, timeout=30, check=False
    )  # fmt: skip
    waiting.kill()
    waiting.communicate()
    assert done.returncode == 4


@pytest.mark.parametrize("command", [["share"], ["shares", "update"]])
def test_a_card_needs_consent_without_a_terminal(owner: Device, command: list[str]) -> None:
    title = f"public by {' '.join(command)}"
    piece = owner.save(b"with a card", title=title)
    name = owner.json("share", piece)["id"] if command[-1] == "update" else piece
    before = len(owner.json("shares")["shares"])
    assert "--yes" in owner.run(*command, name, "--card", code=2).said
    shares = owner.json("shares")["shares"]
    assert len(shares) == before
    assert title not in {share["card"]["title"] for share in shares if share["card"]}
    owner.run(*command, name, "--card", "--yes")


def test_a_typed_text_that_is_neither_kept_nor_shared_stays_in_a_file(owner: Device, tmp_path: Path) -> None:
    options = ("--no-save", "--password-file", tmp_path / "missing")
    answer = Cli(owner.home).run("share", "-", *options, stdin=b"typed by hand", terminal=True)
    assert answer.code == 3
    found = re.search(r"your text is kept in '([^']+)'", answer.err)
    assert found
    assert Path(found[1]).read_bytes() == b"typed by hand"
