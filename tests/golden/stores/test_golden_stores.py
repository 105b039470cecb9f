"""Stores of every schema version so far open, and hold what they held."""

import json
import shutil
from pathlib import Path

import pytest
from tests.golden.stores.make import described, revision_ids

from satchel.index import Index
from satchel.store import SCHEMA_VERSION, Changes, Store, WholeFile

HERE = Path(__file__).parent


@pytest.fixture(params=range(1, SCHEMA_VERSION + 1), ids=lambda version: f"v{version}")
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, object]:
    """A copy of a golden store, and what it holds."""
    folder = HERE / f"v{request.param}"
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(folder / "store.db", home)
    return home, json.loads((folder / "holds.json").read_text(encoding="utf-8"))


def test_a_golden_store_holds_what_it_held(golden: tuple[Path, object]) -> None:
    home, holds = golden
    with Store.open(home) as store:
        assert described(store) == holds
        assert list(store.problems()) == []


def test_revisions_keep_their_ids(golden: tuple[Path, object], request: pytest.FixtureRequest) -> None:
    home, _ = golden
    expected = HERE / f"v{request.node.callspec.params['golden']}" / "revision_ids.json"
    with Store.open(home) as store:
        assert revision_ids(store) == json.loads(expected.read_text(encoding="utf-8"))


def test_a_golden_store_can_be_read_where_it_cannot_be_written(golden: tuple[Path, object]) -> None:
    home, holds = golden
    with Store.open(home, read_only=True) as store:
        assert described(store) == holds


def test_a_golden_store_can_be_searched_and_changed(golden: tuple[Path, object]) -> None:
    home, _ = golden
    with Store.open(home) as store, Index.open(home, store) as index:
        [hit] = index.search('"http header" lang:python tag:http')
        assert store.edit(hit.piece.id, Changes(title="changed")).revision == len(
            store.revisions(hit.piece.id)
        )
        assert [found.piece.id for found in index.search("changed")] == [hit.piece.id]


def test_a_golden_store_takes_what_later_versions_brought(golden: tuple[Path, object]) -> None:
    home, _ = golden
    with Store.open(home) as store:
        piece = next(store.pieces())
        changed = store.edit(piece.id, Changes(add_files=(WholeFile("new.py", b"1"),)))
        assert "new.py" in [file.name for file in changed.files]
        assert store._connection.pragma("user_version") == SCHEMA_VERSION
        assert list(store.problems()) == []


def test_the_newest_golden_store_is_of_the_current_version() -> None:
    versions = {int(path.name[1:]) for path in HERE.glob("v*") if path.is_dir()}
    assert versions == set(range(1, SCHEMA_VERSION + 1))
