"""The last list or search of this home, for `@1`, `@2`, … It stays on this device: HOME/recent.json.

    {"format": "satchel-recent/1", "ids": ["01KB…", "01KB…"]}

The file only saves typing. It is not written where the home is read-only, and a damaged one counts as none.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from satchel.errors import SatchelError
from satchel.local_files import read_private, replacing
from satchel.pieces.ulid import is_id

FILE_NAME: Final = "recent.json"
FORMAT: Final = "satchel-recent/1"
MAX_IDS: Final = 1_000


def write_recent(home: Path, ids: Sequence[str]) -> None:
    """Remember the ids of a list in their order, unless they are remembered already."""
    kept = list(ids[:MAX_IDS])
    if kept == read_recent(home):
        return
    # Unlike `write_private`, this leaves the permissions of the home alone: listing changes nothing.
    with suppress(SatchelError, OSError), replacing(home / FILE_NAME) as file:
        file.write(json.dumps({"format": FORMAT, "ids": kept}).encode())


def read_recent(home: Path) -> list[str]:
    """Return the ids of the last list; empty if there is none."""
    try:
        document = json.loads(read_private(home / FILE_NAME).data)
    except (SatchelError, ValueError, RecursionError):
        return []
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        return []
    ids = document.get("ids")
    if not isinstance(ids, list) or not all(isinstance(each, str) and is_id(each) for each in ids):
        return []
    return ids[:MAX_IDS]
