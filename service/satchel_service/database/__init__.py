"""The micro-database: the SQLite file of a cloud. Only this package opens it."""

from satchel_service.database.database import Database, DatabaseError, Journal, row, rows

__all__ = ["Database", "DatabaseError", "Journal", "row", "rows"]
