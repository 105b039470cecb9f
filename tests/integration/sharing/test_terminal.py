"""Questions and output on a terminal: a real pseudo-terminal with typed answers."""

import os
import pty
import select
import signal
from pathlib import Path

import pytest
from tests.support.device import PROGRAM, Device
from tests.support.qr import read_qr

QUIET_S = 60.0
CONTENT = b"print('hello')\n"


def typed(
    device: Device, arguments: list[str], answers: dict[str, str], *, columns: str = "120"
) -> tuple[int, str]:
    """Run a command on a terminal, typing each answer when its question appears; return the exit code and the screen."""
    child, terminal = pty.fork()
    if child == 0:
        terminal_is = {"TERM": "xterm", "COLUMNS": columns, "NO_COLOR": "1"}
        os.execve(PROGRAM, [str(PROGRAM), *arguments], {**device.environ, **terminal_is})
    screen, waiting = b"", list(answers.items())
    while True:
        if not select.select([terminal], [], [], QUIET_S)[0]:
            os.kill(child, signal.SIGKILL)  # it waits for an answer that the test does not give
        try:
            read = os.read(terminal, 65536)
        except OSError:  # the other side is closed
            break
        if not read:
            break
        screen += read
        if waiting and screen.decode(errors="replace").endswith(waiting[0][0]):
            os.write(terminal, os.fsencode(waiting.pop(0)[1]) + b"\n")
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    assert not waiting, f"never asked: {waiting[0][0]!r}"
    return os.waitstatus_to_exitcode(status), screen.decode(errors="replace").replace("\r\n", "\n")


def test_a_password_is_typed_twice_and_never_shown(owner: Device, stranger: Device) -> None:
    answers = {"password for the share: ": "open sesame", "once more: ": "open sesame"}
    code, screen = typed(owner, ["share", owner.save(CONTENT), "--password"], answers)
    assert code == 0
    assert "sesame" not in screen
    link = next(line for line in screen.splitlines() if "/s/" in line)
    code, screen = typed(stranger, ["get", link], {"password of the share: ": "open sesame"})
    assert (code, "hello" in screen, "sesame" in screen) == (0, True, False)


def test_two_passwords_that_differ_share_nothing(owner: Device) -> None:
    before = len(owner.json("shares")["shares"])
    answers = {"password for the share: ": "one", "once more: ": "two"}
    code, screen = typed(owner, ["share", owner.save(CONTENT), "--password"], answers)
    assert (code, "differ" in screen) == (2, True)
    assert len(owner.json("shares")["shares"]) == before


def test_a_typed_password_that_is_not_utf_8_is_refused_without_showing_it(owner: Device) -> None:
    answers = {"password for the share: ": "caf\udce9 secret"}  # as a terminal set to Latin-1 sends it
    code, screen = typed(owner, ["share", owner.save(CONTENT), "--password"], answers)
    assert (code, "what you typed is not UTF-8 text" in screen) == (2, True)
    assert not {"unexpected", "caf", "secret"} & set(screen.split())


def test_a_wrong_password_can_be_corrected(owner: Device, stranger: Device, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("right")
    link = owner.run(
        "share", owner.save(CONTENT), "--views", "1", "--password-file", tmp_path / "password"
    ).text
    code, screen = typed(
        stranger,
        ["get", link],
        {"password of the share: ": "wrong", "no view was used\r\npassword of the share: ": "right"},
    )
    assert (code, "hello" in screen) == (0, True)


def test_a_shared_piece_cannot_control_the_terminal(owner: Device, stranger: Device) -> None:
    """Escape sequences for colours, window titles and keyboard input are shown, never executed."""
    hostile = "\x1b]0;owned\x07\x1b[2J\x1b[6n\u202egnp.exe\x9b31m"
    link = owner.run("share", owner.save(f"a{hostile}b\n".encode(), title=f"t{hostile}t")).text
    code, screen = typed(stranger, ["get", link], {})
    assert code == 0
    assert not any(part in screen for part in ("\x1b]", "\x1b[2J", "\x1b[6n", "\x07", "\u202e", "\x9b"))
    assert stranger.run("get", link).stdout == f"a{hostile}b\n".encode()


def test_the_tables_fit_a_terminal(owner: Device) -> None:
    made = owner.json("share", owner.save(CONTENT, title="a title " * 40), "--views", "3")
    code, screen = typed(owner, ["shares"], {})
    assert code == 0
    assert "OPENED" in screen
    row = next(line for line in screen.splitlines() if made["id"][:8] in line)
    assert len(row) <= 120


@pytest.mark.parametrize(("answer", "left"), [("n", False), ("", False), ("y", True)])
def test_leaving_asks_for_confirmation(answer: str, left: bool, owner: Device, tmp_path: Path) -> None:
    from tests.integration.sharing.conftest import ROOT

    laptop = Device(tmp_path / "laptop", ROOT)
    added = owner.json("devices", "add")
    laptop.run("connect", added["url"], "--pair", added["code"])
    code, _ = typed(laptop, ["disconnect"], {f"disconnect from {added['url']}? [y/N] ": answer})
    assert (code == 0) == left
    assert (laptop.home / "cloud.json").exists() != left


def test_the_link_is_shown_as_a_readable_qr_code(owner: Device) -> None:
    code, screen = typed(owner, ["share", owner.save(CONTENT)], {})
    assert code == 0
    link = next(line for line in screen.splitlines() if "/s/" in line)
    assert (code_on(screen) == link) is True  # a failure must not print the link


def test_the_qr_code_is_omitted_on_request_and_where_it_does_not_fit(owner: Device) -> None:
    piece = owner.save(CONTENT)
    for arguments, columns in ((["--no-qr"], "120"), ([], "40")):
        code, screen = typed(owner, ["share", piece, *arguments], {}, columns=columns)
        assert (code, "█" in screen) == (0, False)


def test_a_card_is_shown_before_it_is_published(owner: Device) -> None:
    piece = owner.save(CONTENT, title="Greeter", language="python")
    question = {"publish this? [y/N] ": "y"}
    code, screen = typed(owner, ["share", piece, "--card"], question)
    shown = screen.partition("publish this?")[0]
    assert (code, "Greeter" in shown, "python" in shown, "lines     1" in shown) == (0, True, True, True)
    assert owner.json("shares")["shares"][0]["card"] == {"title": "Greeter", "language": "python", "lines": 1}


def test_declining_the_card_shares_nothing(owner: Device) -> None:
    before = len(owner.json("shares")["shares"])
    code, screen = typed(owner, ["share", owner.save(CONTENT), "--card"], {"publish this? [y/N] ": "n"})
    assert (code, "not shared" in screen) == (4, True)
    assert len(owner.json("shares")["shares"]) == before


def code_on(screen: str) -> str:
    """Return the text that a camera reads from the screen; light modules are drawn, dark ones are background."""
    drawn = {"█": (False, False), "▀": (False, True), "▄": (True, False), " ": (True, True)}
    lines = [line for line in screen.splitlines() if line and set(line) <= set(drawn)]
    return read_qr([[drawn[cell][half] for cell in line] for line in lines for half in (0, 1)])
