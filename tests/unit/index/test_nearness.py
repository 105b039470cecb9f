"""The vectors in the index: their places, and the nearest of them with and without the first pass over codes."""

from collections.abc import Iterator
from typing import Final

import apsw
import numpy as np
import numpy.typing as npt
import pytest
from tests.unit.index.conftest import Save

from satchel.index import Index, nearness, vectors
from satchel.index.nearness import Nearness, Restriction
from satchel.store.database import rows

Vectors = npt.NDArray[np.float32]

PLACE_BYTES = vectors.DIMENSIONS + vectors.KEY_BYTES + vectors.PLANES * vectors.PLANE_BYTES
PYTHON, SQL = 'facets : "\ue001python"', 'facets : "\ue001sql"'


@pytest.fixture
def connection() -> Iterator[apsw.Connection]:
    with apsw.Connection(":memory:") as connection:
        for table in vectors.TABLES:
            connection.execute(table)
        yield connection
    connection.close()


@pytest.fixture(params=["exact", "codes"])
def scan(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "codes":
        monkeypatch.setattr(nearness, "EXACT_BLOCKS", 0)
    return str(request.param)


def clustered(count: int, seed: int) -> Vectors:
    """Return unit vectors around a tenth as many centres."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(max(count // 10, 1), vectors.DIMENSIONS))
    found = centres[random.integers(len(centres), size=count)] + 0.6 * random.normal(
        size=(count, vectors.DIMENSIONS)
    )
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def similar(count: int) -> Vectors:
    """Return unit vectors of one cluster."""
    random = np.random.default_rng(8)
    found = random.normal(size=vectors.DIMENSIONS) + 0.3 * random.normal(size=(count, vectors.DIMENSIONS))
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def rounded(vector: Vectors) -> bytes:
    return np.clip(np.rint(vector * vectors.STEPS), -127, 127).astype(np.int8).tobytes()


def fill(connection: apsw.Connection, found: Vectors, first: int = 1) -> None:
    for key, vector in enumerate(found, first):
        vectors.put(connection, key, rounded(vector))


def stored(connection: apsw.Connection) -> bytes:
    return b"".join(part for row in rows(connection, "SELECT keys, codes, data FROM vectors") for part in row)


def test_pieces_of_any_keys_share_rows(connection: apsw.Connection) -> None:
    for number in range(vectors.BLOCK + 1):
        vectors.put(connection, 1_700_000_000_000 + 86_400_000 * number, b"\1" * vectors.DIMENSIONS)
    assert len(stored(connection)) == 2 * vectors.BLOCK * PLACE_BYTES


def test_an_erased_vector_leaves_nothing_and_its_place_is_used_again(connection: apsw.Connection) -> None:
    fill(connection, clustered(3, 1))
    vectors.erase(connection, [1, 2, 3, 77])
    assert set(stored(connection)) == {0}
    fill(connection, clustered(3, 2), first=10)
    assert connection.execute("SELECT id, place FROM places").fetchall() == [(10, 0), (11, 1), (12, 2)]


def test_a_vector_written_again_replaces_the_earlier_one(connection: apsw.Connection) -> None:
    first, second = clustered(2, 1)
    vectors.put(connection, 5, rounded(first))
    vectors.put(connection, 5, rounded(second))
    assert rounded(first) not in stored(connection)
    assert Nearness(connection, second).of([5])[5] == pytest.approx(1, abs=0.01)


def test_the_nearest_are_those_with_the_greatest_cosines(connection: apsw.Connection, scan: str) -> None:
    found = clustered(700, 3)
    fill(connection, found)
    for query in clustered(700, 3)[:20]:
        cosines = found @ query
        expected = set((np.argsort(-cosines)[:10] + 1).tolist())
        assert (
            len(expected & Nearness(connection, query).nearest(10, Restriction())) >= 9
        )  # bytes are rounded


def test_the_first_pass_finds_nearly_all_of_the_nearest(
    connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = clustered(2_000, 4)
    fill(connection, found)
    queries = clustered(2_000, 4)[::50]
    exact = [Nearness(connection, query).nearest(10, Restriction()) for query in queries]
    monkeypatch.setattr(nearness, "EXACT_BLOCKS", 0)
    monkeypatch.setattr(nearness, "CANDIDATES", 100)
    coarse = [Nearness(connection, query).nearest(10, Restriction()) for query in queries]
    same = sum(len(one & other) for one, other in zip(exact, coarse, strict=True))
    assert same >= 0.95 * 10 * len(queries)


def test_cosines_of_pieces_with_and_without_a_vector(connection: apsw.Connection, scan: str) -> None:
    found = clustered(30, 5)
    fill(connection, found)
    cosines = Nearness(connection, found[3]).of([4, 9, 1_000])
    assert cosines[4] == pytest.approx(1, abs=0.01)
    assert cosines[9] == pytest.approx(float(found[3] @ found[8]), abs=0.01)
    assert cosines[1_000] == 0


@pytest.mark.parametrize("few", [0, 1_000])
def test_the_vectors_of_few_pieces_are_read_without_the_others(
    connection: apsw.Connection, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(nearness, "FEW", few)
    found = clustered(30, 5)
    fill(connection, found)
    near = Nearness(connection, found[3], mapped_bytes=0)
    cosines = near.of(range(1, 31))
    assert ("_all" in vars(near)) == (few == 0)
    assert list(cosines.values()) == pytest.approx((found @ found[3]).tolist(), abs=0.01)


def test_an_empty_index_has_no_nearest(connection: apsw.Connection, scan: str) -> None:
    near = Nearness(connection, clustered(1, 6)[0])
    assert (near.nearest(10, Restriction()), near.of([1])) == (set(), {1: 0})


ALLOWED: Final[tuple[tuple[Restriction, set[int]], ...]] = (
    (Restriction(must=PYTHON), {0, 2, 4, 6, 8}),
    (Restriction(must_not=PYTHON), {1, 3, 5, 7, 9}),
    (Restriction(must=PYTHON, must_not=SQL), {0, 2, 4, 6, 8}),
    (Restriction(must=PYTHON, span=(0, 1)), set()),
    (Restriction(span=(0, 2**50)), set(range(10))),
)


@pytest.mark.parametrize("candidates", [3, 1_000])
@pytest.mark.parametrize(("restriction", "allowed"), ALLOWED)
def test_a_restricted_search_loses_nothing(
    ten_pieces: apsw.Connection,
    scan: str,
    candidates: int,
    restriction: Restriction,
    allowed: set[int],
) -> None:
    keys = [key for (key,) in ten_pieces.execute("SELECT id FROM pieces ORDER BY id")]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(nearness, "CANDIDATES", candidates)
        nearest = Nearness(ten_pieces, similar(10)[0]).nearest(3, restriction)
    places = {keys.index(key) for key in nearest}
    assert places <= allowed
    assert len(places) == min(3, len(allowed))
    assert 0 not in allowed or 0 in places


@pytest.fixture
def ten_pieces(index: Index, save: Save) -> apsw.Connection:
    """Save ten Pieces, every other one in Python, with vectors that differ little."""
    for number in range(10):
        save(f"note {number}", language="sql" if number % 2 else "python")
    index.update()
    connection = index._connection
    for (key,), vector in zip(
        rows(connection, "SELECT id FROM pieces ORDER BY id"), similar(10), strict=True
    ):
        vectors.put(connection, key, rounded(vector))
    return connection
