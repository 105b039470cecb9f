"""Which program's commands a file or folder holds, and its reader."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from satchel.exchange.cheatsheets.cheat import is_cheat, is_cheat_folder, read_cheat, read_cheat_folder
from satchel.exchange.cheatsheets.commands import SheetReader, text_of
from satchel.exchange.cheatsheets.navi import is_navi, is_navi_folder, read_navi, read_navi_folder
from satchel.exchange.cheatsheets.pet import SUFFIX as PET_SUFFIX
from satchel.exchange.cheatsheets.pet import is_pet, read_pet
from satchel.exchange.cheatsheets.tldr import SUFFIX as TLDR_SUFFIX
from satchel.exchange.cheatsheets.tldr import is_tldr, is_tldr_folder, read_tldr, read_tldr_folder
from satchel.exchange.items import Item
from satchel.exchange.reading import RejectedError

SHEET_READERS: Final[dict[str, SheetReader]] = {
    "navi": read_navi,
    "pet": read_pet,
    "cheat": read_cheat,
    "tldr": read_tldr,
}
SHEET_FOLDER_READERS: Final[dict[str, Callable[[Path], Iterator[Item]]]] = {
    "navi": read_navi_folder,
    "cheat": read_cheat_folder,
    "tldr": read_tldr_folder,
}
_FOLDERS: Final = {"navi": is_navi_folder, "cheat": is_cheat_folder, "tldr": is_tldr_folder}


def read_sheet(source: Path, kind: str) -> Iterator[Item]:
    """Read a file in a kind of `SHEET_READERS`. A link to it is followed. RejectedError if it cannot be read."""
    return SHEET_READERS[kind](source, text_of(source.resolve()))


def kind_of_sheet(source: Path) -> str | None:
    """Return the kind of a file, None for any other, and for one that is too large or damaged."""
    if is_navi(source):
        return "navi"
    if source.suffix not in {PET_SUFFIX, TLDR_SUFFIX, ""}:
        return None
    try:
        text = text_of(source.resolve())
        if source.suffix == PET_SUFFIX:
            return "pet" if is_pet(text) else None
        if source.suffix == TLDR_SUFFIX:
            return "tldr" if is_tldr(text) else None
        return "cheat" if is_cheat(source, text) else None
    except RejectedError:
        return None


def kind_of_sheet_folder(folder: Path) -> str | None:
    """Return the kind of a folder, None for any other."""
    return next((kind for kind, is_kind in _FOLDERS.items() if is_kind(folder)), None)
