"""The search index of a store: full-text search that understands identifiers, and lookup by content.

    with Store.open(home) as store, Index.open(home, store) as index:
        for hit in index.search("http header lang:py"):
            print(hit.piece.title, hit.snippet)

The index is built from the store alone, and never backed up.
"""

from satchel.index.database import INDEX_FILE
from satchel.index.meaning import Meaning
from satchel.index.query import Query, parse
from satchel.index.ranking import Order
from satchel.index.search_index import Found, Hit, Index

__all__ = ["INDEX_FILE", "Found", "Hit", "Index", "Meaning", "Order", "Query", "parse"]
