"""`satchel` alone and `satchel init` on a terminal: the questions of the first five minutes."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Cli

QUESTION = "[y/N] "


@pytest.fixture
def newcomer(tmp_path: Path) -> Cli:
    """A new user's command line: an empty home directory and no store."""
    (tmp_path / "user").mkdir()
    return Cli(tmp_path / "store", {"HOME": str(tmp_path / "user")})


def script(answers: dict[str, str]) -> Callable[[str], str | None]:
    """Return a `respond` that answers each question once; words of the recovery are read from the screen."""
    left = dict(answers)

    def respond(said: str) -> str | None:
        if match := re.search(r"word (\d+) of 24 \(not shown\): $", said):
            return words_on(said)[int(match[1])]
        for question in left:
            if said.endswith(question):
                return left.pop(question)
        return None

    return respond


def words_on(screen: str) -> dict[int, str]:
    return {int(number): word for number, word in re.findall(r"(?:^|\s)(\d{1,2}) ([a-z]{3,8})\b", screen)}


def test_satchel_alone_offers_a_store_and_a_yes_creates_it(newcomer: Cli) -> None:
    code, said = newcomer.converse(
        respond=script({f"create one in {newcomer.home}? [y/N] ": "y", "write them down? [y/N] ": ""})
    )
    assert code == 0, said
    assert f"created a store in {newcomer.home}" in said
    assert "later: satchel recovery show" in said
    assert newcomer.ok("list").text == ""


def test_satchel_alone_shows_its_help_after_a_no(newcomer: Cli) -> None:
    code, said = newcomer.converse(respond=script({f"create one in {newcomer.home}? [y/N] ": ""}))
    assert code == 0
    assert "Usage: satchel" in said
    assert not newcomer.home.exists()


def test_satchel_alone_shows_its_help_if_there_is_a_store(cli: Cli) -> None:
    code, said = cli.converse(respond=script({}))
    assert code == 0
    assert "Usage: satchel" in said
    assert QUESTION not in said


def test_satchel_alone_asks_nothing_off_a_terminal(newcomer: Cli) -> None:
    answer = newcomer.process()
    assert answer.code == 0
    assert "Usage: satchel" in answer.text
    assert answer.err == ""
    assert not newcomer.home.exists()


def test_the_guide_shows_the_words_and_checks_three_of_them(newcomer: Cli) -> None:
    answers = {"write them down? [y/N] ": "y", "to clear the screen ": ""}
    code, said = newcomer.converse("init", respond=script(answers))
    assert code == 0, said
    assert "the words are right" in said
    words = newcomer.ok("recovery", "show").text.split()
    assert [words_on(said)[number] for number in range(1, 25)] == words
    assert newcomer.json("status")["words_confirmed"] is not None


def test_the_words_are_cleared_from_the_screen_before_they_are_asked_for(newcomer: Cli) -> None:
    _, said = newcomer.converse(
        "init", respond=script({"write them down? [y/N] ": "y", "to clear the screen ": ""})
    )
    shown, _, asked = said.partition("\x1b[2J")
    assert len(words_on(shown)) >= 24
    assert "(not shown)" in asked
    assert "(not shown)" not in shown


def test_a_new_passphrase_is_not_asked_for_again(newcomer: Cli) -> None:
    def respond(said: str) -> str | None:
        if said.endswith(("new passphrase: ", "once more: ")):
            return "correct horse"
        return script({"write them down? [y/N] ": "y", "to clear the screen ": ""})(said)

    code, said = newcomer.converse("init", "--passphrase", respond=respond)
    assert code == 0, said
    assert "the words are right" in said
    assert "passphrase of the keys" not in said


def test_wrong_words_are_not_recorded(newcomer: Cli) -> None:
    def respond(said: str) -> str | None:
        if said.endswith("(not shown): "):
            return "wrong"
        if said.endswith("write them down? [y/N] "):
            return "y"
        return "" if said.endswith("to clear the screen ") else None

    code, said = newcomer.converse("init", respond=respond)
    assert code == 0, said
    assert "compare them with the paper" in said
    assert newcomer.json("status")["words_confirmed"] is None


