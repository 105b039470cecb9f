"""Completion in a shell, with the generated script where the shell is installed."""

import os
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import PROGRAM, Cli


def offered(cli: Cli, words: str, word: int) -> list[str]:
    """Request completions like bash: the words of the line and the index of the current one."""
    answer = cli.process(
        variables={"_SATCHEL_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(word)}
    )
    assert answer.err == ""
    return [line.partition(",")[2] for line in answer.lines if line]


def test_commands_and_options_are_completed(cli: Cli) -> None:
    assert offered(cli, "satchel se", 1) == ["search", "settings", "secrets"]
    assert offered(cli, "satchel recovery ", 2) == ["check", "show", "use"]
    assert "--language" in offered(cli, "satchel list --l", 2)
    assert offered(cli, "satchel --h", 1) == ["--home", "--help"]
    assert offered(cli, "satchel completion ", 2) == ["bash", "zsh", "fish"]
    assert offered(cli, "satchel settings set sh", 3) == ["share.expires", "share.views"]


def test_ids_are_completed_newest_first(cli: Cli) -> None:
    ids = [cli.save(text) for text in ("one", "two", "three")]
    short = [piece_id[10:14] for piece_id in ids]
    assert offered(cli, "satchel show ", 2) == short[::-1]
    assert offered(cli, f"satchel rm {ids[0]} {short[1]}", 3) == [short[1]]
    assert offered(cli, f"satchel rm {ids[0]} {ids[1]}", 3) == [ids[1]]
    # of the time; what follows changes within minutes
    assert set(offered(cli, f"satchel show {ids[0][:4].lower()}", 2)) == set(ids)
    assert offered(cli, "satchel show UUU", 2) == []


def test_places_are_completed(cli: Cli) -> None:
    cli.save("one")
    cli.save("two")
    assert offered(cli, "satchel show @", 2) == ["@last"]
    cli.ok("list")
    assert offered(cli, "satchel show @", 2) == ["@last", "@1", "@2"]
    assert offered(cli, "satchel show @2", 2) == ["@2"]


def test_tags_and_languages_are_completed(cli: Cli) -> None:
    cli.save("one", "--tag", "http", "--tag", "draft", "--language", "python")
    assert offered(cli, "satchel list --tag ", 3) == ["draft", "http"]
    assert offered(cli, "satchel list --tag h", 3) == ["http"]
    assert offered(cli, "satchel search x --language P", 4) == ["python"]
    assert offered(cli, "satchel tag 01 ht", 3) == ["http"]


def test_the_home_option_is_used(cli: Cli, tmp_path: Path) -> None:
    piece = cli.save("one")[10:14]
    elsewhere = Cli(tmp_path / "none")
    assert offered(elsewhere, f"satchel --home {cli.home} show ", 4) == [piece]


def test_without_a_store_nothing_is_printed(empty: Cli) -> None:
    answer = empty.process(
        variables={"_SATCHEL_COMPLETE": "bash_complete", "COMP_WORDS": "satchel show ", "COMP_CWORD": "2"}
    )
    assert (answer.out.strip(), answer.err) == (b"", "")


def test_titles_for_zsh_and_fish_contain_no_control_characters(cli: Cli) -> None:
    cli.save("x", "--title", "evil\x1b[31m title")
    for shell, word in (("zsh", "2"), ("fish", "")):
        answer = cli.process(
            variables={
                "_SATCHEL_COMPLETE": f"{shell}_complete",
                "COMP_WORDS": "satchel show ",
                "COMP_CWORD": word,
            }
        )
        assert "title" in answer.text
        assert "\x1b" not in answer.text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(cli: Cli, shell: str) -> None:
    script = cli.ok("completion", shell).text
    assert "_SATCHEL_COMPLETE" in script
    assert cli.json("completion", shell)["script"] == script.rstrip("\n") or script


@pytest.mark.tool("bash")
def test_the_script_works_in_bash(cli: Cli) -> None:
    lines = [
        'eval "$(satchel completion bash)"',
        "COMP_WORDS=(satchel his) COMP_CWORD=1",
        "_satchel_completion satchel",
        'echo "${COMPREPLY[@]}"',
    ]
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(lines)],
        env={**os.environ, **cli.variables, "PATH": path}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "history\n"
