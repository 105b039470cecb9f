"""File names that are readable and valid on every file system, and other tools' names for languages."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from satchel.pieces.fields import visible_name
from satchel.pieces.languages import LANGUAGES, canonical_language
from satchel.pieces.media import is_text

# The tightest common file system (eCryptfs) allows 143 bytes; this leaves room for a number.
MAX_NAME_BYTES: Final = 120

# Characters that Windows forbids, or that a shell or terminal would misread.
_FORBIDDEN: Final = re.compile(
    r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+'
)
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.IGNORECASE)

# Identifiers of massCode (Ace's modes) and VS Code that are neither satchel's names nor aliases.
_FOREIGN: Final[dict[str, str]] = {
    "plain_text": "text",
    "c_cpp": "cpp",
    "javascriptreact": "javascript",
    "typescriptreact": "typescript",
    "git-commit": "text",
    "dockercompose": "yaml",
    "juliamarkdown": "markdown",
}
_IMAGE_EXTENSIONS: Final = {"image/jpeg": ".jpg", "image/vnd.microsoft.icon": ".ico"}
_USUAL_EXTENSION: Final = {item.name: f".{item.extensions[0]}" for item in LANGUAGES if item.extensions}


def safe_name(title: str, extension: str = "") -> str:
    """Return a file name for a title; append `extension` (with its dot) unless the title ends with one."""
    flat = _FORBIDDEN.sub("_", visible_name(title)).strip(" .")
    stem, dot, suffix = flat.rpartition(".")
    if not (dot and stem and re.fullmatch(r"[A-Za-z0-9+]{1,10}", suffix)):
        stem, suffix = flat, extension.removeprefix(".")
    stem = _RESERVED.sub(r"_\1", stem.lstrip("-").rstrip(" .")) or "untitled"
    ending = f".{suffix}" if suffix else ""
    return _cut(stem, MAX_NAME_BYTES - len(ending.encode())) + ending


def _cut(text: str, limit: int) -> str:
    """Cut text to `limit` bytes of UTF-8 without splitting a character."""
    return text.encode()[:limit].decode("utf-8", "ignore").rstrip(" .") or "untitled"


class UniqueNames:
    """Makes names unique, by default also on file systems that ignore case."""

    def __init__(self, taken: Iterable[str] = (), *, key: Callable[[str], str] = str.casefold) -> None:
        self._key = key
        self._taken = set(map(key, taken))
        self._numbers: dict[str, int] = {}

    def take(self, name: str) -> str:
        """Return the name, with a number if it is taken: `note.md`, `note-2.md`, `note-3.md`."""
        stem, dot, suffix = name.rpartition(".")
        if not dot:
            stem, suffix = name, ""
        key, chosen = self._key(name), name
        number = self._numbers.get(key, 1)
        while self._key(chosen) in self._taken:
            number += 1
            chosen = f"{stem}-{number}{dot}{suffix}"
        self._numbers[key] = number
        self._taken.add(self._key(chosen))
        return chosen


def language_named(name: str | None) -> str | None:
    """Return satchel's name for a language that another tool names, or None if there is none."""
    folded = (name or "").strip().casefold()
    return _FOREIGN.get(folded) or canonical_language(folded) or None


def extension_for(media_type: str, language: str | None) -> str:
    """Return the usual extension (with its dot) for a media type and language."""
    if is_text(media_type):
        return usual_extension(language)
    kind = media_type.removeprefix("image/")
    return _IMAGE_EXTENSIONS.get(media_type, f".{kind}" if kind.isalnum() else ".bin")


def usual_extension(language: str | None) -> str:
    """Return the usual extension (with its dot) for a language, or `.txt` if unknown."""
    return _USUAL_EXTENSION.get(language or "", ".txt")
