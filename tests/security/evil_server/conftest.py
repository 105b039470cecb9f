"""One evil server for the session, a world for each case, and a way to run a command against an attack."""

import dataclasses
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Final

import pytest
from tests.security.evil_server.running import Runner
from tests.security.evil_server.server import EvilServer, OtherOrigin
from tests.security.evil_server.world import Template, build

from satchel.outgoing import retrying, transport

PATIENCE_S: Final = 20.0
BRIEF_S: Final = 1.0
"""How long a client waits for an answer that never ends; in use it waits for 10 to 120 seconds."""


@pytest.fixture(scope="session")
def evil() -> Iterator[EvilServer]:
    """The cloud's origin."""
    with EvilServer() as server:
        yield server


@pytest.fixture(scope="session")
def other() -> Iterator[OtherOrigin]:
    """Another origin, which must never see a token."""
    with OtherOrigin() as server:
        yield server


@pytest.fixture(scope="session")
def template(evil: EvilServer, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The homes and the cloud that cases copy."""
    return build(tmp_path_factory.mktemp("template"), evil)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let retries follow each other at once, and let there be few."""
    monkeypatch.setattr(
        "satchel.cloud.connection.time", SimpleNamespace(sleep=lambda _: None, monotonic=time.monotonic)
    )
    wait_at_most(monkeypatch, PATIENCE_S)


@pytest.fixture
def _brief(_impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a client give up an endless answer soon."""
    wait_at_most(monkeypatch, BRIEF_S)


def wait_at_most(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Set how long clients wait for an answer."""
    for name in ("INTERACTIVE", "BRIEF", "TRANSFER"):
        policy = getattr(retrying, name)
        short = dataclasses.replace(
            policy, attempts=min(policy.attempts, 2), response_timeout_s=seconds, give_up_s=seconds
        )
        monkeypatch.setattr(retrying, name, short)
    monkeypatch.setattr(transport, "CONNECT_TIMEOUT_S", seconds)


@pytest.fixture
def runner(
    template: Template, evil: EvilServer, other: OtherOrigin, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runner]:
    """Runs commands on copies of the world."""
    made = Runner(template, evil, other, tmp_path_factory.mktemp("world"))
    yield made
    made.close()
