"""--offline: no command looks up a name, connects or records anything; those that ask in passing go on without."""

import json
import socket
from pathlib import Path
from typing import Final

import pytest
from tests.cli.conftest import Cli
from tests.cli.test_offline import NEEDS_A_CLOUD

from satchel.cli.registry import COMMANDS
from satchel.keys.secret import RequestSeed
from satchel.requesting.identity import request_key
from satchel.requesting.link import RequestLink
from satchel.sharing.identity import LinkSecret
from satchel.sharing.link import ShareLink

CLOUD: Final = "https://cloud.example.com"
LINK: Final = str(ShareLink(CLOUD, "0123456789abcdef" * 2, LinkSecret(bytes(32))))
REQUEST_LINK: Final = str(
    RequestLink(CLOUD, "0123456789abcdef" * 2, request_key(RequestSeed(bytes(32)), "0123456789abcdef" * 2))
)

# Every command that needs the network, with all that its subcommands need.
REFUSED: Final = [
    "login", "login https://other.example.com", "account", "devices", "devices add", "devices revoke 01", "sync",
    "backup", "backups ls", "backups delete 01", "backups undelete 01", "backups prune --yes", "verify", "restore --yes",
    "share @last", "shares", "shares revoke 01", "audit", "disconnect --yes", "connect https://other.example.com --moved",
    "endpoint models", "endpoint test", "ask what is content --yes",
    "request text", "requests", "requests revoke 01",
]  # fmt: skip
ASKING_IN_PASSING: Final = {
    "status": 1, "doctor": 1, "rm @last --yes": 0, "save {file}": 0, "disconnect --forget": 0, "logout": 4,
}  # fmt: skip
"""Commands that would ask a cloud or an endpoint, and go on without an answer, with their exit codes here."""


@pytest.fixture
def connected(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A home that believes to be connected, in a process that must not use the network."""
    cli.save("content")
    documents = {
        "cloud.json": {
            "format": "satchel-cloud/1",
            "url": CLOUD,
            "device_id": "00112233445566778899aabbccddeeff",
        },
        "keys/token.json": {"format": "satchel-token/1", "kept": "file", "token": "a-token"},
    }
    for name, document in documents.items():
        (cli.home / name).write_text(json.dumps(document))
        (cli.home / name).chmod(0o600)
    cli.ok("endpoint", "set", "https://llm.example.com", "--model", "m")
    cli.ok("processing", "set", "titles", "blended")

    def refuse(*args: object, **_settings: object) -> None:
        pytest.fail(f"the network is used: {args[:2]}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    return cli


@pytest.mark.parametrize("line", REFUSED)
def test_a_command_that_needs_the_network_is_refused_in_one_line(connected: Cli, line: str) -> None:
    answer = connected.run(*line.split(), "--offline")
    assert answer.code == 6, answer.err
    assert "satchel is offline" in answer.err
    assert answer.err.count("satchel: ") == 1
    assert not (connected.home / "ledger.db").exists()


@pytest.mark.parametrize("line", ASKING_IN_PASSING)
def test_a_command_that_asks_in_passing_goes_on(connected: Cli, tmp_path: Path, line: str) -> None:
    file = tmp_path / "a.py"
    file.write_text("print('a')\n")
    answer = connected.run(*line.format(file=file).split(), "--offline")
    assert answer.code == ASKING_IN_PASSING[line], answer.err
    assert not answer.err.startswith("satchel: nothing was sent")
    assert not (connected.home / "ledger.db").exists()


@pytest.mark.parametrize("line", [("get", LINK), ("answer", REQUEST_LINK)], ids=["get", "answer"])
def test_a_link_is_not_opened(connected: Cli, line: tuple[str, str]) -> None:
    answer = connected.run(*line, "--offline")
    assert (answer.code, "satchel is offline" in answer.err) == (6, True), answer.err


@pytest.mark.parametrize("how", ["variable", "setting", "unreadable setting"])
def test_the_environment_and_the_settings_do_the_same(connected: Cli, how: str) -> None:
    if how == "variable":
        connected.variables["SATCHEL_OFFLINE"] = "1"
    elif how == "setting":
        connected.ok("settings", "set", "offline", "on")
    else:
        (connected.home / "settings.json").write_text('{"offline": "nonsense"}')
    answer = connected.run("devices")
    assert (answer.code, "satchel is offline" in answer.err) == (6, True)
    assert not (connected.home / "ledger.db").exists()


@pytest.mark.parametrize("value", ["off", "0", "no", ""])
def test_a_variable_that_says_no_changes_nothing(cli: Cli, value: str) -> None:
    cli.variables["SATCHEL_OFFLINE"] = value
    assert cli.json("processing")["offline"] is False


def test_the_setting_takes_on_and_off_alone(cli: Cli) -> None:
    for value in ("maybe", "1", "ON", ""):
        assert cli.run("settings", "set", "offline", value).code == 2
    cli.ok("settings", "set", "offline", "on")
    assert cli.json("processing")["offline"] is True
    cli.ok("settings", "set", "offline", "off")
    assert cli.json("processing")["offline"] is False


def test_no_network_command_is_forgotten() -> None:
    named = {line.split()[0] for line in (*REFUSED, *ASKING_IN_PASSING)} | {"get", "answer"}
    assert NEEDS_A_CLOUD & set(COMMANDS) <= named