def test_the_guide_offers_what_other_programs_keep(newcomer: Cli) -> None:
    snippets = Path(newcomer.variables["HOME"]) / ".config" / "Code" / "User" / "snippets"
    snippets.mkdir(parents=True)
    body = {"Log": {"prefix": "log", "body": ["console.log($1)"], "description": "Log a value"}}
    (snippets / "javascript.json").write_text(json.dumps(body))
    answers = {"write them down? [y/N] ": "", f"from {snippets}? [y/N] ": "y"}
    code, said = newcomer.converse("init", respond=script(answers))
    assert code == 0, said
    assert "imported 1 Piece" in said
    assert newcomer.json("list")["pieces"][0]["title"] == "Log"


PLACES = {
    ".local/share/navi/cheats/git.cheat": ("% git\n\n# Undo a commit\ngit reset --soft HEAD~1\n", "Undo a commit"),
    ".config/pet/snippet.toml": ('[[snippets]]\ndescription = "Disk use"\ncommand = "du -sh *"\n', "Disk use"),
    ".config/cheat/cheatsheets/personal/tar": ("# Extract a file\ntar -xf file.tar\n", "tar: Extract a file"),
    ".local/share/tealdeer/pages/rg.page.md": (
        "# rg\n\n> Search.\n\n- Search for a pattern:\n\n`rg {{pattern}}`\n", "rg: Search for a pattern",
    ),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_collection_of_commands_is_offered(newcomer: Cli, place: str) -> None:
    path = Path(newcomer.variables["HOME"]) / place
    text, title = PLACES[place]
    path.parent.mkdir(parents=True)
    path.write_text(text)
    source = path if path.suffix == ".toml" else path.parent
    answers = {"write them down? [y/N] ": "", f"from {source}? [y/N] ": "y"}
    code, said = newcomer.converse("init", respond=script(answers))
    assert code == 0, said
    assert [piece["title"] for piece in newcomer.json("list")["pieces"]] == [title]


def test_the_pages_that_tldr_downloaded_are_not_offered(newcomer: Cli) -> None:
    for cache in (
        ".cache/tealdeer/tldr-pages/pages.en/common",
        ".cache/tldr/pages/common",
        ".tldr/cache/common",
    ):
        folder = Path(newcomer.variables["HOME"]) / cache
        folder.mkdir(parents=True)
        (folder / "rg.md").write_text(PLACES[".local/share/tealdeer/pages/rg.page.md"][0])
    code, said = newcomer.converse("init", respond=script({"write them down? [y/N] ": ""}))
    assert code == 0, said
    assert "import the snippets" not in said


def test_a_collection_can_be_left_for_later(newcomer: Cli) -> None:
    vault = Path(newcomer.variables["HOME"]) / ".config" / "VSCodium" / "User" / "snippets"
    vault.mkdir(parents=True)
    (vault / "python.json").write_text('{"Main": {"prefix": "main", "body": "pass"}}')
    answers = {"write them down? [y/N] ": "", f"from {vault}? [y/N] ": ""}
    code, said = newcomer.converse("init", respond=script(answers))
    assert code == 0, said
    assert f"later: satchel import {vault}" in said
    assert newcomer.ok("list").text == ""


@pytest.mark.parametrize("option", ["--no-guide", "--quiet"])
def test_the_guide_can_be_left_out(newcomer: Cli, option: str) -> None:
    code, said = newcomer.converse("init", option, respond=script({}))
    assert code == 0
    assert QUESTION not in said


def test_ctrl_c_in_the_guide_keeps_the_store(newcomer: Cli) -> None:
    code, said = newcomer.converse(
        "init", respond=lambda said: "\x03" if said.endswith("write them down? [y/N] ") else None
    )
    assert code == 130, said
    assert newcomer.ok("list").text == ""
