"""Nothing of the window stays English in another language: every view and dialog, with all that a home can hold."""

import json
import os
import re
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.reader import Reader
from tests.browser.window.conftest import Opener, add
from tests.browser.window.test_memory import remember
from tests.browser.window.test_people import FOLLOW, OVERFLOW
from tests.support.crontab import write_programs
from tests.support.device import Device
from tests.support.service import ServiceProcess, free_port
from tests.support.window import WindowProcess

from satchel.keys import RootSecret
from satchel.pieces.model import Changes
from satchel.store import Store

pytestmark = pytest.mark.slow

ROOT: Final = Path(__file__).parents[3]
WINDOW: Final = ROOT / "client/window/messages"
PAGE: Final = ROOT / "service/page/messages"
LANGUAGES: Final = ("de", "fr", "es", "ja", "zh", "ar")
TOKEN: Final = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
# The narrowest screen, in a language of long words and in one that is written from right to left.
PHONE: Final = {"viewport": {"width": 320, "height": 640}}
LOOKS: Final[dict[str, dict[str, Any]]] = {"de": PHONE, "ar": {**PHONE, "color_scheme": "dark"}}
# Words that are the same in every language.
NAMES: Final = frozenset(
    """satchel piece pieces git github gitlab json csv html sql zip toml yaml markdown python bash text bytes
    navi tldr cheat pet masscode gist gists vault code developers snippets vs user assets
    minilm ngrams magika cron http https localhost""".split()  # noqa: SIM905  shorter than a list
)
# What the owner of this home typed, and names of files, devices and hosts.
TYPED: Final = frozenset(
    """Header parser fields A key Release notes Ops desk shelf parse headers http fields broken export notes bad
    vim nginx conf docker compose logs up Raise the limit of proxy parser shop pytest tests test lexer laptop main x img src
    onerror pwned gnp t work ann home backup age two three There is a token in line The logs please
    Draft of mine yesterday share expires nowhere""".split()  # noqa: SIM905
)
WORDS: Final = re.compile(r"[A-Za-z]{2,}")
COMMAND: Final = re.compile(
    r"satchel(?:-service)? [a-z].*|--[a-z-]+|[\w.+-]*[/\\][\w./\\-]*|[\w-]+\.[\w.-]+|\{\w+\}", re.DOTALL
)
VISIBLE: Final = """() => {
    const skipped = "code, pre, kbd, .cm-editor, .prose, .snippet, [translate='no'], #language, .qr, .diff, .suggested .words span:last-child, .suggested li button";
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (element.closest(skipped)) continue;
        if (element.matches("option") || element.checkVisibility()) texts.push(walker.currentNode.data.trim());
    }
    for (const element of document.querySelectorAll("[aria-label], [placeholder], [title], [alt]")) {
        if (element.closest(skipped) || !element.checkVisibility()) continue;
        for (const name of ["aria-label", "placeholder", "title", "alt"]) texts.push(element.getAttribute(name) ?? "");
    }
    return texts.filter(Boolean);
}"""
TOO_WIDE: Final = """() => [...document.body.querySelectorAll("*")]
    .filter((each) => each.getBoundingClientRect().right > innerWidth || each.getBoundingClientRect().left < 0)
    .map((each) => `${each.tagName}.${each.className}: ${each.textContent.slice(0, 80)}`)"""
CALENDAR: Final = """(locale) => {
    const days = [...Array(12).keys()].flatMap((month) => [1, 2, 3, 4, 5, 6, 7].map((day) => new Date(2026, month, day, 9)));
    const styles = [{ dateStyle: "full" }, { dateStyle: "medium", timeStyle: "short" }, { month: "long", year: "numeric" }];
    return days.flatMap((day) => styles.map((style) => new Intl.DateTimeFormat(locale, style).format(day))).join(" ");
}"""


class Home(NamedTuple):
    """A home with something of everything, and the ids of its Pieces."""

    device: Device
    pieces: dict[str, str]


