"""The pages of docs/ as a website needs them: links that leave docs/ lead to copies, or become plain text."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parent.parent
DOCS: Final = REPOSITORY / "docs"
PROJECT_PAGES: Final = ("SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md")
"""Pages at the top of the repository that the website also has, below `project/`."""
_LINK: Final = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_FENCE: Final = re.compile(r"^(```|~~~)")


def copy_pages(target: Path) -> None:
    """Copy docs/ and the project's pages into a new directory, with their links changed."""
    shutil.copytree(DOCS, target)
    (target / "project").mkdir()
    for name in PROJECT_PAGES:
        if (REPOSITORY / name).exists():
            shutil.copy(REPOSITORY / name, target / "project" / name)
    for page in target.rglob("*.md"):
        origin = _origin(page.relative_to(target))
        page.write_text("".join(_relinked(page.read_text(), origin, page.relative_to(target))))


def _origin(page: Path) -> Path:
    """Return where a page of the website stands in the repository."""
    return Path(page.name) if page.parent == Path("project") else Path("docs") / page


def _relinked(text: str, origin: Path, page: Path) -> Iterator[str]:
    in_code = False
    for line in text.splitlines(keepends=True):
        if _FENCE.match(line.lstrip()):
            in_code = not in_code
        yield line if in_code else _LINK.sub(lambda match: _link(match, origin, page), line)


def _link(match: re.Match[str], origin: Path, page: Path) -> str:
    mark, label, target = match.groups()
    if "://" in target or target.startswith(("#", "mailto:")):
        return match[0]
    path, _, anchor = target.partition("#")
    found = (REPOSITORY / origin.parent / path).resolve()
    place = place_of(found)
    if place is None:
        return "" if mark else label
    relative = Path(*[".."] * len(page.parent.parts)) / place
    return f"{mark}[{label}]({relative.as_posix()}{f'#{anchor}' if anchor else ''})"


def place_of(path: Path) -> Path | None:
    """Return where a file of the repository stands on the website; None if it is not there."""
    if path == REPOSITORY / "README.md":
        return Path("README.md")
    if path.parent == REPOSITORY and path.name in PROJECT_PAGES:
        return Path("project") / path.name
    if not path.is_relative_to(DOCS):
        return None
    place = path.relative_to(DOCS)
    if path.is_dir():
        return place / "README.md" if (path / "README.md").exists() else Path("README.md")
    return place
