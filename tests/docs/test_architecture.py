"""docs/architecture.md names every package and only existing paths."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"
PACKAGES = ("client/satchel", "service/satchel_wire", "service/satchel_service", "infra/satchel_infra")


def named_packages() -> list[str]:
    """Return the paths in the page's tree, which nests by indentation."""
    tree = PAGE.read_text().split("```")[1]
    parents: list[str] = []
    paths = []
    for line in filter(None, tree.splitlines()):
        found = re.fullmatch(r"( *)([\w/]+)/ +\S.*", line)
        assert found, f"not a line of the tree: {line!r}"
        depth = len(found[1]) // 2
        parents[depth:] = [found[2]]
        paths.append("/".join(parents))
    return paths


def existing_packages() -> set[str]:
    return {
        str(path.parent.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("__init__.py")
    }


def test_the_tree_names_each_package_once() -> None:
    named = named_packages()
    assert sorted(named) == sorted(set(named))
    assert set(named) == existing_packages()


def test_every_path_of_the_page_exists() -> None:
    text = PAGE.read_text()
    paths = re.findall(r"`((?:client|service|infra|tests|bench|docs)(?:/[\w.]+)*/?)`", text)
    assert len(paths) > 20
    missing = [path for path in paths if not (ROOT / path).exists()]
    assert missing == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/README.md"])
def test_the_page_is_linked(page: str) -> None:
    assert "architecture.md" in (ROOT / page).read_text()
