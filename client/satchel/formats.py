"""The `format` member of satchel's JSON documents: a name and a version, such as `satchel-cloud/1`.

    refuse_newer(path, data, known={"satchel-cloud/1"})   # a newer satchel wrote it: never call it damaged
    document = msgspec.json.decode(data, type=Document)   # strict: unknown members are errors

Read the format before the document: a newer version has members that a strict decoder takes for damage.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Final

import msgspec

from satchel.errors import SatchelError

MAX_QUOTED_CHARS: Final = 40


class _Any(msgspec.Struct):
    format: str


def read_format(data: bytes) -> str | None:
    """Return the format of a JSON document, or None if it has none or cannot be decoded."""
    try:
        return msgspec.json.decode(data, type=_Any).format
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def newer_format(data: bytes, known: Collection[str]) -> str | None:
    """Return the format of a JSON document if it is an unknown version of a known format, else None."""
    found = read_format(data)
    if found is None or found in known:
        return None
    return found if _name(found) in {_name(each) for each in known} else None


def refuse_newer(path: Path, data: bytes, known: Collection[str], *, hint: str = "update satchel") -> None:
    """Raise SatchelError if the document of a file is an unknown version of a known format."""
    newer = newer_format(data, known)
    if newer is not None:
        raise SatchelError(
            f"{str(path)!r} has the format {newer[:MAX_QUOTED_CHARS]!r}, which is newer than this version of satchel",
            hint=hint,
        )


def _name(text: str) -> str:
    return text.partition("/")[0]
