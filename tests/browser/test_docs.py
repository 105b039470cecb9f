"""docs/reference/share-page.md matches the page."""

import json
import re
from pathlib import Path
from typing import Final

from satchel_service.page.rendering import PAGE_HEADERS

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "reference" / "share-page.md").read_text(encoding="utf-8")
SOURCES: Final = ROOT / "service" / "page"


def test_the_policy_is_quoted_exactly() -> None:
    assert f"Content-Security-Policy: {PAGE_HEADERS['Content-Security-Policy']}\n" in PAGE


def test_every_state_is_listed() -> None:
    messages = json.loads((SOURCES / "messages" / "en.json").read_text(encoding="utf-8"))
    states = {
        key.removesuffix("_text")
        for key in messages
        if key.endswith("_text") and f"{key.removesuffix('_text')}_title" in messages
    }
    listed = PAGE.partition("### Every state")[2].partition("###")[0]
    assert states - {"noscript"} == {
        name
        for row in re.findall(r"^\| (`.*?) \|", listed, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }


def test_every_language_is_listed() -> None:
    names = re.findall(
        r'^  \w\w: "(.+)",$', (SOURCES / "src" / "i18n.ts").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(names) == 7
    assert f"Languages: {', '.join(names)}," in PAGE


def test_every_dependency_is_listed() -> None:
    package = json.loads((SOURCES / "package.json").read_text(encoding="utf-8"))
    rows = PAGE.partition("| package | for | licence |")[2].partition("\n\n")[0]
    for name in package["dependencies"]:
        assert name.removeprefix("@").replace("/", "-") in rows, name


def test_everything_stored_in_the_browser_is_listed() -> None:
    source = (SOURCES / "src" / "preferences.ts").read_text(encoding="utf-8")
    names = re.findall(r'"(\w+)"', source.partition("const PREFERENCES")[2].partition(";")[0])
    assert names
    assert sorted(names) == sorted(re.findall(r"`satchel\.(\w+)`", PAGE))
