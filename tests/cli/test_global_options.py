"""--home, --json, --quiet and --debug: accepted before and after the command's name."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Cli


def test_the_home_option_wins_over_the_variable_before_and_after_the_name(cli: Cli, tmp_path: Path) -> None:
    for number, place in enumerate(("before", "after")):
        home = tmp_path / f"home{number}"
        arguments = ["--home", str(home), "init"] if place == "before" else ["init", "--home", str(home)]
        assert cli.json(*arguments)["home"] == str(home)


def test_the_home_option_after_a_subcommand_s_name_counts(cli: Cli, tmp_path: Path) -> None:
    answer = cli.run("recovery", "show", "--home", tmp_path / "nowhere")
    assert answer.code == 3


@pytest.mark.parametrize("arguments", [["--json", "list"], ["list", "--json"]])
def test_json_is_accepted_on_both_sides(cli: Cli, arguments: list[str]) -> None:
    assert cli.ok(*arguments).document == {"pieces": [], "has_more": False}


def test_a_home_that_begins_with_a_tilde_is_the_user_s_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Cli(Path("~/kept")).json("init")["home"] == str(tmp_path / "kept")


def test_without_home_or_variable_the_system_s_place_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    cli = Cli(tmp_path)
    cli.variables["SATCHEL_HOME"] = ""
    assert cli.json("init")["home"] == str(tmp_path / "data" / "satchel")


def test_quiet_says_only_what_was_asked_for(cli: Cli) -> None:
    answer = cli.ok("save", "-", "--quiet", stdin=b"hello", terminal=True)
    assert len(answer.text.strip()) == 26
    assert answer.err == ""
    assert cli.ok("list", "--quiet", "--tag", "none").err == ""


def test_with_json_nothing_else_is_said(cli: Cli) -> None:
    answer = cli.ok("save", "-", "--json", stdin=b"hello", terminal=True)
    assert json.loads(answer.text)["title"] == "hello"
    assert answer.err == ""


def test_the_version_is_shown(cli: Cli) -> None:
    assert cli.ok("--version").text.startswith("satchel 0.")