def messages(code: str) -> dict[str, Any]:
    """Return the messages of the window in a language."""
    found: dict[str, Any] = json.loads((WINDOW / f"{code}.json").read_text(encoding="utf-8"))
    return found


def words_of(*documents: object) -> set[str]:
    """Return the words in all texts of documents, in lowercase, without commands and paths."""
    words: set[str] = set()
    for document in documents:
        if isinstance(document, dict):
            words |= words_of(*document.values())
        elif isinstance(document, str):
            words |= {word.lower() for word in WORDS.findall(COMMAND.sub(" ", document))}
    return words


def english_words() -> set[str]:
    """Return the words of all English messages and lines."""
    lines = json.loads((WINDOW / "server/de.json").read_text(encoding="utf-8"))
    page = json.loads((PAGE / "en.json").read_text(encoding="utf-8"))
    return words_of(messages("en"), page, *lines)


def own_words(code: str) -> set[str]:
    """Return the words that belong to a language, those of its names and of what the owner typed included."""
    documents = [
        json.loads((folder / f"{code}.json").read_text(encoding="utf-8"))
        for folder in (WINDOW, WINDOW / "server", PAGE)
    ]
    return words_of(*documents) | NAMES | {word.lower() for word in TYPED}


def report(share: str, cloud: str) -> None:
    """Report a share as a recipient does."""
    form = urllib.parse.urlencode({"reason": "secret", "text": "There is a token in line 3."}).encode()
    urllib.request.urlopen(f"{cloud}/s/{share}/report", data=form, timeout=30).close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, cloud: ServiceProcess) -> Home:
    folder = tmp_path_factory.mktemp("window")
    programs = write_programs(folder / "programs", folder / "table")
    secret = RootSecret(bytes(range(32)))
    device = Device(folder / "home", secret, {"PATH": f"{programs}:{os.environ['PATH']}"})
    device.run("connect", cloud.url, "--pair", cloud.pairing_code, "--label", "desk")
    other = Device(folder / "other", secret)
    other.run("connect", cloud.url, "--pair", cloud.new_pairing_code(), "--label", "shelf")
    pieces = {
        "code": add(device.home, "def parse_headers(block):\n    return block.split(b':')\n", title="Header parser", description="Header fields", language="python", tags=("http",)),
        "secret": add(device.home, f"key = '{TOKEN}'\n", title="A key", description="A key"),
        "notes": add(device.home, "# Release notes\n\nThree steps.\n", title="Release notes", language="markdown", tags=("ops",)),
    }  # fmt: skip
    with Store.open(device.home) as store:
        store.edit(pieces["code"], Changes(title="Header parser 2"))
        store.edit(pieces["code"], Changes(content=b"def parse_headers(block):\n    return dict(block)\n"))
    remember(device.home)
    share = device.json("share", pieces["notes"])["id"]
    report(share, cloud.url)
    device.run("shares", "revoke", device.json("share", pieces["code"])["id"])
    first = device.json("backup")["id"]
    add(device.home, "two\n", title="Two")
    device.run("backup")
    device.run("backups", "delete", first)
    device.run("schedule", "backup", "--every", "1d", "--yes")
    device.run("verify")
    return Home(device, pieces)


@pytest.fixture(scope="module")
def device(filled: Home) -> Device:
    return filled.device


@pytest.fixture(scope="module")
def pieces(filled: Home) -> dict[str, str]:
    return filled.pieces


