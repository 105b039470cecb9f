"""The website of the documentation: it builds without a warning, its links lead somewhere, it loads nothing remote."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from docs_site.commands import manuals
from docs_site.pages import DOCS, PROJECT_PAGES
from docs_site.site import build_site
from satchel_wire.problems import ProblemCode


class References(HTMLParser):
    """Collects what a page refers to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.found |= {value for name, value in attrs if name in {"href", "src"} and value}


LOADED = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)=["']?(https?:)?//""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("website")
    build_site(directory / "site", directory / "work")
    return directory / "site"


def test_every_local_reference_leads_to_a_file(site: Path) -> None:
    missing = set()
    for page in site.rglob("*.html"):
        if page.name == "404.html":
            continue  # its references start at the root of the website
        for target in References(page).found:
            path = target.partition("#")[0].partition("?")[0]
            if path and ":" not in path and not (page.parent / path).exists():
                missing.add((str(page.relative_to(site)), path))
    assert missing == set()


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    assert [str(page) for page in site.rglob("*.html") if LOADED.search(page.read_text())] == []


def test_every_command_and_every_problem_has_a_page(site: Path) -> None:
    commands = {f"{each.page}.html" for each in manuals()}
    assert commands <= {page.name for page in (site / "commands").iterdir()}
    errors = {f"{code.code}.html" for code in ProblemCode}
    assert errors <= {page.name for page in (site / "errors").iterdir()}
    for code in ProblemCode:
        page = (site / "errors" / f"{code.code}.html").read_text()
        assert "What to do:" in page
        assert f"urn:satchel:problem:{code.code}" in page


def test_the_pages_of_the_project_and_the_documentation_are_there(site: Path) -> None:
    for name in PROJECT_PAGES:
        assert (site / "project" / Path(name).with_suffix(".html")).exists()
    expected = {f"{page.stem}.html" for page in DOCS.glob("guides/*.md")}
    assert expected <= {page.name for page in (site / "guides").iterdir()}


def test_the_search_has_the_text_of_the_guides(site: Path) -> None:
    assert "parseHttpHeader" in (site / "search.js").read_text()
