"""A home with a store, and its window served in this process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.window import Page, served

from satchel.keys import RootSecret, Vault
from satchel.store import Draft, Store


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    Store.create(home).close()
    Vault(home, use_keyring=False).create(RootSecret(bytes(range(32))), use_keyring=False)
    return home


@pytest.fixture
def page(home: Path) -> Iterator[Page]:
    with served(home) as page:
        yield page


@pytest.fixture
def save(home: Path) -> Callable[..., str]:
    """Save a Piece as the command line does, and return its id."""

    def save(content: str, **fields: object) -> str:
        with Store.open(home) as store:
            return store.add(Draft(content.encode(), **fields)).id  # type: ignore[arg-type]

    return save
