"""`satchel endpoint` against a server of language models; the key is nowhere but in the keyring or its file."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import Cli
from tests.support.file_keyring import held_in, keyring_variables
from tests.support.language_models import FLAVOURS, LanguageModels
from tests.support.language_models.faults import answers

from satchel.cli.commands.models.endpoint import set_
from satchel.ledger import Ledger

KEY = "sk-canary-77c0ffee77"


@pytest.fixture
def server() -> Iterator[LanguageModels]:
    with LanguageModels("openai", keys={KEY}) as started:
        yield started


def set_up(cli: Cli, server: LanguageModels, *more: str) -> None:
    protocol = ("--protocol", server.protocol)
    cli.ok(
        "endpoint",
        "set",
        server.url,
        "--model",
        "tiny",
        *protocol,
        "--key-from",
        "-",
        *more,
        stdin=KEY.encode(),
    )


def test_without_an_endpoint_nothing_is_asked(cli: Cli) -> None:
    assert cli.json("endpoint", "show") == {"endpoint": None}
    for command in ("models", "test"):
        answer = cli.run("endpoint", command)
        assert (answer.code, "no endpoint is set" in answer.err) == (3, True)
    assert cli.json("endpoint", "remove") == {"removed": False}
    assert not (cli.home / "ledger.db").exists()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_endpoint_is_set_tested_and_removed(cli: Cli, flavour: str) -> None:
    with LanguageModels(flavour, keys={KEY}) as server:
        set_up(cli, server)
        assert server.asked == []
        shown = cli.json("endpoint", "show")["endpoint"]
        assert (shown["origin"], shown["model"], shown["has_key"]) == (server.origin, "tiny", True)
        assert shown["is_on_this_device"] is True
        assert cli.json("endpoint", "models")["models"] == [
            {"name": "tiny", "is_chosen": True},
            {"name": "large", "is_chosen": False},
        ]
        assert cli.json("endpoint", "test")["answer"] == "Hello, world"
        with Ledger.open(cli.home) as ledger:
            ledger.verify()
            listed, prompt = ledger.entries()
        assert (listed.sent.kind, listed.text) == ("message", None)
        assert (prompt.sent.kind, prompt.sent.why) == ("prompt", "satchel endpoint test")
        assert prompt.text == server.prompts[0].body
        assert cli.json("endpoint", "remove") == {"removed": True}
        assert [each.name for each in (cli.home / "keys").iterdir()] == ["root.json"]
        assert not (cli.home / "endpoint.json").exists()


def test_the_key_is_in_a_private_file_without_a_keyring(cli: Cli, server: LanguageModels) -> None:
    set_up(cli, server)
    path = cli.home / "keys" / "endpoint-key.json"
    assert path.stat().st_mode & 0o777 == 0o600
    holding = [each for each in cli.home.rglob("*") if each.is_file() and KEY.encode() in each.read_bytes()]
    assert holding == [path]


def test_the_key_is_in_the_keyring_if_there_is_one(cli: Cli, server: LanguageModels, tmp_path: Path) -> None:
    ring = tmp_path / "ring.json"
    cli.variables |= keyring_variables(ring)
    done = cli.process(
        "endpoint", "set", server.url, "--model", "tiny", "--key-from", "-", stdin=KEY.encode()
    )
    assert done.code == 0, done.err
    assert list(held_in(ring).values()) == [KEY]
    assert not [each for each in cli.home.rglob("*") if each.is_file() and KEY.encode() in each.read_bytes()]
    assert cli.process("endpoint", "test").code == 0
    assert cli.process("endpoint", "remove").code == 0
    assert held_in(ring) == {}


def test_the_key_is_read_from_a_file_or_typed(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    url = "https://llm.example.com/v1"
    cli.ok("endpoint", "set", url, "--model", "m", "--key-from", file)
    cli.ok("endpoint", "set", url, "--model", "other")
    assert cli.json("endpoint", "show")["endpoint"]["has_key"] is True
    cli.ok("endpoint", "set", url, "--model", "other", "--no-key")
    assert cli.json("endpoint", "show")["endpoint"]["has_key"] is False
    code, said = cli.talk("endpoint", "set", url, "--model", "m", answers=[("(empty: none): ", KEY)])
    assert (code, KEY in said) == (0, False)
    assert cli.json("endpoint", "show")["endpoint"]["has_key"] is True


@pytest.mark.parametrize("other", ["https://other.example.com/v1", "https://llm.example.com/v2", "anthropic"])
def test_a_key_never_goes_to_another_address(cli: Cli, other: str) -> None:
    cli.ok(
        "endpoint", "set", "https://llm.example.com/v1", "--model", "m", "--key-from", "-", stdin=KEY.encode()
    )
    cli.ok("endpoint", "set", other, "--model", "m")
    assert cli.json("endpoint", "show")["endpoint"]["has_key"] is False
    assert not [each for each in cli.home.rglob("*") if each.is_file() and KEY.encode() in each.read_bytes()]


@pytest.mark.parametrize("key", ["", "pair of words", "two\nlines", "€", "x" * 5000])
def test_what_is_no_key_is_refused_and_not_quoted(cli: Cli, key: str) -> None:
    answer = cli.run("endpoint", "set", "ollama", "--model", "m", "--key-from", "-", stdin=key.encode())
    assert answer.code == 2
    assert not key or key.split(maxsplit=1)[0] not in answer.err
    assert cli.json("endpoint", "show") == {"endpoint": None}


@pytest.mark.parametrize(
    "arguments",
    [
        ("http://llm.example.com/v1", "--model", "m"),
        ("ollama",),
        ("ollama", "--model", "two words"),
        ("ollama", "--model", "m", "--protocol", "other"),
        ("ollama", "--model", "m", "--key-from", "-", "--no-key"),
        ("https://r.openai.azure.com/openai/deployments/d", "--model", "m"),
    ],
)
def test_wrong_usage_is_refused(cli: Cli, arguments: tuple[str, ...]) -> None:
    assert cli.run("endpoint", "set", *arguments).code == 2
    assert cli.json("endpoint", "show") == {"endpoint": None}


@pytest.mark.parametrize(
    "document",
    [
        b"", b"{", b'{"format": "satchel-endpoint/1"}', b"[" * 60_000,
        b'{"format": "satchel-endpoint/1", "name": "x", "url": "http://evil.example/v1", "protocol": "openai", "model": "m"}',
        b'{"format": "satchel-endpoint/1", "name": "x", "url": "https://h/v1/", "protocol": "openai", "model": "m"}',
        b'{"format": "satchel-endpoint/1", "name": "x", "url": "https://h/v1", "protocol": "openai", "model": "m", "new": 1}',
    ],
)  # fmt: skip
def test_a_damaged_file_is_told_and_nothing_is_asked(cli: Cli, document: bytes) -> None:
    (cli.home / "endpoint.json").write_bytes(document)
    answer = cli.run("endpoint", "test")
    assert (answer.code, "is damaged" in answer.err) == (5, True)
    cli.ok("endpoint", "set", "ollama", "--model", "m")
    assert cli.json("endpoint", "show")["endpoint"]["name"] == "ollama"


def test_a_newer_file_asks_for_an_update(cli: Cli) -> None:
    (cli.home / "endpoint.json").write_text('{"format": "satchel-endpoint/2", "x": 1}')
    answer = cli.run("endpoint", "show")
    assert (answer.code, "newer than this version" in answer.err) == (1, True)


def test_a_test_shows_what_the_server_says(cli: Cli, server: LanguageModels) -> None:
    set_up(cli, server)
    server.fail(
        answers(400, json.dumps({"error": {"message": "max_tokens is not supported\x1b[31m"}}).encode())
    )
    answer = cli.run("endpoint", "test")
    assert (answer.code, "refuses the request: HTTP 400" in answer.err) == (4, True)
    server.fail(answers(400, json.dumps({"error": {"message": "max_tokens is not supported"}}).encode()))
    assert "hint: it says: max_tokens is not supported" in cli.run("endpoint", "test").err


def test_the_key_is_in_no_output_and_no_argument(cli: Cli, server: LanguageModels) -> None:
    set_up(cli, server)
    server.keys = {"another"}
    for arguments in (
        ("endpoint", "test"),
        ("endpoint", "models"),
        ("endpoint", "show"),
        ("ledger",),
        ("ledger", "show", "1"),
    ):
        answer = cli.run(*arguments, "--debug")
        assert KEY not in answer.text + answer.err
    assert "does not accept the key" in cli.run("endpoint", "test").err
    assert "key" not in [param.name for param in set_.params]


@pytest.mark.parametrize("how", ["option", "variable", "setting"])
def test_offline_the_endpoint_is_not_asked(cli: Cli, server: LanguageModels, how: str) -> None:
    set_up(cli, server)
    if how == "setting":
        cli.ok("settings", "set", "offline", "on")
    if how == "variable":
        cli.variables["SATCHEL_OFFLINE"] = "1"
    answer = cli.run("endpoint", "test", *(["--offline"] if how == "option" else []))
    assert (answer.code, answer.err.count("\n")) == (6, 2)
    assert f"nothing was sent to '{server.origin}': satchel is offline" in answer.err
    assert server.asked == []
    assert not (cli.home / "ledger.db").exists()


def test_showing_the_endpoint_does_not_import_the_network(cli: Cli) -> None:
    cli.ok("endpoint", "set", "ollama", "--model", "m")
    code = (
        "import sys; from satchel.cli.main import main; sys.argv = ['satchel', 'endpoint', 'show'];"
        "code = main(); assert code == 0; assert not {'urllib3', 'ssl', 'keyring'} & set(sys.modules), sys.modules"
    )
    import os
    import subprocess

    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **cli.variables}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
