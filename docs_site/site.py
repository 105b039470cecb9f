"""The website: docs/ and the generated pages, built by zensical into files that need no server."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from docs_site.pages import REPOSITORY, copy_pages
from docs_site.reference_pages import api_page, command_pages, problem_pages

HERE: Final = Path(__file__).parent
SHIM: Final = HERE / "iframe-worker.js"
"""Makes the search work from a file: iframe-worker 1.0.4 by Martin Donath, MIT. zensical would load it from a CDN."""
SECTIONS: Final = {
    "Guides": "guides",
    "Commands": "commands",
    "Errors": "errors",
    "API": "api",
    "Specifications": "spec",
    "Reference": "reference",
    "Models": "models",
    "Security": "security",
    "Decisions": "adr",
    "Project": "project",
}
"""The tabs of the website, each with its directory, in their order after the first page and the architecture."""
_REMOTE_SHIM: Final = re.compile(r"https://unpkg\.com/iframe-worker/shim")


class BuildError(Exception):
    """zensical found a broken link or another fault."""


def build_site(directory: Path, work: Path) -> None:
    """Build the website into a directory, through a working directory; both are replaced."""
    for each in (directory, work):
        shutil.rmtree(each, ignore_errors=True)
    source = work / "docs"
    work.mkdir(parents=True)
    copy_pages(source)
    for name, text in (*command_pages(), *problem_pages(), api_page()):
        target = source / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(text)
    settings = (HERE / "zensical.toml").read_text()
    (work / "zensical.toml").write_text(settings.replace("nav = []", f"nav = {_navigation(source)}"))
    done = subprocess.run(
        [Path(sys.executable).with_name("zensical"), "build", "--strict", "--config-file", "zensical.toml"],
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(done.stdout + done.stderr)
    _keep_local(work / "site")
    shutil.move(work / "site", directory)


def _navigation(source: Path) -> str:
    """Return the navigation as a TOML array: each section with its pages, ordered by their titles."""
    parts = [_entry("Documentation", '"README.md"'), _entry("Architecture", '"architecture.md"')]
    for title, name in SECTIONS.items():
        pages = sorted((source / name).glob("*.md"), key=lambda page: (page.name != "README.md", page.stem))
        paths = [json.dumps(page.relative_to(source).as_posix()) for page in pages]
        entries = [
            path if path.endswith('README.md"') else _entry(_title(page), path)
            for page, path in zip(pages, paths, strict=True)
        ]
        parts.append(_entry(title, f"[{', '.join(entries)}]"))
    return f"[{', '.join(parts)}]"


def _entry(title: str, value: str) -> str:
    return f"{{{json.dumps(title)} = {value}}}"


def _title(page: Path) -> str:
    """Return the heading of a page."""
    heading = next(
        (line for line in page.read_text().splitlines() if line.startswith("# ")), f"# {page.stem}"
    )
    return re.sub(r"[`*]|\s*\{#.*\}$", "", heading.removeprefix("# "))


def _keep_local(site: Path) -> None:
    """Make the pages load nothing from elsewhere."""
    shutil.copy(SHIM, site / "assets" / "iframe-worker.js")
    for page in site.rglob("*.html"):
        up = "../" * (len(page.relative_to(site).parts) - 1)
        page.write_text(_REMOTE_SHIM.sub(f"{up}assets/iframe-worker.js", page.read_text()))


def default_directories() -> tuple[Path, Path]:
    """Return where `make docs` builds the website, and where it works."""
    return REPOSITORY / "build" / "site", REPOSITORY / "build" / "site-work"
