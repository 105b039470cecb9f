"""The micro-database: the cloud's SQLite file, read and written in one place."""

from satchel_service.database.database import Database, DatabaseError, row, rows
from satchel_service.database.journal import Journal

__all__ = ["Database", "DatabaseError", "Journal", "row", "rows"]
