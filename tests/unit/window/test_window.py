"""The window with other programs, its keys, its jobs and its end."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.device import Device
from tests.support.waiting import wait_until
from tests.support.window import Page, WindowProcess, served, window_of

from satchel.keys import RootSecret, Vault
from satchel.pieces.model import Changes
from satchel.store import Draft, Store
from satchel.window.core import command
from satchel.window.server import Listener
from satchel.window.session import Session
from satchel.window.watching import Watch


def test_pages_hear_of_changes_by_other_programs(page: Page, save: Callable[..., str], home: Path) -> None:
    with page.events() as events:
        piece = save("by the command line")
        assert piece in events.wait_for("change")["pieces"]
        (home / "settings.json").write_text("{}")
        events.wait_for("state", what="settings")


def test_a_page_hears_of_a_change_that_comes_at_once(
    home: Path, save: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class LateWatch(Watch):
        """A watch on a busy computer, which looks at the home late."""

        def __init__(self, home: Path) -> None:
            time.sleep(0.5)
            super().__init__(home)

    monkeypatch.setattr("satchel.window.server.Watch", LateWatch)
    with served(home) as page, page.events() as events:
        piece = save("by the command line")
        assert piece in events.wait_for("change")["pieces"]


def test_two_windows_and_the_command_line_lose_nothing(home: Path, save: Callable[..., str]) -> None:
    piece = save("base")
    with served(home) as one, served(home) as other:
        assert one.ask("edit_piece", id=piece, base=1, text="of one")["is_changed"] is True
        assert (
            other.ask("edit_piece", status=409, id=piece, base=1, text="of the other")["code"] == "conflict"
        )
        with Store.open(home) as store:
            store.edit(piece, Changes(content=b"of the command line"))
        assert (
            one.ask("edit_piece", status=409, id=piece, base=2, text="of one again")["current"]["revision"]
            == 3
        )
        assert other.ask("edit_piece", id=piece, base=3, text="of the other")["piece"]["revision"] == 4
    with Store.open(home) as store:
        texts = [store.content(piece, number) for number in (1, 2, 3, 4)]
    assert texts == [b"base", b"of one", b"of the command line", b"of the other"]


def test_the_window_of_one_home_does_not_open_that_of_another(home: Path, tmp_path: Path) -> None:
    other_home = tmp_path / "other"
    Store.create(other_home).close()
    with served(home) as one, served(other_home) as other:
        cookie, key = one.headers["cookie"], one.headers["x-satchel-window"]
        stolen = {"cookie": cookie, "x-satchel-window": key}
        assert other.send("/api/find", b"{}", headers=stolen)[0] == 401


def test_locked_keys_are_opened_by_their_passphrase(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Store.create(home) as store:
        store.add(Draft(b"text"))
    Vault(home, use_keyring=False).create(RootSecret(bytes(32)), passphrase="correct", use_keyring=False)
    with served(home) as page:
        assert page.ask("hello")["is_locked"] is True
        target = str(tmp_path / "b.age")
        locked = page.finished(page.ask("start_backup", to_file=target))
        assert locked["problem"]["code"] == "locked"
        page.ask("unlock", status=422, passphrase="wrong")
        page.ask("unlock", passphrase="correct")
        assert page.ask("hello")["is_locked"] is False
        assert page.finished(page.ask("start_backup", to_file=target))["state"] == "done"


def test_values_cannot_become_options() -> None:
    assert command("recall", options={"limit": 5, "since": None, "x": False, "yes": True}, values=["--home=/x"]) == (
        "recall", "--limit=5", "--yes", "--", "--home=/x",
    )  # fmt: skip


def test_the_process_ends_when_its_page_is_closed(tmp_path: Path) -> None:
    device = Device(tmp_path / "home", RootSecret(bytes(32)))
    device.save(b"some text of a Piece")
    with WindowProcess(device) as window:
        page = window.page()
        with page.events():
            token = window.url.partition("#")[2]
            shown = Path(f"/proc/{window.process.pid}/cmdline").read_bytes()
            assert token.encode() not in shown
            page.ask("find", query="some text")
        wait_until(lambda: window.process.poll() is not None, timeout_s=60)
        assert window.process.returncode == 0
        assert window.process.stderr is not None
        said = window.process.stderr.read()
    assert token.encode() not in said
    assert b"some text" not in said
    left = [path for path in (tmp_path / "home" / "window").rglob("*") if path.is_file()]
    assert left == []


class HeldClock:
    """An event loop to those that ask it for the time, which advances only by hand."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.now_s = loop.time()

    def time(self) -> float:
        return self.now_s

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever else a loop has
        return getattr(self._loop, name)


def test_a_page_that_loads_slowly_is_waited_for(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Store.create(home).close()
    Vault(home, use_keyring=False).create(RootSecret(bytes(32)), use_keyring=False)
    listener = Listener(0)
    session = Session.begin(listener.port)
    window = window_of(home, session)
    grace_s = 0.5
    server = threading.Thread(target=listener.serve, args=(window,), kwargs={"grace_s": grace_s}, daemon=True)
    server.start()
    page = Page(listener.port)
    page.begin(session.token)
    with page.events():
        wait_until(lambda: window.hub.followers == 1)
        assert window.hub._loop is not None
        clock = HeldClock(window.hub._loop)
        window.hub._loop = clock  # type: ignore[assignment]
    loaded = time.monotonic() + 2  # the server looks several times meanwhile
    while time.monotonic() < loaded:  # a page that reloads asks for its files, and then for what it shows
        clock.now_s += 0.6 * grace_s
        page.ask("hello")
    clock.now_s += grace_s
    server.join(30)
    assert not server.is_alive()


def test_ctrl_c_ends_it_and_tells_the_page(tmp_path: Path) -> None:
    device = Device(tmp_path / "home", RootSecret(bytes(32)))
    with WindowProcess(device) as window:
        page = window.page()
        with page.events() as events:
            page.ask("hello")
            assert window.stop() == 0
            events.wait_for("closing")
            wait_until(lambda: events.has_ended)


def test_daily_commands_do_not_load_the_server(tmp_path: Path) -> None:
    script = (
        "import sys; from satchel.cli.main import main; sys.argv = ['satchel', 'list']; main();"
        "print([name for name in sys.modules if name.startswith(('uvicorn', 'starlette', 'asyncio', 'satchel.window'))])"
    )
    device = Device(tmp_path / "home", RootSecret(bytes(32)))
    done = subprocess.run([sys.executable, "-c", script], env=device.environ, capture_output=True, check=True)
    assert done.stdout.decode().strip().endswith("[]")