class Visitor:
    """Goes through the window in one language and collects what it shows, by where it was shown."""

    def __init__(self, reader: Reader, code: str) -> None:
        self.reader, self.page, self.code = reader, reader.page, code
        self.takes_pictures = reader.page.viewport_size == PHONE["viewport"]
        self.texts = messages(code)
        self.seen: dict[str, set[str]] = {}

    def show(self, path: str) -> None:
        """Show a view, and look."""
        self.page.evaluate("document.querySelector('main').replaceChildren()")
        self.page.evaluate(FOLLOW, path)
        self.page.locator("main h1").first.wait_for(timeout=30_000)
        self.look(path)

    def look(self, where: str) -> None:
        """Collect what is shown now."""
        self.reader.wait_until_settled()
        self.seen.setdefault(where, set()).update(self.page.evaluate(VISIBLE))
        too_wide = self.page.evaluate(TOO_WIDE) if self.page.evaluate(OVERFLOW) > 0 else []
        assert too_wide == [], f"{where} scrolls sideways in {self.code}"
        if self.takes_pictures:
            name = re.sub(r"/pieces/.*|\W+", "-", where).strip("-") or "find"
            self.reader.screenshot(f"window-{self.code}-{name}", full=False)

    def press(self, key: str, within: str = "main") -> None:
        """Press the button with a message."""
        self.page.locator(within).get_by_role("button", name=self.texts[key], exact=True).first.click()

    def dialog(self, where: str, open_it: Callable[[], object], *steps: Callable[[], object]) -> None:
        """Open a dialog, look at it after each step, and close it."""
        open_it()
        dialog = self.page.locator("dialog[open]").last
        dialog.wait_for(timeout=30_000)
        self.look(where)
        for step in steps:
            step()
            self.look(where)
        while self.page.locator("dialog[open]").count():
            self.page.keyboard.press("Escape")
            self.reader.wait_for_frame()

    def open_all(self) -> None:
        """Open every detail."""
        self.page.evaluate("document.querySelectorAll('main details').forEach((each) => (each.open = true))")


def visit_pieces(visitor: Visitor, pieces: dict[str, str], folder: Path) -> None:
    """Go to the list, to the form and to Pieces."""
    page, press, texts = visitor.page, visitor.press, visitor.texts
    visitor.show("/")
    visitor.dialog("palette", lambda: page.keyboard.press("Control+k"))
    page.locator("main").focus()
    visitor.dialog("help", lambda: page.keyboard.press("?"))
    visitor.show("/new")
    visitor.open_all()
    visitor.look("/new")
    page.get_by_label(texts["path_on_device"]).fill(str(folder))
    press("preview")
    page.locator(".preview-result").wait_for(timeout=30_000)
    visitor.open_all()
    visitor.look("import")
    visitor.show(f"/pieces/{pieces['code']}")
    page.locator(".around section:visible").first.wait_for(timeout=30_000)
    visitor.look("piece")
    visitor.dialog("history", lambda: press("history"), page.locator(".revisions li").last.click)
    visitor.dialog(
        "share", lambda: press("share"), lambda: page.locator("dialog select").wait_for(timeout=30_000)
    )
    visitor.dialog("delete", lambda: press("remove"))
    press("edit")
    page.locator(".edit-form .editor").wait_for(timeout=30_000)
    visitor.look("edit")
    page.keyboard.press("Escape")
    visitor.show(f"/pieces/{pieces['secret']}")
    visitor.dialog(
        "secret", lambda: press("share"), lambda: page.locator("dialog .note li").wait_for(timeout=30_000)
    )


def visit_the_cloud(visitor: Visitor) -> None:
    """Go to the views of links, requests and backups."""
    page, press = visitor.page, visitor.press
    visitor.show("/shares")
    visitor.dialog("reports", page.locator(".cards button", has=page.locator("svg")).last.click)
    visitor.dialog("revoke", lambda: press("revoke"))
    visitor.show("/requests")
    visitor.dialog("request", lambda: press("request_new"))
    visitor.show("/backups")
    page.locator(".backup-list tbody tr").first.wait_for(timeout=30_000)
    visitor.open_all()
    visitor.look("/backups")
    visitor.dialog("to file", lambda: press("backup_to_file"))

    def preview_restore() -> None:
        page.locator("dialog select").select_option("replace")
        press("preview", "dialog")
        page.locator("dialog .panel").wait_for(timeout=60_000)

    visitor.dialog("restore", lambda: press("restore"), preview_restore)
    visitor.dialog("delete backup", lambda: press("delete_backup"))


