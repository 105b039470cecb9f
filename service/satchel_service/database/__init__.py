"""The micro-database: the cloud's SQLite file, read and written in one place."""

from satchel_service.database.database import Database, DatabaseError
from satchel_service.database.journal import Journal
from satchel_service.database.rows import row, rows

__all__ = ["Database", "DatabaseError", "Journal", "row", "rows"]
