"""One evil server for the session, a world for each case, and a way to run a command against an attack."""

import dataclasses
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from tests.security.evil_server.running import Runner
from tests.security.evil_server.server import EvilServer, OtherOrigin
from tests.security.evil_server.world import Template, build

from satchel.outgoing import retrying


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
    """Let retries follow each other at once, and let waits for a silent server be short."""
    monkeypatch.setattr(
        "satchel.cloud.connection.time", SimpleNamespace(sleep=lambda _: None, monotonic=time.monotonic)
    )
    for name in ("INTERACTIVE", "BRIEF", "TRANSFER"):
        policy = getattr(retrying, name)
        short = dataclasses.replace(policy, attempts=min(policy.attempts, 2))
        monkeypatch.setattr(retrying, name, short)


@pytest.fixture
def runner(
    template: Template, evil: EvilServer, other: OtherOrigin, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runner]:
    """Runs commands on copies of the world."""
    made = Runner(template, evil, other, tmp_path_factory.mktemp("world"))
    yield made
    made.close()
