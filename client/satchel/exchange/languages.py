"""The names that other tools give languages, as satchel names them."""

from typing import Final

from satchel.store.languages import BY_EXTENSION, LANGUAGES, canonical_language
from satchel.store.media import is_text

# massCode's (Ace's modes) and VS Code's identifiers that are neither a satchel name nor one of its aliases.
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


def language_named(name: str | None) -> str | None:
    """Return satchel's name for a language as another tool names it; None for none."""
    folded = (name or "").strip().casefold()
    return _FOREIGN.get(folded) or canonical_language(folded) or None


def language_of_extension(extension: str | None) -> str | None:
    """Return the language of files with this extension (without its dot), else the extension itself."""
    folded = (extension or "").strip().casefold()
    return BY_EXTENSION.get(folded) or language_named(folded)


def extension_for(media_type: str, language: str | None) -> str:
    """Return the extension (with its dot) that a file of this kind usually has."""
    if is_text(media_type):
        return usual_extension(language)
    kind = media_type.removeprefix("image/")
    return _IMAGE_EXTENSIONS.get(media_type, f".{kind}" if kind.isalnum() else ".bin")


def usual_extension(language: str | None) -> str:
    """Return the extension (with its dot) that files of a language usually have; unknown is `.txt`."""
    return _USUAL_EXTENSION.get(language or "", ".txt")
