"""A home with a store, and desks at which agents call its tools."""

from collections.abc import Callable
from pathlib import Path

import pytest

from satchel.agents import Answer, Client, Desk, Policy
from satchel.store import Draft, Store

CLIENT = Client("test-client", "1.0")
TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    Store.create(tmp_path / "home").close()
    return tmp_path / "home"


@pytest.fixture
def save(home: Path) -> Callable[..., str]:
    """Save a Piece as the owner does, and return its id."""

    def save(content: str, **fields: object) -> str:
        with Store.open(home) as store:
            return store.add(Draft(content.encode(), **fields)).id  # type: ignore[arg-type]

    return save


@pytest.fixture
def call(home: Path) -> Callable[..., Answer]:
    """Call a tool as a fresh agent that may only read."""

    def call(tool: str, **arguments: object) -> Answer:
        return Desk(home, Policy(), "tester").call(tool, arguments, CLIENT)

    return call
