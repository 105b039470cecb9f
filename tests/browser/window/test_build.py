"""The build of the window's page: reproducible, within its budget, complete in every language, without inline code."""

import gzip
import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from tests.browser.page_sources import (
    FORBIDDEN,
    PLURAL_FORMS,
    faults_of_translation,
    import_order,
    read_messages,
    untranslated,
)

from audit.shipped import WINDOW, page_packages

ROOT: Final = Path(__file__).parents[3]
SOURCES: Final = ROOT / "client/window"
PAGE: Final = ROOT / "client/satchel/window/page"
BUDGET_BYTES: Final = 60_000
# The generated module and the one that it calls name each other's types.
GENERATED: Final = frozenset({("transport", "api")})


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAGE / "manifest.json").read_text(encoding="utf-8"))
    return found


def index() -> str:
    return (PAGE / "index.html").read_text(encoding="utf-8")


@pytest.mark.tool("node", "npm")
def test_a_fresh_build_equals_the_committed_files(node_modules: Path, tmp_path: Path) -> None:
    folder = node_modules.parent / "client/window"
    subprocess.run(["npx", "--no-install", "tsc", "--noEmit"], cwd=folder, check=True, timeout=240)
    subprocess.run(["node", "build.mjs", tmp_path], cwd=folder, check=True, timeout=240, capture_output=True)
    fresh, committed = files_below(tmp_path), files_below(PAGE)
    assert sorted(fresh) == sorted(committed)
    assert [name for name, data in fresh.items() if committed[name] != data] == []


def test_what_the_window_waits_for_is_within_budget() -> None:
    names = re.findall(r'(?:href|src)="/assets/([^"]+)"', index())
    sizes = {name: len(gzip.compress((PAGE / "assets" / name).read_bytes(), 9)) for name in names}
    assert len(sizes) > 2
    assert sum(sizes.values()) <= BUDGET_BYTES, sizes


def test_the_manifest_names_every_file() -> None:
    named = {
        "index.html",
        "manifest.json",
        *manifest()["root"],
        *(f"assets/{name}" for name in manifest()["assets"]),
    }
    assert set(files_below(PAGE)) == named


def test_the_page_has_no_inline_style_script_or_handler() -> None:
    assert re.findall(r"<style|\sstyle=|\son\w+=", index()) == []
    assert [
        body for body in re.findall(r"<script[^>]*>(.*?)</script>", index(), re.DOTALL) if body.strip()
    ] == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert all(address.startswith("/") for address in re.findall(r'(?:href|src)="([^"]+)"', index()))


def test_no_script_turns_text_into_markup_or_code() -> None:
    """Includes the bundled packages. Trusted Types would prevent it, too."""
    found = {
        path.name.partition("-")[0]: FORBIDDEN.findall(path.read_text(encoding="utf-8"))
        for path in (PAGE / "assets").glob("*.js")
        if FORBIDDEN.search(path.read_text(encoding="utf-8"))
    }
    # highlight.js can highlight elements of a document; its worker has no document
    assert found == {"worker": [".innerHTML="]}


def test_the_licences_of_all_bundled_packages_are_included() -> None:
    licences = next((PAGE / "assets").glob("licences-*.txt")).read_text(encoding="utf-8")
    bundled = {package.name for package in page_packages(WINDOW)}
    assert {"codemirror", "@codemirror/view", "@lezer/python", "highlight.js"} <= bundled
    assert all(f"\n{name} " in licences for name in bundled)


def test_every_dependency_is_pinned() -> None:
    package = json.loads((SOURCES / "package.json").read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["dependencies"].values())


@pytest.mark.parametrize("code", sorted(PLURAL_FORMS))
def test_every_language_has_every_message_with_the_same_placeholders(code: str) -> None:
    english = read_messages(SOURCES / "messages", "en")
    assert faults_of_translation(english, read_messages(SOURCES / "messages", code), code) == []


@pytest.mark.parametrize("code", sorted(PLURAL_FORMS.keys() - {"en"}))
def test_no_language_contains_english_sentences(code: str) -> None:
    english = read_messages(SOURCES / "messages", "en")
    assert untranslated(english, read_messages(SOURCES / "messages", code)) == []


def test_every_message_is_used() -> None:
    """Messages whose names are put together are used by their beginnings."""
    files = [SOURCES / "build.mjs", *SOURCES.rglob("src/**/*.ts")]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in files)
    quoted = set(re.findall(r'"(\w+)"', sources))
    beginnings = tuple(re.findall(r"`(\w+_)\$\{", sources))
    messages = read_messages(SOURCES / "messages", "en")
    assert [key for key in messages if key not in quoted and not key.startswith(beginnings)] == []


def test_the_sources_have_no_import_cycle() -> None:
    assert import_order(SOURCES / "src", besides=GENERATED)
