"""Folders of generated or downloaded files, which an import skips even without a `.gitignore`.

A name is in the list only if the tool that creates such folders documents it, and if everything in them can be
created again. A folder is also generated if it holds a marker that its tool writes. The owner takes them in
with `--include-generated`, or by naming one.
"""

from pathlib import Path
from typing import Final

# Each name with the tools that create it.
GENERATED: Final[dict[str, str]] = {
    "node_modules": "npm, pnpm, yarn",
    "bower_components": "Bower",
    "__pycache__": "Python",
    "venv": "Python",
    ".venv": "Python",
    ".tox": "tox",
    ".nox": "nox",
    ".eggs": "setuptools",
    ".mypy_cache": "mypy",
    ".pytest_cache": "pytest",
    ".ruff_cache": "ruff",
    ".ipynb_checkpoints": "Jupyter",
    "target": "Cargo, Maven, sbt",
    ".gradle": "Gradle",
    "build": "Gradle, CMake, setuptools",
    "dist": "JavaScript bundlers, setuptools",
    ".next": "Next.js",
    ".nuxt": "Nuxt",
    ".svelte-kit": "SvelteKit",
    ".parcel-cache": "Parcel",
    ".turbo": "Turborepo",
    ".terraform": "Terraform",
    ".dart_tool": "Dart",
    "DerivedData": "Xcode",
    "_build": "Mix, Dune, Sphinx",
}
SUFFIX: Final = "(generated files)"
"""The end of the reason for skipping a folder."""

# Files that mark a virtual environment of Python under any name, and a cache (bford.info/cachedir).
_VENV_MARKER: Final = "pyvenv.cfg"
_CACHE_MARKER: Final = "CACHEDIR.TAG"
_CACHE_SIGNATURE: Final = b"Signature: 8a477f597d28d172789f06886806bc55"


def is_generated(folder: Path) -> bool:
    """Tell whether a folder holds generated files, by its name or by a marker."""
    return folder.name in GENERATED or (folder / _VENV_MARKER).is_file() or _is_cache(folder)


def reason_of(folder: Path) -> str:
    """Return why a generated folder is skipped. There are few reasons, so that they can be counted."""
    return f"{folder.name if folder.name in GENERATED else 'other'} {SUFFIX}"


def _is_cache(folder: Path) -> bool:
    try:
        with (folder / _CACHE_MARKER).open("rb") as file:
            return file.read(len(_CACHE_SIGNATURE)) == _CACHE_SIGNATURE
    except OSError:
        return False
