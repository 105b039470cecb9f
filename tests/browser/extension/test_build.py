"""The packages of the extension: reproducible, with least permissions, without code that could send anything."""

import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest
from tests.browser.conftest import ROOT
from tests.browser.page_sources import (
    FORBIDDEN,
    PLURAL_FORMS,
    faults_of_translation,
    import_order,
    read_messages,
    untranslated,
)

SOURCES: Final = ROOT / "client/browser"
PACKAGES: Final = {"chromium": "satchel-chromium.zip", "firefox": "satchel-firefox.xpi"}
LOCALES: Final = {code: "zh_CN" if code == "zh" else code for code in PLURAL_FORMS}
SENDING: Final = re.compile(
    r"\bfetch\b|XMLHttpRequest|WebSocket|EventSource|sendBeacon|WebTransport|RTCPeerConnection|importScripts|\bimport\(|"
    r"sendNativeMessage|connectNative|telemetry|https?://(?!127\.0\.0\.1)",
    re.IGNORECASE,
)

pytestmark = pytest.mark.tool("node", "npm")


def manifest(built: Path, browser: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((built / browser / "manifest.json").read_bytes())
    return found


def test_the_types_hold_and_the_unit_tests_pass(node_modules: Path, built: Path) -> None:
    folder = built.parent
    assert node_modules.is_dir()
    subprocess.run(["npx", "--no-install", "tsc", "--noEmit"], cwd=folder, check=True, timeout=240)
    done = subprocess.run(["npm", "test"], cwd=folder, capture_output=True, check=False, timeout=240)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 0, said[-3000:]
    assert re.search(r"^# pass [1-9]", said, re.MULTILINE)
    assert "# skipped 0" in said


def test_a_second_build_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    subprocess.run(
        ["node", "build.mjs", tmp_path], cwd=built.parent, check=True, timeout=120, capture_output=True
    )
    for name in PACKAGES.values():
        assert (tmp_path / name).read_bytes() == (built / name).read_bytes()


@pytest.mark.parametrize("browser", PACKAGES)
def test_a_package_holds_the_unpacked_extension_and_nothing_else(built: Path, browser: str) -> None:
    folder = built / browser
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with zipfile.ZipFile(built / PACKAGES[browser]) as package:
        assert {name: package.read(name) for name in package.namelist()} == files
        assert {each.date_time for each in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    code = {"background.js", "popup.css", "popup.html", "popup.js", "window-script.js"}
    icons = {f"icons/{size}.png" for size in (16, 32, 48, 128)}
    messages = {f"_locales/{code}/messages.json" for code in LOCALES.values()}
    assert set(files) == {"LICENSE", "manifest.json"} | code | icons | messages


def test_the_manifests_differ_only_where_the_browsers_do(built: Path) -> None:
    chromium, firefox = (manifest(built, browser) for browser in PACKAGES)
    differing = {name for name in chromium | firefox if chromium.get(name) != firefox.get(name)}
    assert differing == {"background", "browser_specific_settings", "minimum_chrome_version"}
    folders = [built / browser for browser in PACKAGES]
    same = {path.name for path in folders[0].glob("*") if path.is_file()} - {"manifest.json"}
    assert all((folders[0] / name).read_bytes() == (folders[1] / name).read_bytes() for name in same)


@pytest.mark.parametrize("browser", PACKAGES)
def test_the_extension_asks_for_the_least(built: Path, browser: str) -> None:
    found = manifest(built, browser)
    assert found["permissions"] == ["activeTab", "contextMenus", "scripting", "storage"]
    assert found["host_permissions"] == ["http://127.0.0.1/*"]
    assert [each["matches"] for each in found["content_scripts"]] == [["http://127.0.0.1/*"]]
    assert not {
        "optional_permissions",
        "optional_host_permissions",
        "externally_connectable",
        "web_accessible_resources",
        "update_url",
    } & set(found)
    policy = dict(
        part.strip().split(" ", 1) for part in found["content_security_policy"]["extension_pages"].split(";")
    )
    assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self'")
    assert policy["require-trusted-types-for"] == "'script'"
    assert "connect-src" not in policy  # as default-src: no request at all
    assert found["incognito"] == "spanning"  # off in private windows until the owner allows it
    if browser == "firefox":
        assert found["browser_specific_settings"]["gecko"]["data_collection_permissions"] == {
            "required": ["none"]
        }


@pytest.mark.parametrize("name", ["background.js", "popup.js", "window-script.js"])
def test_no_script_sends_anything_or_turns_text_into_code(built: Path, name: str) -> None:
    code = (built / "chromium" / name).read_text(encoding="utf-8")
    assert SENDING.findall(code) == []
    assert FORBIDDEN.findall(code) == []


def test_the_popup_has_no_inline_style_script_or_handler() -> None:
    page = (SOURCES / "src/popup.html").read_text(encoding="utf-8")
    assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []
    assert re.findall(r"<script[^>]*>([^<]+)", page) == []


def test_every_dependency_is_pinned_and_none_is_bundled() -> None:
    package = json.loads((SOURCES / "package.json").read_bytes())
    assert "dependencies" not in package
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["devDependencies"].values())


@pytest.mark.parametrize("code", sorted(PLURAL_FORMS))
def test_every_language_has_every_message_with_the_same_placeholders(built: Path, code: str) -> None:
    english, translated = (read_messages(SOURCES / "messages", each) for each in ("en", code))
    assert faults_of_translation(english, translated, code) == []
    assert untranslated(english, translated) == [] or code == "en"
    assert translated["language"] == code
    shaped = json.loads((built / "chromium/_locales" / LOCALES[code] / "messages.json").read_bytes())
    assert {key: each["message"] for key, each in shaped.items()} == translated
    assert not any("$" in text for text in translated.values())  # which browsers replace
    assert len(translated["name"]) <= 75  # the stores' limits
    assert len(translated["description"]) <= 132


def test_every_message_is_used() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (SOURCES / "src").glob("*.ts"))
    used = set(re.findall(r'"(\w+)"', sources)) | set(
        re.findall(r"__MSG_(\w+)__", (SOURCES / "manifest.json").read_text())
    )
    assert [key for key in read_messages(SOURCES / "messages", "en") if key not in used] == []


def test_the_sources_have_no_import_cycle() -> None:
    assert import_order(SOURCES / "src")
