"""The documentation is consistent: links and named paths exist, every page is listed, no private path appears."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAMED_PATH = re.compile(r"`((?:client|service|infra|tests|bench|demo|docs|\.ci)/[^`\s]*)`")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def tracked_files() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    targets = [target.partition("#")[0] for target in LINK.findall(page.read_text())]
    local = [
        target for target in targets if target and "://" not in target and not target.startswith("mailto:")
    ]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_named_path_of_the_repository_exists(page: Path) -> None:
    named = [path for path in NAMED_PATH.findall(page.read_text()) if "/build" not in path]  # not tracked
    assert [path for path in named if not any(ROOT.glob(path.partition("::")[0].rstrip("/")))] == []


@pytest.mark.parametrize("section", ["spec", "guides", "adr", "reference", "security"])
def test_every_page_is_listed_on_the_front_page_or_in_its_section(section: str) -> None:
    front_page = (ROOT / "docs/README.md").read_text()
    index = ROOT / "docs" / section / "README.md"
    known = front_page + (index.read_text() if index.exists() else "")
    pages = sorted(path.name for path in (ROOT / "docs" / section).glob("*.md") if path.name != "README.md")
    assert [name for name in pages if name not in known] == []


def test_no_tracked_text_contains_a_private_path() -> None:
    private = re.compile(r"/work/(main|shared)|/root/\.|/tmp/bash_jobs")
    found = []
    for name in tracked_files():
        path = ROOT / name
        if (
            path.suffix in {".py", ".md", ".toml", ".txt", ".json", ".ts", ".js", ".yml", ".yaml", ""}
            and path.is_file()
        ):
            text = path.read_bytes().decode("utf-8", "replace")
            if name != "tests/docs/test_pages.py" and private.search(text):
                found.append(name)
    assert found == []
