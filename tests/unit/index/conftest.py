"""A store and its index in a temporary directory."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from satchel.index import Index
from satchel.store import Draft, Piece, Store


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store.create(home) as made:
        yield made


@pytest.fixture
def index(home: Path, store: Store) -> Iterator[Index]:
    with Index.open(home, store) as opened:
        yield opened


Save = Callable[..., Piece]
Find = Callable[[str], list[str]]


@pytest.fixture
def save(store: Store) -> Save:
    """Save a Piece with the given text and fields."""

    def saved(text: str, **fields: object) -> Piece:
        return store.add(Draft(text.encode(), **fields))  # type: ignore[arg-type]

    return saved


@pytest.fixture
def find(index: Index) -> Find:
    """Search, and return the ids of the hits, best first."""
    return lambda query: [hit.piece.id for hit in index.search(query)]
