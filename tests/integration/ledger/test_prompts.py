"""The two-way proof for prompts: a language model's server received exactly what the ledger holds, byte for
byte.

Every command that may ask the endpoint runs under strace. The kernel saw no connection but those of entries, the server
no request without one, and no secret of the owner is in any of them.
"""

import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from tests.cli.conftest import Cli
from tests.support.language_models import FAULTS, LanguageModels
from tests.support.language_models.faults import refuses
from tests.support.traced import connections, dialed, traced

from satchel.ledger import Entry, Ledger

pytestmark = [pytest.mark.timeout(300), pytest.mark.tool("strace")]

KEY: Final = "sk-prompts-canary-19c0ffee91"
SECRET: Final = "ghp_" + "t5W9nC2vB8mX4kZ7qR1sD6fG3hJ0pLyUaEiO"
CODE: Final = f"TOKEN = '{SECRET}'\ndef parse(line):\n    return line.split(':', 1)\n"


@dataclass(frozen=True)
class Seen:
    """What a home, a server and the kernel know after some commands."""

    entries: list[Entry]
    server: LanguageModels
    log: Path
    said: bytes


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Run commands that ask: answered, refused, cut off, and offline."""
    folder = tmp_path_factory.mktemp("prompts")
    log, cli, said = (
        folder / "calls",
        Cli(folder / "home", {"PATH": "/usr/bin:/bin", "HOME": str(folder)}),
        b"",
    )

    def run(*arguments: str, stdin: bytes = b"") -> str:
        nonlocal said
        done = subprocess.run(
            [*traced(log), *arguments], input=stdin, env=cli.variables, capture_output=True, check=False
        )
        said += done.stdout + done.stderr
        return done.stdout.decode().strip()

    with LanguageModels("openai", keys={KEY}) as server:
        cli.ok("init")
        run("endpoint", "set", server.url, "--model", "tiny", "--key-from", "-", stdin=KEY.encode())
        run("endpoint", "models")
        run("endpoint", "test")
        run("processing", "set", "titles", "blended")
        run("save", "-", stdin=CODE.encode())
        server.fail(FAULTS["cut"], refuses("rate-limit", {"Retry-After": "7"}))
        run("save", "-", stdin=CODE.encode() + b"#")
        run("suggest", "@last")
        run("save", "-", "--offline", stdin=CODE.encode() + b"##")
        run("endpoint", "test", "--offline")
        with Ledger.open(cli.home) as ledger:
            ledger.verify()
            entries = ledger.entries()
        yield Seen(entries, server, log, said)


def test_every_connection_has_an_entry_and_every_entry_its_connection(seen: Seen) -> None:
    assert dialed(seen.entries) == connections(seen.log)
    assert all(entry.ended is not None and entry.ended.connection for entry in seen.entries)


def test_every_prompt_that_arrived_is_in_the_ledger_byte_for_byte(seen: Seen) -> None:
    prompts = [entry for entry in seen.entries if entry.sent.kind == "prompt"]
    assert [entry.text for entry in prompts] == [asked.body for asked in seen.server.prompts]
    assert [entry.sent.bytes for entry in prompts] == [len(asked.body) for asked in seen.server.prompts]
    assert Counter(entry.sent.method for entry in seen.entries) == Counter(
        each.method for each in seen.server.asked
    )
    assert [entry.sent.why for entry in prompts] == [
        "satchel endpoint test", "satchel save", "satchel save", "satchel suggest",
    ]  # fmt: skip
    assert [len(entry.sent.pieces) for entry in prompts] == [0, 1, 1, 1]
    outcomes = [(entry.ended.status, bool(entry.ended.failure)) for entry in prompts if entry.ended]
    assert outcomes == [(200, False), (200, False), (200, True), (429, False)]
    assert all(entry.ended and entry.ended.received for entry in prompts)


def test_no_secret_left_and_the_key_is_nowhere_but_in_its_header(seen: Seen) -> None:
    for asked in seen.server.asked:
        assert SECRET.encode() not in asked.body
        assert KEY not in asked.path
        assert KEY.encode() not in asked.body
        assert [name for name, value in asked.headers.items() if KEY in value] == ["authorization"]
    assert KEY.encode() not in seen.said
    assert b"satchel is offline" in seen.said
