"""`satchel pick` on a real terminal: what is typed finds Pieces, and Enter copies or prints the one selected."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Cli

LEFT = "\x1b[?1049l"
STATUS = re.compile(r"(\d+) of (\d+)  Enter")


@pytest.fixture
def pieces(cli: Cli) -> Cli:
    cli.save(
        "def parse(line):\n    return line.split(': ')\n",
        "--title",
        "Parse an HTTP header",
        "--language",
        "python",
        "--tag",
        "http",
    )
    cli.save("git log --oneline <since=v1>..<branch>", "--title", "what is new", "--language", "bash")
    cli.save("SELECT count(*) FROM zebras;", "--title", "count rows", "--language", "sql")
    return cli


def typing(*steps: tuple[str, str]) -> Callable[[str], str | None]:
    """Type each text once the screen says what stands before it, after what was there at the last step."""
    left = list(steps)
    seen = 0

    def respond(said: str) -> str | None:
        nonlocal seen
        if left and left[0][0] in said[seen:]:
            seen = len(said)
            return left.pop(0)[1]
        return None

    return respond


def after(said: str) -> str:
    """Return what was printed after the screen was left."""
    return said.rpartition(LEFT)[2].strip()


def test_enter_prints_the_piece_that_the_title_finds(pieces: Cli) -> None:
    code, said = pieces.converse("pick", "htp hdr", "--print", respond=typing(("1 of 3", "")))
    assert code == 0
    assert after(said) == "def parse(line):\r\n    return line.split(': ')"


@pytest.mark.parametrize("query", ["zebr", "count rows", "lang:sql", "cnt rws", "zebars"])
def test_titles_texts_and_filters_find(pieces: Cli, query: str) -> None:
    code, said = pieces.converse("pick", query, "--print", respond=typing(("1 of 3", "")))
    assert code == 0
    assert "SELECT count(*)" in after(said)


def test_typing_searches_and_the_preview_shows_the_text(pieces: Cli) -> None:
    code, said = pieces.converse("pick", "--print", respond=typing(("3 of 3", "zebras"), ("1 of 3", "")))
    assert code == 0
    assert "FROM" in said.partition(LEFT)[0]


def test_enter_chooses_what_was_typed_last(pieces: Cli) -> None:
    """Text and Enter come at once: the screen still shows what was there before."""
    code, said = pieces.converse("pick", "--print", respond=typing(("3 of 3", "header")))
    assert code == 0
    assert after(said) == "def parse(line):\r\n    return line.split(': ')"


def test_enter_chooses_nothing_if_nothing_was_found(pieces: Cli) -> None:
    steps = typing(("3 of 3", "qqqqqqqq"), ("0 of 3", "\x1b"))
    code, said = pieces.converse("pick", respond=steps)
    assert (code, "no Piece was chosen" in after(said)) == (3, True)


def test_escape_leaves_without_a_choice(pieces: Cli) -> None:
    code, said = pieces.converse("pick", respond=typing(("3 of 3", "\x1b")))
    assert code == 3
    assert "no Piece was chosen" in after(said)


def test_enter_copies(pieces: Cli, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "xclip"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ncat > {tmp_path}/copied\n")
    program.chmod(0o755)
    import os

    variables = {
        "DISPLAY": ":9",
        "SSH_CONNECTION": "",
        "WAYLAND_DISPLAY": "",
        "PATH": f"{program.parent}:{os.environ['PATH']}",
    }
    code, said = pieces.converse("pick", "zebras", respond=typing(("1 of 3", "")), variables=variables)
    assert code == 0, said
    assert (tmp_path / "copied").read_text() == "SELECT count(*) FROM zebras;"
    assert "copied" in after(said)


def test_ctrl_o_opens_the_editor(pieces: Cli, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "SELECT 2;" > "$1"\n')
    editor.chmod(0o755)
    code, said = pieces.converse(
        "pick", "zebras", respond=typing(("1 of 3", "\x0f")), variables={"EDITOR": str(editor), "VISUAL": ""}
    )
    assert code == 0, said
    assert pieces.ok("cat", "count rows").text.strip() == "SELECT 2;"


def test_a_command_is_filled_in_on_the_screen(pieces: Cli) -> None:
    steps = typing(("1 of 1", ""), ("since [v1]: ", "v2"), ("branch: ", "my branch"))
    code, said = pieces.converse("pick", "--command", "--print", respond=steps)
    assert code == 0
    assert after(said) == "git log --oneline v2..'my branch'"


def test_without_a_terminal_one_line_says_so(cli: Cli) -> None:
    import subprocess

    from tests.cli.conftest import PROGRAM

    done = subprocess.run(
        ["setsid", "--wait", PROGRAM, "pick", "--home", cli.home],
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"there is no terminal to choose on" in done.stderr


def test_json_prints_one_document(pieces: Cli) -> None:
    code, said = pieces.converse("pick", "zebras", "--json", respond=typing(("1 of 3", "")))
    assert code == 0
    assert '"content": "SELECT count(*) FROM zebras;"' in after(said)


def test_hidden_characters_of_titles_and_texts_are_escaped(cli: Cli) -> None:
    cli.save("evil \x1b]0;owned\x07 text", "--title", "a\x1b[31m title")
    _, said = cli.converse("pick", respond=typing(("1 of 1", "\x1b")))
    assert "\x1b]0;" not in said
    assert "\\x1b]0;owned\\x07" in said
