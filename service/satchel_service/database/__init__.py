"""The micro-database: the SQLite file of a cloud. Only this package opens it."""

from satchel_service.database.database import Database, DatabaseError, Deferred, Journal, row, rows

__all__ = ["Database", "DatabaseError", "Deferred", "Journal", "row", "rows"]
