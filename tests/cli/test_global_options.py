"""--home, --json, --quiet and --debug: accepted before and after the command's name."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Cli


def test_the_home_option_precedes_the_variable(cli: Cli, tmp_path: Path) -> None:
    for number, place in enumerate(("before", "after")):
        home = tmp_path / f"home{number}"
        arguments = ["--home", str(home), "init"] if place == "before" else ["init", "--home", str(home)]
        assert cli.json(*arguments)["home"] == str(home)


def test_the_home_option_works_after_a_subcommand(cli: Cli, tmp_path: Path) -> None:
    answer = cli.run("recovery", "show", "--home", tmp_path / "nowhere")
    assert answer.code == 3


@pytest.mark.parametrize("arguments", [["--json", "list"], ["list", "--json"]])
def test_json_is_accepted_before_and_after_the_command(cli: Cli, arguments: list[str]) -> None:
    assert cli.ok(*arguments).document == {"pieces": [], "has_more": False}


def test_a_tilde_in_the_home_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Cli(Path("~/kept")).json("init")["home"] == str(tmp_path / "kept")


def test_the_default_home_is_the_system_s_data_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    cli = Cli(tmp_path)
    cli.variables["SATCHEL_HOME"] = ""
    assert cli.json("init")["home"] == str(tmp_path / "data" / "satchel")


def test_quiet_prints_only_the_answer(cli: Cli) -> None:
    answer = cli.ok("save", "-", "--quiet", stdin=b"hello", terminal=True)
    assert len(answer.text.strip()) == 26
    assert answer.err == ""
    assert cli.ok("list", "--quiet", "--tag", "none").err == ""


def test_json_prints_nothing_else(cli: Cli) -> None:
    answer = cli.ok("save", "-", "--json", "--title", "hello", stdin=b"hello", terminal=True)
    assert json.loads(answer.text)["title"] == "hello"
    assert answer.err == ""


def test_the_version_is_shown(cli: Cli) -> None:
    assert cli.ok("--version").text.startswith("satchel 0.")
