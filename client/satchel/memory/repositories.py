"""The repository that a directory belongs to, found by looking, without running git."""

import os
from pathlib import Path
from typing import Final

_MOST_LEVELS: Final = 64


def find_repository(directory: str) -> str:
    """Return the root of the work tree that holds a directory; empty if none does."""
    if not directory.startswith("/"):
        return ""
    for level in [Path(directory), *Path(directory).parents][:_MOST_LEVELS]:
        if os.path.lexists(level / ".git"):
            return str(level)
    return ""
