"""Completion typed into real shells: what it inserts never runs, and descriptions are only shown."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from tests.cli.conftest import PROGRAM, Cli

from satchel.cli.shells import is_plain_word
from satchel.store import Draft, Store

START: Final = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
SET_UP: Final = {  # without questions about long lists
    "bash": """bind 'set completion-query-items 0'; bind 'set page-completions off'; eval "$(satchel completion bash)\"""",
    "zsh": 'LISTMAX=9999; autoload -Uz compinit && compinit -u -D && eval "$(satchel completion zsh)"',
    "fish": "satchel completion fish | source",
}
HOSTILE: Final = (
    "$(touch pwned)",
    "$({touch,pwned})",
    "`touch pwned`",
    "`{touch,pwned}`",
    "x;touch pwned",
    "x;touch${IFS}pwned",
    "x&&touch${IFS}pwned",
    "x|touch pwned",
    "x\ntouch pwned",
    "';touch pwned;'",
    '";touch pwned;"',
    "(touch pwned)",
    "<(touch pwned)",
    "=(touch pwned)",
    "${$(touch pwned)}",
    "x >pwned",
    "x>pwned",
    "x\\;touch pwned",
    "~/$(touch pwned)",
    "*(e:'touch pwned':)",
    "{a,$(touch pwned)}",
    "!touch pwned",
    "x\x16\x0atouch pwned",
)
PATIENCE_S: Final = 60.0
SILENCE_S: Final = 5.0


class Shell:
    """An interactive shell on a pseudo-terminal in a directory of its own, with the completion of satchel."""

    def __init__(self, name: str, cli: Cli, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.said = ""
        self._lines = 0
        environ = {**os.environ, **cli.variables, "PATH": f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"}
        environ |= {"TERM": "xterm", "PS1": "% ", "HOME": str(folder), "COLUMNS": "120", "LINES": "50"}
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.chdir(folder)
            os.execvpe(START[name][0], START[name], environ)
        self.name = name
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 120, 0, 0))
        self.run(SET_UP[name])

    def run(self, line: str) -> None:
        """Type a line and wait until the shell has run it.

        Keys typed meanwhile wait for the shell, which may discard them when it takes the terminal back.
        """
        self._lines += 1
        probe = f"\x15echo d''one {self._lines};\n"
        self.type(f"{line}\n")
        self.type(probe)
        self.expect(f"done {self._lines}", again=probe)

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def expect(self, text: str, *, again: str = "") -> str:
        """Read until the shell has printed a text; return what it printed before. Type `again` after each silence."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.said:
            assert time.monotonic() < deadline, self.said
            if select.select([self._terminal], [], [], SILENCE_S)[0]:
                self.said += os.read(self._terminal, 65536).decode("utf-8", "replace")
            elif again:
                self.type(again)
        before, _, self.said = self.said.partition(text)
        return before

    def close(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.tool(name)) for name in START])
def shell(request: pytest.FixtureRequest, cli: Cli, tmp_path: Path) -> Iterator[Shell]:
    started = Shell(request.param, cli, tmp_path / "work")
    yield started
    started.close()


def save_hostile(cli: Cli) -> None:
    with Store.open(cli.home) as store:
        for number, text in enumerate(HOSTILE):
            content = f"piece {number}".encode()
            store.add(Draft(content, title=text, tags=(text, f"ok{number}"), language=text))


# Each is typed with one Tab, and with several if that leaves no open quote.
LINES: Final = (
    "satchel list --tag ",
    "satchel list --tag=",
    'satchel list --tag "',
    "satchel list --tag '",
    "satchel list --tag $",
    "satchel list --tag x",
    "satchel list --language ",
    "satchel show ",
    "satchel show @",
    'satchel show "',
)


def test_no_text_of_a_piece_runs(shell: Shell, cli: Cli, tmp_path: Path) -> None:
    save_hostile(cli)
    for line in LINES:
        quote = line[-1] if line[-1] in "\"'" else ""
        for keys in ("\t",) if quote else ("\t", "\t\t\t"):
            shell.run(line + keys + quote)  # Enter runs what was inserted
            assert not list(tmp_path.rglob("*pwned*")), line


def test_a_single_hostile_tag_is_not_inserted(shell: Shell, cli: Cli, tmp_path: Path) -> None:
    cli.save("one", "--tag", "$({touch,pwned})")
    shell.run("satchel list --tag \t")
    assert not list(tmp_path.rglob("*pwned*"))


def test_a_plain_tag_is_inserted(shell: Shell, cli: Cli, tmp_path: Path) -> None:
    cli.save("one", "--tag", "größe")
    cli.save("two", "--tag", "c++")
    for word, tag in (("g", "größe"), ("c", "c++")):
        shell.run(f"satchel list --tag {word}\t > {tag}.txt")
        assert (tmp_path / "work" / f"{tag}.txt").read_text().count("\n") == 1


def test_titles_are_shown_beside_ids(shell: Shell, cli: Cli) -> None:
    cli.save("one", "--title", "First things")
    cli.save("two", "--title", "Second, thoughts: all")
    # bash and zsh first complete what the ids have in common, and list them at a further Tab
    shell.type("satchel show \t" if shell.name != "bash" else "satchel show \t\t\t")
    shown = shell.expect("First things", again="\t")
    assert "Second, thoughts: all" in shown


@pytest.mark.tool("bash")
def test_other_kinds_of_completion_in_bash_insert_no_title(cli: Cli, tmp_path: Path) -> None:
    save_hostile(cli)
    shell = Shell("bash", cli, tmp_path / "work")
    shell.run("bind 'TAB:menu-complete'; bind 'set show-all-if-ambiguous on'")
    for keys in ("\t", "\t\t", "\x1b*", "\x1b?", "\x1b="):
        shell.run(f"satchel show {keys}")
        assert not list(tmp_path.rglob("*pwned*")), keys
    shell.close()


def test_file_names_are_quoted(shell: Shell, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "work" / "evil$(touch pwned).py").write_text("x = 1\n")
    shell.run("satchel save evi\t")
    assert [path.name for path in tmp_path.rglob("*pwned*")] == ["evil$(touch pwned).py"]
    assert "evil$(touch pwned).py" in cli.ok("list").text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_not_plain(text: str) -> None:
    assert not is_plain_word(text)


@pytest.mark.parametrize(
    "text", ["c++", "c#", "größe", "日本", "std::vector", "v1.2", "@last", "--home", "a/b", "काम"]
)
def test_plain_words_are_plain(text: str) -> None:
    assert is_plain_word(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "~",
        "~root",
        "=ls",
        "%1",
        "#x",
        "a b",
        "a\u00a0b",
        "a\u200bb",
        "\u3164",
        "a*",
        "a?",
        "[a]",
        "{a,b}",
        "a^",
        "a!",
        "^a",
    ],
)
def test_words_that_a_shell_interprets_are_not_plain(text: str) -> None:
    assert not is_plain_word(text)
