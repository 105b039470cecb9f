"""`satchel secrets`, and what `save` says. Tokens are made when a test runs, and no failure prints one."""

import stat
from pathlib import Path
from random import Random
from typing import Final

import pytest
from tests.cli.conftest import Answer, Cli

from models.secrets.tokens import example_of
from satchel.cli import secret_findings
from satchel.models.secrets.shapes import parse
from satchel.suggest.allowed_values import FILE_NAME

TOKEN: Final = example_of(parse("ghp_{base62:36}"), Random(3), "crc32")
OTHER: Final = example_of(parse("{base62:32}"), Random(4))
LINES: Final = f"host=example.org\nGITHUB_TOKEN={TOKEN}\nACME_API_KEY={OTHER}\n"


def shows_no_value(answer: Answer) -> bool:
    return not any(value in answer.text + answer.err for value in (TOKEN, OTHER, TOKEN[8:], OTHER[8:]))


def test_findings_name_kind_and_place_and_show_only_the_prefix(cli: Cli) -> None:
    piece = cli.save(LINES)
    answer = cli.run("secrets", piece)
    assert answer.code == 1
    assert shows_no_value(answer)
    assert [line.split("\t")[2:] for line in answer.lines] == [
        ["line 2", "GitHub personal access token, ghp_…"],
        ["line 3", "random value, named like a secret"],
    ]


def test_titles_descriptions_and_files_are_searched_too(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "main.txt").write_text("nothing")
    (tmp_path / "page.env").write_text(f"x=1\nACME_TOKEN={OTHER}\n")
    described = ("--title", f"use {TOKEN}", "--description", f"api_key={OTHER}")
    cli.ok("save", tmp_path / "main.txt", "--file", tmp_path / "page.env", *described)
    answer = cli.run("secrets", "--json")
    assert shows_no_value(Answer(0, b"", answer.text.replace(f"use {TOKEN}", "")))
    places = [(one["part"], one["file"], one["line"]) for one in answer.document["secrets"]]
    assert places == [("title", None, None), ("description", None, None), (None, "page.env", 2)]


def test_without_secrets_the_exit_code_is_zero(cli: Cli) -> None:
    cli.save("print('hello')")
    answer = cli.ok("secrets", "--all")
    assert answer.text == ""
    assert "no secrets found in 1 Piece" in answer.err


def test_an_allowed_value_is_not_reported_again_in_any_piece(cli: Cli) -> None:
    piece = cli.save(LINES)
    cli.save(f"the same token, {TOKEN}, elsewhere")
    assert cli.json("secrets", "--allow", f"{piece}:2") == {"allowed": 1}
    (left,) = cli.run("secrets", "--json").document["secrets"]
    assert left["line"] == 3
    kept = cli.home / FILE_NAME
    holds_a_value = TOKEN in kept.read_text()
    assert not holds_a_value
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_value_in_a_file_is_allowed_by_the_name_of_the_file(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("nothing")
    (tmp_path / "b.env").write_text(LINES)
    piece = cli.json("save", tmp_path / "a.txt", "--file", tmp_path / "b.env")["id"]
    cli.ok("secrets", "--allow", f"{piece}:b.env:2", "--allow", f"{piece}:b.env:3")
    assert cli.ok("secrets", piece).text == ""


@pytest.mark.parametrize(
    ("place", "code"), [("{piece}:1", 3), ("{piece}", 2), ("{piece}:0", 2), ("zzzz:2", 3)]
)
def test_allowing_needs_a_line_with_a_finding(cli: Cli, place: str, code: int) -> None:
    piece = cli.save(LINES)
    assert cli.run("secrets", "--allow", place.format(piece=piece)).code == code
    assert not (cli.home / FILE_NAME).exists()


def test_a_damaged_list_of_allowed_values_is_an_error_and_allows_nothing(cli: Cli) -> None:
    piece = cli.save(LINES)
    (cli.home / FILE_NAME).write_text("{}")
    answer = cli.run("secrets", piece)
    assert answer.code == 5
    assert FILE_NAME in answer.err


def test_a_comment_on_the_line_allows_it(cli: Cli) -> None:
    cli.save(f"ACME_TOKEN={OTHER}  # satchel:allow\n")
    assert cli.ok("secrets").text == ""


def test_options_that_exclude_each_other_are_refused(cli: Cli) -> None:
    piece = cli.save(LINES)
    assert cli.run("secrets", piece, "--all").code == 2
    assert cli.run("secrets", piece, "--allow", f"{piece}:2").code == 2


def test_save_mentions_secrets_on_a_terminal_only(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "settings.env"
    path.write_text(LINES)
    quiet = cli.ok("save", path)
    assert "secret" not in quiet.err
    answer = cli.ok("save", path, "--again", terminal=True)
    assert "seems to hold 2 secrets: line 2: GitHub personal access token, ghp_…, and 1 more" in answer.err
    assert shows_no_value(answer)


def test_a_long_search_is_announced(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.env"
    path.write_text(LINES)
    assert "looking for" not in cli.ok("save", path, terminal=True).err
    monkeypatch.setattr(secret_findings, "LARGE_BYTES", 1)
    answer = cli.ok("save", path, "--again", terminal=True)
    assert "looking for secrets in " in answer.err
