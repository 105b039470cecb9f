"""The build of the page: reproducible, within its budget, complete in every language, without import cycles."""

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

from audit.shipped import PAGES_LOCK, SHARE_PAGE, page_packages
from satchel_service.page.assets import asset, manifest, names, template

SOURCES: Final = Path(__file__).parents[2] / "service" / "page"
PAGE: Final = Path(__file__).parents[2] / "service" / "satchel_service" / "page"
BUDGET_BYTES: Final = 60_000


def files_below(folder: Path) -> dict[str, bytes]:
    names = [
        "manifest.json",
        "prefetch.js",
        "template.html",
        "report.html",
        "report-form.html",
        "request.html",
    ]
    built = [*(folder / name for name in names), *(folder / "assets").iterdir()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in built}


@pytest.mark.tool("node", "npm")
def test_a_fresh_build_equals_the_committed_files(node_modules: Path, tmp_path: Path) -> None:
    folder = node_modules.parent / "service/page"
    subprocess.run(["npx", "--no-install", "tsc", "--noEmit"], cwd=folder, check=True, timeout=240)
    subprocess.run(["node", "build.mjs", tmp_path], cwd=folder, check=True, timeout=240, capture_output=True)
    fresh, committed = files_below(tmp_path), files_below(PAGE)
    assert sorted(fresh) == sorted(committed)
    assert [name for name, data in fresh.items() if committed[name] != data] == []


def test_the_files_that_a_reader_waits_for_are_within_budget() -> None:
    built: dict[str, Any] = json.loads((PAGE / "manifest.json").read_text(encoding="utf-8"))
    files = {built["script"], built["worker"], built["style"]}
    worker = (PAGE / "assets" / built["worker"]).read_text(encoding="utf-8")
    files |= {name for name in names() if re.search(rf'from"\./{re.escape(name)}"', worker)}
    paths = [PAGE / "prefetch.js", *(PAGE / "assets" / name for name in files)]
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in paths}
    assert sum(sizes.values()) <= BUDGET_BYTES, sizes


def test_the_page_of_requests_is_within_its_budget() -> None:
    built: dict[str, Any] = json.loads((PAGE / "manifest.json").read_text(encoding="utf-8"))
    files = [PAGE / "assets" / built[name] for name in ("request_script", "style", "request_style")]
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) <= 30_000


def test_every_dependency_is_pinned_by_version_and_hash() -> None:
    package = json.loads((SOURCES / "package.json").read_text(encoding="utf-8"))
    pinned = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in pinned.values())
    lock = json.loads(PAGES_LOCK.read_text(encoding="utf-8"))
    fetched = {path: entry for path, entry in lock["packages"].items() if path.startswith("node_modules/")}
    assert all("integrity" in entry for entry in fetched.values() if not entry.get("link"))


def test_the_licences_of_all_bundled_packages_are_included() -> None:
    bundled = {package.name for package in page_packages(SHARE_PAGE)}
    licences = next(path for path in (PAGE / "assets").glob("licences-*.txt")).read_text(encoding="utf-8")
    assert all(f"\n{name} " in licences for name in bundled)


def test_no_script_of_the_page_turns_text_into_markup_or_code() -> None:
    """Includes the bundled packages. Trusted Types would prevent it, too."""
    for name in sorted(names()):
        if name.endswith(".js"):
            text = (PAGE / "assets" / name).read_text(encoding="utf-8")
            found = [match[0] for match in FORBIDDEN.finditer(text)]
            # highlight.js can highlight elements of a document; its worker has no document
            assert found == (
                [".innerHTML="] if name == json.loads((PAGE / "manifest.json").read_bytes())["worker"] else []
            )


@pytest.mark.parametrize("name", ["template.html", "report.html", "report-form.html", "request.html"])
def test_no_template_has_an_inline_style_or_handler_or_an_unpinned_script(name: str) -> None:
    text = template(name)
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", text)
    assert all(body == ("" if "integrity=" in attributes else "$prefetch") for attributes, body in scripts)
    assert re.findall(r"<style|\sstyle=|\son\w+=", text) == []


FOLDERS: Final = ("messages", "request")  # of the share page, and of the page that answers requests


def messages(code: str, folder: str = "messages") -> dict[str, Any]:
    return read_messages(SOURCES / folder, code)


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("code", sorted(PLURAL_FORMS))
def test_every_language_has_every_message_with_the_same_placeholders(code: str, folder: str) -> None:
    assert faults_of_translation(messages("en", folder), messages(code, folder), code) == []


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("code", sorted(PLURAL_FORMS.keys() - {"en"}))
def test_no_language_contains_english_sentences(code: str, folder: str) -> None:
    assert untranslated(messages("en", folder), messages(code, folder)) == []


def test_every_message_is_used_and_every_language_is_offered() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("src/**/*.ts"))
    sources += (SOURCES / "build.mjs").read_text(encoding="utf-8")
    quoted = set(re.findall(r'"(\w+)"', sources)) | set(re.findall(r"\b(\w+): \"\w+\"", sources))
    unused = [
        key
        for folder in FOLDERS
        for key in messages("en", folder)
        if key not in quoted
        and key.removesuffix("_title").removesuffix("_text") not in quoted
        and key.removeprefix("found_") not in quoted
        and not key.startswith("theme_")
        and not re.search(rf"\b{key.removesuffix('_title').removesuffix('_text')}: \"", sources)
    ]
    assert unused == []
    assert list(manifest().languages) == ["en", *sorted(PLURAL_FORMS.keys() - {"en"})]


def test_every_built_file_can_be_served() -> None:
    assert all(asset(name) is not None for name in names())


def test_the_built_package_has_no_node_modules() -> None:
    assert not (PAGE / "node_modules").exists()


def test_the_sources_have_no_import_cycle() -> None:
    assert import_order(SOURCES / "src")
