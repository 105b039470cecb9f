"""`satchel copy`: the clipboard by the system's program or the terminal, and never through the list of processes."""

import base64
import os
import re
import shutil
import stat
from pathlib import Path

import pytest
from tests.cli.conftest import Cli

from satchel.cli.environment import Desktop
from satchel.cli.terminal.clipboard import MAX_OSC_BYTES, copy, programs
from satchel.errors import SatchelError, UsageError

ALL = Desktop(has_wayland=True, has_x11=True, is_wsl=True, is_mac=True)
NONE_AT_ALL = {"SSH_CONNECTION": "", "SSH_TTY": "", "DISPLAY": "", "WAYLAND_DISPLAY": "", "WSL_DISTRO_NAME": "", "WSL_INTEROP": ""}  # fmt: skip


def fake(folder: Path, name: str, code: int = 0) -> Path:
    """Install a program that writes its arguments and its input to files."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > "{folder}/{name}.args"\ncat > "{folder}/{name}.input"\nexit {code}\n'
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("wl-copy", {"WAYLAND_DISPLAY": "wayland-0"}),
        ("xclip", {"DISPLAY": ":0"}),
        ("xsel", {"DISPLAY": ":0"}),
        ("clip.exe", {"WSL_DISTRO_NAME": "Debian"}),
    ],
)
def test_the_program_of_the_desktop_gets_the_text_as_its_input(
    cli: Cli, tmp_path: Path, name: str, variables: dict[str, str]
) -> None:
    programs_folder = tmp_path / "bin"
    fake(programs_folder, name)
    piece = cli.save("der geheime Schlüssel\n")
    for tool in ("sh", "cat", "printf"):  # and no other program of the machine, which may have a clipboard's
        if found := shutil.which(tool):
            (programs_folder / tool).symlink_to(found)
    answer = cli.process("copy", piece, variables={**NONE_AT_ALL, **variables, "PATH": str(programs_folder)})
    assert answer.code == 0, answer.err
    assert f"with {name}" in answer.text
    encoding = "utf-16" if name == "clip.exe" else "utf-8"
    assert (programs_folder / f"{name}.input").read_bytes().decode(encoding) == "der geheime Schlüssel\n"
    assert "geheim" not in (programs_folder / f"{name}.args").read_text()


def test_over_ssh_the_terminal_is_asked(cli: Cli, tmp_path: Path) -> None:
    fake(tmp_path / "bin", "xclip")
    piece = cli.save("über SSH\n")
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    variables = {
        **NONE_AT_ALL,
        "SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22",
        "DISPLAY": ":10",
        "PATH": path,
    }
    code, said = cli.talk("copy", piece, variables=variables)
    assert code == 0
    sent = re.search("\x1b\\]52;c;([A-Za-z0-9+/=]*)\x07", said)
    assert sent is not None
    assert base64.b64decode(sent[1]).decode() == "über SSH\n"
    assert "OSC 52" in said
    assert not (tmp_path / "bin" / "xclip.input").exists()


def test_only_asks_for_a_file_of_the_piece(cli: Cli, tmp_path: Path) -> None:
    fake(tmp_path / "bin", "xclip")
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(name)
    piece = cli.ok("save", tmp_path / "a.py", "--file", tmp_path / "b.py").text.strip()
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    answer = cli.process(
        "copy", piece, "--only", "b.py", variables={**NONE_AT_ALL, "DISPLAY": ":0", "PATH": path}
    )
    assert answer.code == 0, answer.err
    assert (tmp_path / "bin" / "xclip.input").read_text() == "b.py"


def test_without_display_and_terminal_there_is_one_clear_line(cli: Cli) -> None:
    answer = cli.process("copy", cli.save("x"), variables={**NONE_AT_ALL, "PATH": "/nonexistent"})
    assert answer.code == 1
    assert answer.err.startswith("satchel: there is no clipboard: no display and no terminal\nhint: ")


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(SatchelError) as caught:
        copy("x", Desktop(has_x11=True), find=lambda _name: None, terminal=None)
    assert "xclip or xsel" in caught.value.hint


def test_a_failing_program_is_named(tmp_path: Path) -> None:
    path = fake(tmp_path / "bin", "wl-copy", code=3)
    with pytest.raises(SatchelError, match="wl-copy failed with code 3"):
        copy("x", Desktop(has_wayland=True), find=lambda _name: str(path), terminal=None)


def test_a_long_text_is_not_sent_to_the_terminal(tmp_path: Path) -> None:
    terminal = tmp_path / "tty"
    terminal.touch()
    with pytest.raises(UsageError, match="more than a terminal takes"):
        copy("x" * MAX_OSC_BYTES, Desktop(is_remote=True), find=lambda _name: None, terminal=terminal)
    assert terminal.read_bytes() == b""


def test_programs_are_tried_in_order() -> None:
    assert [each.name for each in programs(ALL)] == ["pbcopy", "wl-copy", "xclip", "xsel", "clip.exe"]
    assert programs(Desktop(is_remote=True, has_x11=True)) == []


def test_an_image_is_not_copied(cli: Cli) -> None:
    png = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + bytes(20)
    answer = cli.run("copy", cli.save(png))
    assert (answer.code, "only text" in answer.err) == (2, True)
