"""Rows as tuples. The tables are STRICT, so a column has the type its schema says; the type checker cannot know."""

from collections.abc import Mapping, Sequence
from typing import Any

import apsw


def rows(
    db: apsw.Connection, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[tuple[Any, ...]]:
    """Run one statement and return everything it yields."""
    return list(db.execute(sql, values))


def row(
    db: apsw.Connection, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> tuple[Any, ...] | None:
    """Run one statement and return its first row."""
    return db.execute(sql, values).fetchone()
