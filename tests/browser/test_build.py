"""The committed page is what its sources give, is small, and speaks every language completely."""

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from satchel_service.page.assets import asset, manifest, names, template

SOURCES: Final = Path(__file__).parents[2] / "service" / "page"
PAGE: Final = Path(__file__).parents[2] / "service" / "satchel_service" / "page"
BUDGET_BYTES: Final = 60_000
PLACES: Final = re.compile(r"\{(\w+)\}")
# The forms that each language has for a number (CLDR, cardinal).
FORMS: Final = {
    "en": {"one", "other"},
    "de": {"one", "other"},
    "fr": {"one", "many", "other"},
    "es": {"one", "many", "other"},
    "ja": {"other"},
    "zh": {"other"},
    "ar": {"zero", "one", "two", "few", "many", "other"},
}


def files_below(folder: Path) -> dict[str, bytes]:
    built = [folder / "manifest.json", folder / "template.html", *(folder / "assets").iterdir()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in built}


@pytest.mark.tool("node", "npm")
def test_a_fresh_build_gives_the_committed_files_byte_for_byte(node_modules: Path, tmp_path: Path) -> None:
    folder = node_modules.parent
    subprocess.run(["npx", "--no-install", "tsc", "--noEmit"], cwd=folder, check=True, timeout=240)
    subprocess.run(["node", "build.mjs", tmp_path], cwd=folder, check=True, timeout=240, capture_output=True)
    fresh, committed = files_below(tmp_path), files_below(PAGE)
    assert sorted(fresh) == sorted(committed)
    assert [name for name, data in fresh.items() if committed[name] != data] == []


def test_what_a_reader_waits_for_stays_within_its_budget() -> None:
    told: dict[str, Any] = json.loads((PAGE / "manifest.json").read_text(encoding="utf-8"))
    waited_for = {told["early"], told["script"], told["worker"], told["style"]}
    worker = (PAGE / "assets" / told["worker"]).read_text(encoding="utf-8")
    waited_for |= {name for name in names() if re.search(rf'from"\./{re.escape(name)}"', worker)}
    sizes = {name: len(gzip.compress((PAGE / "assets" / name).read_bytes(), 9)) for name in waited_for}
    assert sum(sizes.values()) <= BUDGET_BYTES, sizes


def test_every_dependency_is_pinned_and_named_by_its_hash() -> None:
    package = json.loads((SOURCES / "package.json").read_text(encoding="utf-8"))
    wanted = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    lock = json.loads((SOURCES / "package-lock.json").read_text(encoding="utf-8"))
    assert all("integrity" in entry for path, entry in lock["packages"].items() if path)


def test_the_licences_of_all_that_is_bundled_come_with_it() -> None:
    lock = json.loads((SOURCES / "package-lock.json").read_text(encoding="utf-8"))
    bundled = {
        path.rpartition("node_modules/")[2]
        for path, entry in lock["packages"].items()
        if path and not entry.get("dev")
    }
    told = next(path for path in (PAGE / "assets").glob("licences-*.txt")).read_text(encoding="utf-8")
    assert all(f"\n{name} " in told for name in bundled)


def test_no_program_of_the_page_makes_markup_or_code_out_of_text() -> None:
    """Neither the sources nor what was bundled with them; Trusted Types would stop it, but it is not even tried."""
    forbidden = re.compile(
        r"\.innerHTML\s*=|\.outerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function"
    )
    for name in sorted(names()):
        if name.endswith(".js"):
            text = (PAGE / "assets" / name).read_text(encoding="utf-8")
            found = [match[0] for match in forbidden.finditer(text)]
            # highlight.js can colour elements that are in a document; the worker that runs it has none
            assert found == (
                [".innerHTML="] if name == json.loads((PAGE / "manifest.json").read_bytes())["worker"] else []
            )


@pytest.mark.parametrize("name", ["template.html", "report.html", "report-form.html"])
def test_no_template_has_an_inline_script_style_or_handler(name: str) -> None:
    text = template(name)
    assert re.findall(r"<script(?![^>]* src=)", text) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", text) == []


def messages(code: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((SOURCES / "messages" / f"{code}.json").read_text(encoding="utf-8"))
    return told


@pytest.mark.parametrize("code", sorted(FORMS))
def test_every_language_says_everything_with_the_same_places(code: str) -> None:
    english, told = messages("en"), messages(code)
    assert list(told) == list(english)
    for key, message in told.items():
        if isinstance(english[key], dict):
            assert set(message) == FORMS[code], key
        else:
            assert sorted(PLACES.findall(message)) == sorted(PLACES.findall(english[key])), key
            assert message.strip() == message != "", key


@pytest.mark.parametrize("code", sorted(FORMS.keys() - {"en"}))
def test_no_language_leaves_english_words_standing(code: str) -> None:
    """Some words are the same in several languages; whole sentences never are."""
    english, told = messages("en"), messages(code)
    assert [
        key
        for key, message in told.items()
        if message == english[key] and len(PLACES.sub("", str(message))) > 20
    ] == []


def test_every_message_is_used_and_every_language_is_offered() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("src/**/*.ts"))
    sources += (SOURCES / "build.mjs").read_text(encoding="utf-8")
    quoted = set(re.findall(r'"(\w+)"', sources)) | set(re.findall(r"\b(\w+): \"\w+\"", sources))
    unused = [
        key
        for key in messages("en")
        if key not in quoted
        and key.removesuffix("_title").removesuffix("_text") not in quoted
        and not key.startswith("theme_")
    ]
    assert unused == []
    assert list(manifest().languages) == ["en", *sorted(FORMS.keys() - {"en"})]


def test_every_built_file_can_be_served() -> None:
    assert all(asset(name) is not None for name in names())


def test_the_tools_of_the_build_are_only_for_the_build() -> None:
    """What a checkout needs to serve the page is committed: no node at run time."""
    assert shutil.which("python3")
    assert not (PAGE / "node_modules").exists()
