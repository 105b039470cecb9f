"""The index of a store: full-text search that knows names in code, and "is this content there already?".

`Index` is the way in. It is only ever made from the store, and never backed up.
"""

from satchel.index.database import INDEX_FILE
from satchel.index.query import Query, parse
from satchel.index.search_index import Hit, Index

__all__ = ["INDEX_FILE", "Hit", "Index", "Query", "parse"]
