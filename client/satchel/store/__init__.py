"""The store of Pieces: one directory, one SQLite file, every revision kept.

    with Store.open(home) as store:
        piece = store.add(Draft(b"print(1)", title="one"))

docs/spec/store.md specifies the layout and the promises.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
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
        Outline,
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
    "Outline",
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

# Where each name is; imported when it is first used, since who needs only `store.database` pays nothing for the rest.
_PIECES: Final = "satchel.pieces"
_HOMES: Final = {
    "digest_of": f"{_PIECES}.digests",
    **dict.fromkeys(("decode_text", "is_image", "is_text", "sniff"), f"{_PIECES}.media"),
    **dict.fromkeys(("SCHEMA_VERSION", "expected_schema"), f"{__name__}.schema"),
    "Store": f"{__name__}.store",
    "STORE_FILE": f"{__name__}.store_file",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  any of the names above
    """Return a name of this package, from its module."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES.get(name, f"{_PIECES}.model")), name)
    globals()[name] = value
    return value
