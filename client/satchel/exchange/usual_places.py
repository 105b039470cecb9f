"""Where other programs keep snippets on this computer, so that the first run can offer to import them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from satchel.errors import SatchelError
from satchel.exchange.detection import kind_of


@dataclass(frozen=True, slots=True)
class Collection:
    """Snippets of another program: whose they are, their format as for `--from`, and their path."""

    program: str
    kind: str
    path: Path


# The program, the format, and the places below the user's home directory on Linux and macOS.
# Sources: the documentation of each program ("User Settings" of VS Code, "Storage" of massCode).
_PLACES: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("VS Code", "vscode", (".config/Code/User/snippets", "Library/Application Support/Code/User/snippets")),
    ("VSCodium", "vscode", (".config/VSCodium/User/snippets", "Library/Application Support/VSCodium/User/snippets")),
    ("Cursor", "vscode", (".config/Cursor/User/snippets", "Library/Application Support/Cursor/User/snippets")),
    ("massCode", "masscode", ("massCode",)),
)  # fmt: skip


def find_collections(user_home: Path) -> Iterator[Collection]:
    """Yield what other programs keep below the user's home directory. Unreadable places are skipped."""
    for program, kind, places in _PLACES:
        for path in (user_home / place for place in places):
            if _holds(path, kind):
                yield Collection(program, kind, path)


def _holds(path: Path, kind: str) -> bool:
    try:
        return path.is_dir() and any(path.iterdir()) and kind_of(path) == kind
    except (OSError, SatchelError):
        return False
