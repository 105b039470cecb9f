"""The real service with a certified issuer, and devices whose owners have a user agent.

Commands run in this process, and the browser is a thread of it, which saves two processes for each sign-in. Tests that
need the installed program start it with `process`.
"""

import os
import re
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from tests.cli.conftest import Cli
from tests.oidc.issuer import Issuer
from tests.oidc.user_agent import Person, UserAgent
from tests.support.file_keyring import FileKeyring, keyring_variables
from tests.support.service import ServiceProcess

from satchel.keys import RootSecret, to_phrase

OWNER: Final = Person("ada")
STOP: Final = "stop"
ROOT: Final = RootSecret(bytes(range(32)))
"""Of every device. Random recovery words may be words of the protocol, too, such as "advance"."""
TOKEN: Final = re.compile(r"eyJ[\w-]{16,}\.", re.ASCII)
"""Begins every token of an issuer; random text contains no match, as it may contain `eyJ` alone."""


class Desktop:
    """A browser that a program opens: the people in `people` use it in turn, the last one from then on.

    It forgets its cookies after each sign-in unless `keeps_cookies` is set.
    """

    def __init__(self, folder: Path, person: Person) -> None:
        folder.mkdir()
        self.people = [person]
        self.opened: list[str] = []
        self.keeps_cookies = False
        self._agent: UserAgent | None = None
        self._fifo, self._script = folder / "addresses", folder / "browser"
        os.mkfifo(self._fifo)
        self._script.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$1\" > {self._fifo}\n")
        self._script.chmod(self._script.stat().st_mode | stat.S_IXUSR)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def command(self) -> str:
        """The value of BROWSER."""
        return f"{self._script} %s"

    def close(self) -> None:
        """Stop the browser."""
        self._fifo.write_text(f"{STOP}\n")
        self._thread.join()

    def _serve(self) -> None:
        while (url := self._fifo.read_text().strip()) != STOP:
            self.opened.append(url)
            person = self.people.pop(0) if len(self.people) > 1 else self.people[0]
            with suppress(Exception):  # the program may have ended meanwhile
                if self._agent is None or not self.keeps_cookies:
                    self._agent = UserAgent(person)
                self._agent.sign_in(url)


class SignedDevice(Cli):
    """A device whose person signs in with a user agent."""

    def __init__(self, home: Path, person: Person, *, has_keyring: bool) -> None:
        self.keyring_file = home.with_name("keyring.json")
        self.desktop = Desktop(home.with_name(f"{home.name}-desktop"), person)
        extra = keyring_variables(self.keyring_file) if has_keyring else {}
        super().__init__(home, {**extra, "BROWSER": self.desktop.command})

    def use(self, *people: Person) -> None:
        """Let other people sit at the device, one sign-in each, the last one from then on."""
        self.desktop.people = list(people)

    def command(self, *arguments: str | Path, code: int = 0) -> str:
        """Run a command without a terminal, check its exit code, and return what it said."""
        ran = self.run(*arguments)
        assert ran.code == code, f"{arguments}: {ran.code}: {ran.text} {ran.err}"
        return ran.text + ran.err

    def document(self, *arguments: str | Path) -> Any:  # noqa: ANN401  any JSON value
        """Run a command with --json without a terminal."""
        return self.json(*arguments)

    def terminal(self, *arguments: str | Path, answers: str = "", code: int = 0) -> str:
        """Run a command on a terminal with typed answers, check its exit code, and return what it said."""
        ran = self.run(*arguments, stdin=f"{answers}\n".encode(), terminal=True)
        assert ran.code == code, f"{arguments}: {ran.code}: {ran.text} {ran.err}"
        return ran.text + ran.err


@pytest.fixture
def cloud(tmp_path: Path, provider: Issuer) -> Iterator[ServiceProcess]:
    """A cloud with an issuer and without an owner."""
    with ServiceProcess(tmp_path / "cloud", oidc_settings(provider)) as running:
        yield running


def oidc_settings(issuer: Issuer, **more: str) -> dict[str, str]:
    return {"SATCHEL_OIDC_ISSUER": issuer.url, "SATCHEL_OIDC_CLIENT_ID": "satchel", **more}


@pytest.fixture
def make_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., SignedDevice]]:
    """Return a function that makes a device with keys. All of them have the same recovery words."""
    made: list[SignedDevice] = []
    monkeypatch.setenv("TEST_KEYRING", str(tmp_path / "keyring.json"))
    monkeypatch.setattr("keyring.get_keyring", FileKeyring)

    def make(name: str = "desk", person: Person = OWNER, *, has_keyring: bool = False) -> SignedDevice:
        device = SignedDevice(tmp_path / name, person, has_keyring=has_keyring)
        device.ok("recovery", "use", stdin=to_phrase(ROOT).encode())
        device.ok("init")
        made.append(device)
        return device

    yield make
    for device in made:
        device.desktop.close()


@pytest.fixture
def alone(make_device: Callable[..., SignedDevice]) -> SignedDevice:
    """A device that knows no cloud."""
    return make_device()


@pytest.fixture
def device(alone: SignedDevice, cloud: ServiceProcess) -> SignedDevice:
    """The device whose person owns the cloud."""
    alone.command("connect", cloud.url, "--sign-in", "--pair", cloud.pairing_code, "--label", "desk")
    return alone


def home_files(device: SignedDevice) -> str:
    """Return everything in a home, for searching it."""
    files = [path for path in sorted(device.home.rglob("*")) if path.is_file()]
    return "\n".join(path.read_bytes().decode("latin-1") for path in files)
