"""The page's preferences lie in the home, and come with the page."""

import gzip
import html
import json
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.window import Page, served

from satchel.local_files import write_private
from satchel.window.preferences import FILE_NAME, read_preferences, set_preference


def root_of(page: Page, encoding: str = "") -> str:
    status, _, body = page.send(
        "/", method="GET", headers={"accept-encoding": encoding, "content-type": None}
    )
    assert status == 200
    found = re.search("<html [^>]*>", (gzip.decompress(body) if encoding else body).decode())
    assert found
    return found[0]


def test_preferences_come_with_the_page_of_every_window(page: Page, home: Path) -> None:
    assert root_of(page) == '<html lang="en" dir="ltr">'
    page.ask("set_preference", name="theme", value="dark")
    page.ask("set_preference", name="language", value="fr")
    with served(home) as again:
        root = root_of(again)
        assert 'data-theme="dark"' in root
        found = re.search('data-preferences="([^"]*)"', root)
        assert found
        assert json.loads(html.unescape(found[1])) == {"theme": "dark", "language": "fr"}
        assert root_of(again, "gzip") == root
    assert stat.S_IMODE((home / FILE_NAME).stat().st_mode) == 0o600
    page.ask("set_preference", name="theme", value="auto")
    assert "data-theme" not in root_of(page)


def test_windows_that_set_at_once_lose_nothing(home: Path) -> None:
    names = ["theme", "language", "wrap", "markdown", "keys"]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda name: set_preference(home, name, "on"), names * 8))
    assert set(read_preferences(home)) == set(names)


@pytest.mark.parametrize(
    ("name", "value"), [("theme", '"><script>'), ("theme", ""), ("theme", "x" * 13), ("session", "on")]
)
def test_other_names_and_values_are_refused(page: Page, home: Path, name: str, value: str) -> None:
    assert page.ask("set_preference", 400, name=name, value=value)["code"] == "usage"
    assert not (home / FILE_NAME).exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[" * 30_000,
        b'{"format":"satchel-window/1","preferences":{"theme":"\\"><script>"}}',
        b'{"format":"satchel-window/1","preferences":3}',
    ],
)
def test_a_damaged_file_is_set_aside(page: Page, home: Path, data: bytes) -> None:
    write_private(home / FILE_NAME, data)
    assert root_of(page) == '<html lang="en" dir="ltr">'
    page.ask("set_preference", name="theme", value="dark")
    assert read_preferences(home) == {"theme": "dark"}
    assert (home / f"{FILE_NAME}.damaged").read_bytes() == data


def test_the_file_of_a_newer_satchel_stays_as_it_is(page: Page, home: Path) -> None:
    data = b'{"format":"satchel-window/2","theme":"sepia"}'
    write_private(home / FILE_NAME, data)
    assert "newer" in page.ask("set_preference", 500, name="theme", value="dark")["message"]
    assert (home / FILE_NAME).read_bytes() == data
    assert root_of(page) == '<html lang="en" dir="ltr">'
