"""Where other programs keep snippets on this computer, so that the first run can offer to import them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from satchel.errors import SatchelError
from satchel.exchange.cheatsheets.commands import sheets_in
from satchel.exchange.detection import kind_of


@dataclass(frozen=True, slots=True)
class Collection:
    """Snippets of another program: whose they are, their format as for `--from`, and their path."""

    program: str
    kind: str
    path: Path


# The program, the format, and the places below the user's home directory on Linux and macOS.
# Sources: the documentation of each program ("User Settings" of VS Code, "Storage" of massCode, "The default cheatsheets
# path" of navi, "Custom pages" of tealdeer). The pages that tldr downloads are left out: they are not the owner's.
_PLACES: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("VS Code", "vscode", (".config/Code/User/snippets", "Library/Application Support/Code/User/snippets")),
    ("VSCodium", "vscode", (".config/VSCodium/User/snippets", "Library/Application Support/VSCodium/User/snippets")),
    ("Cursor", "vscode", (".config/Cursor/User/snippets", "Library/Application Support/Cursor/User/snippets")),
    ("massCode", "masscode", ("massCode",)),
    ("navi", "navi", (".local/share/navi/cheats", "Library/Application Support/navi/cheats")),
    ("pet", "pet", (".config/pet/snippet.toml",)),
    ("cheat", "cheat", (".config/cheat/cheatsheets/personal",)),
    ("tealdeer", "tldr", (".local/share/tealdeer/pages", "Library/Application Support/tealdeer/pages")),
)  # fmt: skip

# Their files look like any other text; only the place tells the format.
_TOLD_BY_PLACE: Final = frozenset({"cheat", "tldr"})


def find_collections(user_home: Path) -> Iterator[Collection]:
    """Yield what other programs keep below the user's home directory. Unreadable places are skipped."""
    for program, kind, places in _PLACES:
        for path in (user_home / place for place in places):
            if _holds(path, kind):
                yield Collection(program, kind, path)


def _holds(path: Path, kind: str) -> bool:
    try:
        is_empty = path.is_dir() and not any(sheets_in(path))
        return path.exists() and not is_empty and (kind in _TOLD_BY_PLACE or kind_of(path) == kind)
    except (OSError, SatchelError):
        return False
