"""The store of Pieces: one directory, one SQLite file, every revision kept.

    with Store.open(home) as store:
        piece = store.add(Draft(b"print(1)", title="one"))

docs/spec/store.md specifies the layout and the promises.
"""

from satchel.pieces.digests import digest_of
from satchel.pieces.media import decode_text, is_image, is_text, sniff
from satchel.pieces.model import (
    Author,
    ChangeBatch,
    Changed,
    Changes,
    Clock,
    Draft,
    Entropy,
    File,
    Mark,
    Piece,
    Revision,
    Source,
    SuggestedValue,
    WholeFile,
    system_entropy,
    utc_now,
)
from satchel.store.schema import SCHEMA_VERSION, expected_schema
from satchel.store.store import Store
from satchel.store.store_file import STORE_FILE

__all__ = [
    "SCHEMA_VERSION",
    "STORE_FILE",
    "Author",
    "ChangeBatch",
    "Changed",
    "Changes",
    "Clock",
    "Draft",
    "Entropy",
    "File",
    "Mark",
    "Piece",
    "Revision",
    "Source",
    "Store",
    "SuggestedValue",
    "WholeFile",
    "decode_text",
    "digest_of",
    "expected_schema",
    "is_image",
    "is_text",
    "sniff",
    "system_entropy",
    "utc_now",
]
