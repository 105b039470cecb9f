"""Ctrl-G and Ctrl-R in real bash, zsh and fish on a pseudo-terminal: the chosen command is inserted into the
line."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from tests.cli.conftest import PROGRAM, Cli
from tests.integration.memory.test_hooks import ALL, Terminal

from satchel.memory import Event, MemoryStore

SCREEN: Final = "\x1b[?1049h"
LEFT: Final = "\x1b[?1049l"
START_FILES: Final = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}


class Desk:
    """A user whose shells load a script of satchel when they start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "user"
        self.folder.mkdir()
        self.cli = Cli(folder / "home dir")
        self.cli.ok("init")
        self._open: list[Terminal] = []

    def open(self, shell: str, *command: str) -> Terminal:
        """Start a shell whose start file loads what a command of satchel prints."""
        line = " ".join((str(PROGRAM), *command, shell, "--home", f"'{self.cli.home}'"))
        start = self.folder / START_FILES[shell]
        start.parent.mkdir(parents=True, exist_ok=True)
        start.write_text(f"{line} | source\n" if shell == "fish" else f'eval "$({line})"\n')
        self._open.append(Terminal(shell, self.folder))
        return self._open[-1]

    def close(self) -> None:
        for one in self._open:
            one.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("name", ALL)
def test_ctrl_g_inserts_a_command_at_the_cursor(desk: Desk, name: str) -> None:
    desk.cli.save("printf 'picked %s\\n' <word=x> > chosen.txt", "--title", "greet", "--language", "bash")
    desk.cli.save("ls", "--title", "another", "--language", "bash")
    desk.cli.save("print('no command')", "--title", "greet in python", "--language", "python")
    shell = desk.open(name, "shell")
    shell.type(b"true; ; echo after\x1b[D" + b"\x1b[D" * 11)  # the cursor is before the second ";"
    shell.type(b"\x07")
    shell.expect(SCREEN)
    shell.type(b"greet")
    shell.expect("1 of 2")
    shell.type(b"\r")
    shell.expect("word [x]: ")
    shell.type(rb"it's \\ $HOME" + b"\r")
    shell.expect(LEFT)
    shell.type(b"\r")
    shell.wait_for_prompt()
    assert (desk.folder / "chosen.txt").read_text() == "picked it's \\\\ $HOME\n"


@pytest.mark.parametrize("name", ALL)
def test_leaving_ctrl_g_keeps_the_line(desk: Desk, name: str) -> None:
    desk.cli.save("ls", "--title", "list", "--language", "bash")
    shell = desk.open(name, "shell")
    shell.type(b"echo kept > line.txt\x07")
    shell.expect("1 of 1")
    shell.type(b"\x1b")
    shell.expect(LEFT)
    shell.type(b"\r")
    shell.wait_for_prompt()
    assert (desk.folder / "line.txt").read_text() == "kept\n"


@pytest.mark.parametrize("name", ALL)
def test_ctrl_r_replaces_the_line_by_a_command_of_the_memory(desk: Desk, name: str) -> None:
    with MemoryStore.create(desk.cli.home) as memory:
        lines = ("echo 'from memory' > remembered.txt", "make other")
        memory.add(
            [
                Event("shell", 1_780_000_000_000 + at, line, place="/srv", exit_code=0)
                for at, line in enumerate(lines)
            ]
        )
    shell = desk.open(name, "memory", "widget")
    shell.type(b"mem\x12")
    shell.expect("from memory")
    shell.type(b"\r")
    shell.expect(LEFT)
    shell.type(b"\r")
    shell.wait_for_prompt()
    assert (desk.folder / "remembered.txt").read_text() == "from memory\n"


@pytest.mark.parametrize("name", ALL)
def test_leaving_ctrl_r_keeps_the_line(desk: Desk, name: str) -> None:
    with MemoryStore.create(desk.cli.home) as memory:
        memory.add([Event("shell", 1_780_000_000_000, "make all", place="/srv", exit_code=0)])
    shell = desk.open(name, "memory", "widget")
    shell.type(b"echo kept > line.txt\x12")
    shell.expect(SCREEN)
    shell.type(b"\x03")
    shell.expect(LEFT)
    shell.type(b"\r")
    shell.wait_for_prompt()
    assert (desk.folder / "line.txt").read_text() == "kept\n"


def test_the_scripts_are_in_the_package() -> None:
    from satchel.cli.widgets import SHELLS, script_for

    for shell in SHELLS:
        assert "@PROGRAM@" not in script_for(shell, ["/a b/satchel", "pick"])
        assert os.fspath("'/a b/satchel' pick") in script_for(shell, ["/a b/satchel", "pick"]).replace(
            "'pick'", "pick"
        )