def visit_the_rest(visitor: Visitor) -> None:
    """Go to the settings, and to what the home and the cloud remember."""
    page, press, texts = visitor.page, visitor.press, visitor.texts
    visitor.show("/settings")
    visitor.dialog("schedule", lambda: press("add_schedule"), lambda: press("preview", "dialog"))
    visitor.dialog("remove schedule", lambda: press("remove_schedule"))
    visitor.dialog("disconnect", lambda: press("disconnect"))
    visitor.dialog("folders", lambda: page.get_by_role("switch", name=texts["memory_of_files"]).click())
    field = page.get_by_role("textbox", name="share.expires")
    field.fill("yesterday")
    field.press("Enter")
    page.locator(".message.is-failure").wait_for(timeout=30_000)
    visitor.look("failure")
    page.locator(".message.is-failure button").click()
    visitor.show("/memory")
    page.locator(".episode").first.wait_for(timeout=30_000)
    visitor.open_all()
    visitor.look("/memory")
    visitor.dialog("forget", lambda: press("forget_some"))
    visitor.show("/ledger")
    page.locator("tbody tr").first.wait_for(timeout=30_000)
    visitor.look("/ledger")
    visitor.show("/processing")
    visitor.show("/devices")
    visitor.dialog("revoke device", lambda: press("revoke_device"))
    visitor.show("/audit")
    page.locator("tbody tr").first.wait_for(timeout=30_000)
    visitor.look("/audit")
    visitor.show("/statistics")
    visitor.open_all()
    visitor.look("/statistics")


def untranslated(visitor: Visitor, code: str) -> dict[str, list[str]]:
    """Return the texts with English words that are no words of the language, by where they were shown."""
    calendar = words_of(visitor.page.evaluate(CALENDAR, visitor.page.evaluate("navigator.language")))
    english = english_words() - own_words(code) - calendar
    of_a_model = f"{visitor.texts['choice']}: "  # whose name stays
    found = {
        where: sorted(each for each in texts if words_of(each) & english and not each.startswith(of_a_model))
        for where, texts in visitor.seen.items()
    }
    return {where: texts for where, texts in found.items() if texts}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_view_and_dialog_is_in_the_language(
    open_window: Opener, pieces: dict[str, str], tmp_path: Path, code: str
) -> None:
    (folder := tmp_path / "notes").mkdir()
    (folder / "one.py").write_text("print('one')\n")
    (folder / "bad.bin").write_bytes(b"\0\1\2" * 50)
    with open_window(locale=code, **LOOKS.get(code, {})) as reader:
        reader.expected |= {"status of 400"}
        visitor = Visitor(reader, code)
        visit_pieces(visitor, pieces, folder)
        visit_the_cloud(visitor)
        visit_the_rest(visitor)
        assert untranslated(visitor, code) == {}


def test_a_home_without_anything_and_a_cloud_that_is_not_there(chromium: Browser, tmp_path: Path) -> None:
    device = Device(tmp_path / "home", RootSecret(bytes(range(32))))
    found = {}
    with WindowProcess(device) as window, Reader.create(chromium) as reader:
        reader.expected |= {"status of 503", "status of 400"}
        page = reader.page
        page.goto(window.url)
        page.locator(".empty").first.wait_for(timeout=30_000)
        for code in LANGUAGES:
            page.locator("#language").select_option(code)
            expect(page.locator("html")).to_have_attribute("lang", code)
            expect(page.locator('nav a[data-route="shares"] span').first).to_have_text(
                messages(code)["shares"]
            )
            visitor = Visitor(reader, code)
            for path in (
                "/",
                "/shares",
                "/requests",
                "/backups",
                "/memory",
                "/ledger",
                "/devices",
                "/audit",
                "/statistics",
                "/settings",
            ):
                visitor.show(path)
            page.locator("input[type=url]").fill(f"https://127.0.0.1:{free_port()}")
            visitor.press("connect")
            page.locator(".message.is-failure").wait_for(timeout=30_000)
            visitor.look("connect")
            page.locator(".message.is-failure button").click()
            found[code] = untranslated(visitor, code)
    assert found == {code: {} for code in LANGUAGES}
