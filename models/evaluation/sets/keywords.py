"""Packages with the keywords that their authors gave them, as Pieces with tags would be."""

import email
import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from models.evaluation.archives import Packages, members
from models.evaluation.fetching import Source

LAST_SEEN: Final = "f"  # the last first letter of the names of packages whose keywords development uses
_LEAST: Final = 3
_MOST_CHARS: Final = 6_000


@dataclass(frozen=True, slots=True)
class Described:
    """A package: its summary, the beginning of its read-me and of its main file, and its keywords."""

    package: str
    summary: str
    readme: str
    code: str
    keywords: tuple[str, ...]


def described(packages: Packages) -> list[Described]:
    """Return the packages of PyPI and npm with at least three keywords that no tag was chosen on.

    Earlier releases of the tags were developed with keywords of packages whose names begin with a to f.
    """
    unseen = (source for source in packages.of("pypi", "npm") if source.package[0].lower() > LAST_SEEN)
    found = (_described(source) for source in unseen)
    return [one for one in found if one is not None]


def plain(keyword: str) -> str:
    """Return a keyword as tags are compared: in lower case, with one spelling of spaces and hyphens."""
    return re.sub(r"[\s_.-]+", "-", keyword.strip().casefold())


def _described(source: Source) -> Described | None:
    files = {member.path: member.text for member in members(source)}
    return describe(source.registry, source.package, files)


def describe(registry: str, package: str, files: dict[str, str]) -> Described | None:
    """Return a package of PyPI or npm from its files; None if it has fewer than three keywords besides its name."""
    summary, keywords = _of_npm(files) if registry == "npm" else _of_pypi(files)
    own = {plain(package), ""}
    kept = tuple(dict.fromkeys(plain(word) for word in keywords if plain(word) not in own))
    if len(kept) < _LEAST:
        return None
    readme = next(
        (text for path, text in sorted(files.items()) if path.lower() in {"readme.md", "readme"}), ""
    )
    code = _main(files, registry)
    return Described(f"{registry}/{package}", summary, readme[:_MOST_CHARS], code[:_MOST_CHARS], kept)


def _of_npm(files: dict[str, str]) -> tuple[str, list[str]]:
    manifest = json.loads(files.get("package.json", "{}"))
    words = manifest.get("keywords") or []
    return str(manifest.get("description", "")), [str(word) for word in words] if isinstance(
        words, list
    ) else []


def _of_pypi(files: dict[str, str]) -> tuple[str, list[str]]:
    path = next((path for path in files if path.endswith(".dist-info/METADATA")), "")
    head = email.message_from_string(files.get(path, ""))
    words = str(head.get("Keywords", ""))
    return str(head.get("Summary", "")), re.split(r"[,;]" if re.search("[,;]", words) else r"\s+", words)


def _main(files: dict[str, str], registry: str) -> str:
    """Return the largest file of code in the package's upper two folders."""
    suffixes = {".js", ".mjs", ".ts"} if registry == "npm" else {".py"}
    near = [
        text
        for path, text in sorted(files.items())
        if PurePosixPath(path).suffix in suffixes and path.count("/") <= 1 and not path.endswith(".d.ts")
    ]
    return max(near, key=len, default="")
