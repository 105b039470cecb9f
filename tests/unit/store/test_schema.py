"""The schema is exact, strict, and the same for new and migrated stores."""

import apsw
import pytest

from satchel.store import SCHEMA_VERSION, Store, expected_schema
from satchel.store.schema import MIGRATIONS, SCHEMAS, migrations_from
from satchel.store.store_file import schema_of


def test_a_new_store_has_exactly_the_expected_schema(store: Store) -> None:
    assert schema_of(store._connection) == expected_schema(SCHEMA_VERSION)


@pytest.mark.parametrize("version", sorted(SCHEMAS))
def test_the_migrations_lead_to_every_version(version: int) -> None:
    connection = apsw.Connection(":memory:")
    for migration in MIGRATIONS[:version]:
        migration.run(connection)
    assert schema_of(connection) == expected_schema(version)


def test_every_version_has_its_migration() -> None:
    assert [migration.to for migration in MIGRATIONS] == list(range(1, SCHEMA_VERSION + 1)) == sorted(SCHEMAS)


def test_a_store_needs_the_migrations_after_its_version() -> None:
    assert migrations_from(SCHEMA_VERSION) == ()
    assert migrations_from(0) == MIGRATIONS


def test_every_table_is_strict_and_has_a_primary_key(store: Store) -> None:
    tables = store._connection.execute(
        "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    assert {strict for _, strict in tables} == {1}
    for name, _ in tables:
        keys = store._connection.execute("SELECT count(*) FROM pragma_table_info(?) WHERE pk", (name,)).get
        assert keys == (2 if name == "files" else 1)


def test_an_unknown_version_has_no_schema() -> None:
    with pytest.raises(KeyError):
        expected_schema(0)
