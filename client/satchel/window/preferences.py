"""What the owner chose for the page, in HOME/window.json: theme, language, line wrap, Markdown, shortcuts.

    {"format": "satchel-window/1", "preferences": {"theme": "dark", "language": "fr"}}

The server writes them into the page, so that it never shows another theme first. A file that cannot be read counts as
no preferences, and is renamed when the next one is set.
"""

from html import escape
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.formats import refuse_newer
from satchel.local_files import locked, read_private, rename, write_private

FILE_NAME: Final = "window.json"
_Format = Literal["satchel-window/1"]
FORMAT: Final[_Format] = "satchel-window/1"
Value = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,12}$")]
_ROOT: Final = b"<html "


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    format: _Format
    preferences: dict[str, Value]


def read_preferences(home: Path) -> dict[str, str]:
    """Return the preferences. IntegrityError if the file is damaged, SatchelError if a newer satchel wrote it."""
    path = home / FILE_NAME
    try:
        data = read_private(path).data
    except NotFoundError:
        return {}
    refuse_newer(path, data, known={FORMAT})
    try:
        return msgspec.json.decode(data, type=_Document).preferences
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise IntegrityError(f"{str(path)!r} is damaged", hint="choose the theme and language again") from exc


def set_preference(home: Path, name: str, value: str) -> None:
    """Set one preference, and leave what another window sets at the same time. A damaged file is set aside."""
    path = home / FILE_NAME
    with locked(home):
        try:
            found = read_preferences(home)
        except IntegrityError:
            rename(path, path.with_name(f"{FILE_NAME}.damaged"))
            found = {}
        write_private(path, msgspec.json.encode(_Document(FORMAT, {**found, name: value})))


def with_preferences(page: bytes, home: Path) -> bytes:
    """Return the page with the preferences as attributes of its root."""
    try:
        found = read_preferences(home)
    except SatchelError:
        return page
    if not found:
        return page
    attributes = f'data-preferences="{escape(msgspec.json.encode(found).decode())}" '
    if found.get("theme") in {"light", "dark"}:
        attributes += f'data-theme="{found["theme"]}" '
    return page.replace(_ROOT, _ROOT + attributes.encode(), 1)
