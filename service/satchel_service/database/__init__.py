"""The micro-database: the SQLite file of a cloud. Only this package opens it."""

from satchel_service.database.database import (
    Database,
    DatabaseError,
    DatabaseFullError,
    Deferred,
    Journal,
    row,
    rows,
)

__all__ = ["Database", "DatabaseError", "DatabaseFullError", "Deferred", "Journal", "row", "rows"]
