"""The hooks in real shells on a pseudo-terminal: what they record, and that the prompt always comes back."""

import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import apsw
import pytest
from tests.cli.conftest import PROGRAM, Cli

from satchel.memory import MEMORY_FILE, Event, MemoryStore
from satchel.memory.filtering import MARK, MAX_CHARS

SHELLS: Final = ("bash", "zsh", "fish")
PATIENCE_S: Final = 60.0
ALL: Final = [pytest.param(name, marks=pytest.mark.tool(name)) for name in SHELLS]


class Terminal:
    """An interactive shell that reads its start file, on a pseudo-terminal."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.said = ""
        self._lines = 0
        environ = {"PATH": os.environ["PATH"], "TERM": "xterm", "HOME": str(folder), "LANG": "C.UTF-8"}
        self.pid, self.controller = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(name, [name, "-i"], environ)
        fcntl.ioctl(self.controller, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        self.run("true")

    def run(self, line: str | bytes) -> None:
        """Type a line and wait until the shell has run it and prompts again."""
        self._lines += 1
        self.type(line if isinstance(line, bytes) else line.encode())
        self.type(b"\n")
        self.wait_for_prompt()

    def wait_for_prompt(self) -> None:
        """Type a command that the memory does not record until it answers, and wait for the prompt after it."""
        self._lines += 1
        probe = f"\x15 echo d''one {self._lines};\n".encode()
        self.type(probe)
        self.expect(f"done {self._lines}", again=b"\x03" + probe)  # an earlier Ctrl-C may have come too soon
        deadline = time.monotonic() + PATIENCE_S
        while (
            termios.tcgetattr(self.controller)[3] & termios.ICANON
        ):  # the terminal still takes Ctrl-R itself
            assert time.monotonic() < deadline, self.said[-2_000:]
            time.sleep(0.01)

    def type(self, data: bytes) -> None:
        while data:
            select.select([], [self.controller], [], PATIENCE_S)
            data = data[os.write(self.controller, data[:512]) :]
            while select.select([self.controller], [], [], 0)[0]:  # else a long line fills both directions
                self.said += os.read(self.controller, 65536).decode("utf-8", "replace")

    def expect(self, text: str, *, again: bytes = b"") -> None:
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.said:
            assert time.monotonic() < deadline, self.said[-2_000:]
            if select.select([self.controller], [], [], 5.0)[0]:
                self.said += os.read(self.controller, 65536).decode("utf-8", "replace")
            elif again:
                self.type(again)
        self.said = self.said.partition(text)[2]

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.controller)


class Desk:
    """A home with the source "shell" on, and the shells that record into it."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "user"
        self.folder.mkdir()
        self.cli = Cli(tmp_path / "home", {"HOME": str(self.folder), "SHELL": "/bin/bash"})
        self._open: list[Terminal] = []

    def turn_on(self, shell: str) -> None:
        self.cli.ok("memory", "on", "shell", "--shell", shell, "--yes")

    def open(self, shell: str) -> Terminal:
        self._open.append(Terminal(shell, self.folder))
        return self._open[-1]

    def events(self) -> list[Event]:
        with MemoryStore.open(self.cli.home) as memory:
            return list(memory.events())

    def wait(self, is_there: Callable[[list[str]], bool]) -> list[Event]:
        """Wait until the recorded commands meet a condition."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            events = self.events()
            if is_there([event.text for event in events]):
                return events
            assert time.monotonic() < deadline, [event.text[:100] for event in events]
            time.sleep(0.05)

    def close(self) -> None:
        for one in self._open:
            one.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("name", ALL)
def test_commands_are_recorded_with_what_surrounds_them(desk: Desk, name: str) -> None:
    desk.turn_on(name)
    (desk.folder / "parser" / ".git").mkdir(parents=True)
    (desk.folder / "parser" / "src").mkdir()
    shell = desk.open(name)
    shell.run("cd parser/src")
    shell.run("sh -c 'sleep 0.3; exit 3'")
    shell.run("echo 'grün und \"quoted\"' \\$HOME")
    shell.run("for n in 1 2\necho loop $n\nend" if name == "fish" else "for n in 1 2; do\necho loop $n\ndone")
    shell.run(" echo kept out")
    shell.run("export TOKEN=hunter2" if name != "fish" else "set -gx TOKEN hunter2")
    shell.run("echo once")
    shell.run("echo once")
    events = desk.wait(lambda texts: texts.count("echo once") == 2 and len(texts) == 8)
    texts = [event.text for event in events]
    assert "true" in texts, "the first command"
    found = {event.text.partition("\n")[0]: event for event in events}
    moved = found["cd parser/src"]
    assert (moved.place, moved.repository) == (str(desk.folder), "")
    failed = found["sh -c 'sleep 0.3; exit 3'"]
    assert failed.exit_code == 3
    assert failed.place == str(desk.folder / "parser" / "src")
    assert failed.repository == str(desk.folder / "parser")
    assert 250 <= failed.duration_ms < PATIENCE_S * 1000
    assert abs(failed.at_ms / 1000 - time.time()) < PATIENCE_S * 2
    assert failed.host == os.uname().nodename
    assert failed.detail == {"shell": name}
    assert len({event.session for event in events}) == 1
    assert "echo 'grün und \"quoted\"' \\$HOME" in texts
    assert any("echo loop $n" in text for text in texts)
    assert not any("kept out" in text or "d''one" in text for text in texts)
    assert any(text.endswith(MARK) for text in texts)
    assert b"hunter2" not in (desk.cli.home / MEMORY_FILE).read_bytes()


@pytest.mark.parametrize("name", ALL)
def test_odd_lines_are_recorded_and_the_prompt_comes_back(desk: Desk, name: str) -> None:
    desk.turn_on(name)
    shell = desk.open(name)
    shell.type(b"sleep 600\n")
    time.sleep(0.3)  # until it runs; if not, Ctrl-C cancels the line, and nothing is recorded
    shell.type(b"\x03")
    shell.wait_for_prompt()
    shell.type(b"echo never entered\x03")
    shell.wait_for_prompt()
    shell.run(b": odd \xff\xfe bytes")
    if name != "bash":  # which takes a minute to draw such a line
        shell.run(f"\x1b[200~: {'x ' * (MAX_CHARS // 2 + 2_000)}\x1b[201~")  # pasted
    shell.run("echo last")
    events = desk.wait(lambda texts: "echo last" in texts and any("odd" in text for text in texts))
    events = desk.wait(lambda texts: name == "bash" or any(len(text) > MAX_CHARS - 10 for text in texts))
    texts = [event.text for event in events]
    assert not any("never entered" in text for text in texts)
    assert all(len(text) <= MAX_CHARS for text in texts)
    assert all(event.exit_code == 130 for event in events if event.text == "sleep 600")


@pytest.mark.tool(*SHELLS)
def test_shells_that_write_at_once_lose_nothing(desk: Desk) -> None:
    for name in SHELLS:
        desk.turn_on(name)
    shells = [desk.open(name) for name in (*SHELLS, "zsh")]
    for number in range(5):
        for at, shell in enumerate(shells):
            shell.type(f"echo shell {at} {number}\n".encode())
    for shell in shells:
        shell.wait_for_prompt()
    wanted = {f"echo shell {at} {number}" for at in range(len(shells)) for number in range(5)}
    events = desk.wait(lambda texts: wanted <= set(texts))
    assert sorted(event.text for event in events if event.text in wanted) == sorted(wanted)
    assert len({event.session for event in events}) == len(shells)


@pytest.mark.parametrize("name", ALL)
def test_a_locked_memory_delays_no_prompt_and_loses_nothing(desk: Desk, name: str) -> None:
    desk.turn_on(name)
    shell = desk.open(name)
    connection = apsw.Connection(str(desk.cli.home / MEMORY_FILE))
    connection.execute("BEGIN IMMEDIATE")
    shell.run("echo while locked")
    connection.execute("ROLLBACK")
    connection.close()
    desk.wait(lambda texts: "echo while locked" in texts)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "trouble", ["no program", "no home", "read-only home", "damaged memory", "hanging program"]
)
def test_no_trouble_shows_at_the_prompt(desk: Desk, name: str, trouble: str, tmp_path: Path) -> None:
    desk.turn_on(name)
    hook = desk.cli.home / f"memory-hook.{name}"
    if trouble in {"no program", "hanging program"}:
        program = tmp_path / "satchel"
        if trouble == "hanging program":
            program.write_text("#!/bin/sh\nexec sleep 5 < /dev/null\n")
            program.chmod(0o755)
        hook.write_text(hook.read_text().replace(str(PROGRAM), str(program)))
    elif trouble == "no home":
        shutil.rmtree(desk.cli.home)
    elif trouble == "read-only home":
        desk.cli.home.chmod(0o500)
    else:
        (desk.cli.home / MEMORY_FILE).write_bytes(b"damaged" * 1_000)
    shell = desk.open(name)
    began = time.monotonic()
    shell.run("echo one")
    shell.run("echo two; false")
    shell.run("echo three")
    assert time.monotonic() - began < PATIENCE_S
    assert "Traceback" not in shell.said
    assert "satchel" not in shell.said
    if desk.cli.home.exists():
        desk.cli.home.chmod(0o700)


@pytest.mark.tool("bash")
@pytest.mark.parametrize("control", ["ignoreboth", "ignoredups", "erasedups", "ignorespace"])
def test_bash_records_repeated_commands_whatever_its_history_keeps(desk: Desk, control: str) -> None:
    (desk.folder / ".bashrc").write_text(f"HISTCONTROL={control}\nPROMPT_COMMAND=(true 'false')\n")
    desk.turn_on("bash")
    (desk.folder / ".bash_history").write_text("echo from an earlier session\n")
    shell = desk.open("bash")
    shell.run(" echo kept out")
    for _ in range(3):
        shell.run("echo again")
    shell.run(" echo again kept out")
    shell.run("(exit 7)")
    events = desk.wait(lambda texts: len(texts) >= 5)
    assert sum(event.text == "echo again" for event in events) == 3
    assert sorted({event.text for event in events}) == ["(exit 7)", "echo again", "true"]
    assert next(event.exit_code for event in events if event.text == "(exit 7)") == 7


@pytest.mark.parametrize("name", ALL)
def test_the_hook_is_removed_by_off(desk: Desk, name: str) -> None:
    desk.turn_on(name)
    desk.cli.ok("memory", "off", "shell", "--keep")
    shell = desk.open(name)
    shell.run("echo unseen")
    assert not list(desk.cli.home.glob("memory-hook.*"))
    assert desk.events() == []
