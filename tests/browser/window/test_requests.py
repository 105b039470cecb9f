"""The window asks somebody for something: the link, the answers, and what becomes of them."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser.reader import Reader
from tests.browser.test_people import axe, violations
from tests.browser.window.conftest import ROOT, Opener, connected
from tests.browser.window.test_people import OVERFLOW, SIZES
from tests.support.device import Device
from tests.support.service import ServiceProcess
from tests.support.waiting import wait_until
from tests.support.window import WindowProcess

pytestmark = pytest.mark.slow

__all__ = ["axe"]  # a fixture

SECRET: Final = "staging-4f1c77d8e0 ☃"
ASKED: Final = "The staging key of the billing service"
HOSTILE: Final = "<img src=x onerror=pwned()>"


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory, cloud: ServiceProcess) -> Device:
    return connected(tmp_path_factory.mktemp("window"), cloud)


@pytest.fixture(scope="module")
def pieces() -> dict[str, str]:
    return {}


@pytest.fixture(autouse=True)
def no_requests(device: Device) -> None:
    """Revoke what earlier tests asked for; only requests that have ended stay in the list."""
    for request in device.json("requests")["requests"]:
        if request["state"] == "live" or not all(each["taken"] for each in request["received"]):
            device.run("requests", "revoke", request["id"])


@pytest.fixture
def colleague(tmp_path: Path) -> Device:
    """A device on which satchel has never been used."""
    return Device(tmp_path / "nowhere")


def ask(device: Device, text: str, *options: str) -> tuple[str, str]:
    """Ask by the command; return the id of the request and its link."""
    made = device.json("request", text, *options)
    return made["id"], made["link"]


def card(page: Page, title: str) -> Locator:
    return page.locator(".cards > li").filter(has=page.get_by_role("heading", name=title, exact=True))


def choose(page: Page, command: str) -> None:
    """Choose a command of the palette with the keyboard."""
    page.keyboard.press("Control+k")
    page.keyboard.type(command)
    commands = page.get_by_role("listbox", name="Commands")
    expect(commands.get_by_role("option").first).to_contain_text(command)
    page.keyboard.press("Enter")


def answer(chromium: Browser, link: str, text: str) -> str:
    """Answer as a person with a browser does, and return the receipt."""
    with Reader.create(chromium) as sender:
        sender.open(link)
        sender.wait_for_text(ASKED)
        sender.page.get_by_label("Your answer").fill(text)
        sender.button("Encrypt and send").click()
        sender.wait_for_text("It has arrived")
        sender.assert_no_violations()
        return sender.page.locator("#receipt").inner_text()


def test_a_secret_is_asked_for_answered_and_taken_with_the_keyboard_alone(
    open_window: Opener, chromium: Browser, device: Device
) -> None:
    with open_window() as reader:
        page = reader.page
        choose(page, "Requests")
        expect(page.get_by_role("heading", name="Requests")).to_be_focused(timeout=15_000)
        page.keyboard.press("?")
        keys = page.get_by_role("dialog").locator("dl")
        expect(keys.filter(has_text="Take the answers that are waiting")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("a")
        page.keyboard.type(ASKED)
        expect(page.get_by_label("What do you ask for?")).to_have_value(ASKED)
        for control in ("Expires", "Number of answers", "Largest answer"):
            page.keyboard.press("Tab")
            expect(page.get_by_label(control)).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        whole = page.get_by_role("textbox", name="Whole link")
        expect(whole).to_be_focused(timeout=30_000)
        link = whole.input_value()
        expect(page.get_by_role("img", name="QR code of the whole link")).to_be_visible()
        expect(page.get_by_role("dialog")).to_contain_text("1 answer of up to 10 MB · until")
        reader.screenshot("window-request-link", full=False)
        page.keyboard.press("Escape")
        expect(card(page, ASKED).locator(".badge")).to_have_text(["open"], timeout=15_000)
        receipt = answer(chromium, link, SECRET)
        page.keyboard.press("l")
        expect(page.locator("main .note")).to_have_text("1 answer is waiting", timeout=15_000)
        expect(page.get_by_role("link", name="Requests 1 answer is waiting")).to_be_visible()
        row = card(page, ASKED).locator("tbody tr")
        expect(row).to_contain_text(receipt)
        expect(row).to_contain_text("not yet")
        reader.screenshot("window-requests", full=False)
        page.keyboard.press("t")
        page.keyboard.press("t")  # which does nothing while they are being taken
        dialog = page.get_by_role("dialog", name="1 answer taken")
        expect(dialog).to_contain_text(receipt, timeout=30_000)
        expect(page.locator(".message.is-failure")).to_have_count(0)
        expect(dialog).to_contain_text("Anyone with the link can answer.")
        expect(dialog.get_by_role("link", name="Open the Piece")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".code")).to_contain_text(SECRET, timeout=15_000)
        expect(page.locator("h1")).to_have_text(ASKED)
        piece = page.url.rpartition("/")[2]
        choose(page, "Requests")
        expect(card(page, ASKED).locator(".badge")).to_have_text(["answered"], timeout=15_000)
        expect(page.get_by_role("link", name="Requests", exact=True)).to_be_visible()
    assert device.run("cat", piece).stdout == SECRET.encode()
    assert receipt in device.json("show", piece)["description"]


def test_hostile_texts_and_names_stay_texts(
    open_window: Opener, device: Device, colleague: Device, tmp_path: Path
) -> None:
    request_id, link = ask(device, f"{HOSTILE}\u202egnp", "--answers", "2")
    named = tmp_path / f"{HOSTILE}.txt"
    named.write_text(HOSTILE)
    colleague.run("answer", link, named)
    into = tmp_path / HOSTILE
    with open_window("/requests") as reader:
        page = reader.page
        shown = page.locator(".cards h2").filter(has_text=HOSTILE)
        expect(shown).to_have_count(1)
        assert "\u202e" not in shown.inner_text()
        page.get_by_role("button", name="Write to a folder").click()
        page.get_by_role("textbox", name="Path on this device").fill(str(into))
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="1 answer taken")
        expect(dialog.locator("code").last).to_contain_text("onerror", timeout=30_000)
        assert page.locator("img[src=x]").count() == 0
    (written,) = into.iterdir()
    assert written.read_text() == HOSTILE
    assert len(device.json("requests", "show", request_id)["received"]) == 1


def test_an_answer_that_no_piece_can_hold_stays_until_it_is_written_to_a_folder(
    open_window: Opener, device: Device, colleague: Device, tmp_path: Path
) -> None:
    _, link = ask(device, "key and note", "--answers", "2")
    (tmp_path / "key.bin").write_bytes(b"\0\1\2")
    colleague.run("answer", link, tmp_path / "key.bin")
    colleague.run("answer", link, "-", stdin=b"the note")
    with open_window("/requests") as reader:
        page = reader.page
        page.get_by_role("button", name="Take 2 answers").click()
        dialog = page.get_by_role("dialog", name="1 answer taken")
        expect(dialog.locator(".note")).to_contain_text("1 answer could not be taken.", timeout=30_000)
        expect(dialog.locator(".note")).to_contain_text("'key.bin' is neither text nor an image")
        reader.screenshot("window-requests-left", full=False)
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Write to a folder").click()
        path = page.get_by_role("textbox", name="Path on this device")
        path.fill("relative")
        reader.expected |= {"status of 400"}
        page.keyboard.press("Enter")
        expect(page.locator(".message.is-failure")).to_contain_text("'relative' is not a whole path")
        expect(path).to_have_value("relative")
        path.fill(str(tmp_path / "into"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog", name="1 answer taken")).to_be_visible(timeout=30_000)
        page.keyboard.press("Escape")
        expect(card(page, "key and note").get_by_text("not yet")).to_have_count(0)
    assert (tmp_path / "into/key.bin").read_bytes() == b"\0\1\2"


def test_a_link_is_shown_again_and_revoked_with_what_it_still_holds(
    open_window: Opener, device: Device, colleague: Device
) -> None:
    request_id, link = ask(device, "the old key", "--answers", "2")
    colleague.run("answer", link, "-", stdin=b"never taken")
    with open_window("/requests") as reader:
        page = reader.page
        own = card(page, "the old key")
        own.get_by_role("button", name="Show the link").click()
        expect(page.get_by_role("textbox", name="Whole link")).to_have_value(link, timeout=15_000)
        page.keyboard.press("Escape")
        own.get_by_role("button", name="Revoke", exact=True).click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("1 answer that you have not taken is deleted.")
        dialog.get_by_role("button", name="Revoke", exact=True).click()
        expect(own.locator(".badge")).to_have_text(["revoked"], timeout=15_000)
        expect(own.get_by_role("button")).to_have_count(0)
    assert device.json("requests", "show", request_id)["received"] == []


def test_answers_to_an_expired_request_can_still_be_taken(
    open_window: Opener, device: Device, colleague: Device
) -> None:
    request_id, link = ask(device, "before it is too late", "--answers", "3", "--expires", "15s")
    colleague.run("answer", link, "-", stdin=b"in time")
    wait_until(lambda: device.json("requests", "show", request_id)["state"] == "expired", timeout_s=60)
    with open_window("/requests") as reader:
        own = card(reader.page, "before it is too late")
        expect(own.locator(".badge")).to_have_text(["1 answer is waiting", "expired"])
        expect(own.get_by_role("button", name="Show the link")).to_have_count(0)
        expect(own.get_by_role("button", name="Delete the answer")).to_be_visible()
        own.get_by_role("button", name="Take the answer").click()
        reader.page.get_by_role("link", name="Open the Piece").click(timeout=30_000)
        expect(reader.page.locator(".code")).to_contain_text("in time", timeout=15_000)


def test_a_text_survives_a_cloud_that_is_gone_and_a_server_that_is_gone(
    chromium: Browser, tmp_path: Path
) -> None:
    device = Device(tmp_path / "home", ROOT)
    with ServiceProcess(tmp_path / "cloud") as cloud:
        device.run("connect", cloud.url, "--pair", cloud.pairing_code)
        with WindowProcess(device) as window, Reader.create(chromium) as reader:
            page = reader.page
            reader.expected |= {"status of 503", "ERR_", "Failed to load"}
            page.goto(window.url)
            page.get_by_role("link", name="Requests").click()
            expect(page.get_by_text("You have not asked for anything")).to_be_visible(timeout=15_000)
            page.keyboard.press("a")
            text = page.get_by_label("What do you ask for?")
            text.fill(ASKED)
            cloud.kill()
            page.get_by_role("button", name="Create a link").click()
            expect(page.locator(".message.is-failure")).to_be_visible()
            expect(text).to_have_value(ASKED)
            window.stop()
            expect(page.locator(".banner")).to_contain_text("lost its server", timeout=15_000)
            page.get_by_role("button", name="Create a link").click()
            expect(text).to_have_value(ASKED)
            page.keyboard.press("Escape")
            cloud.start()
            window.start()
            other = reader.context.new_page()
            other.goto(window.url)
            expect(other.locator("main h1").first).to_be_attached(timeout=30_000)
            expect(page.locator(".banner")).to_be_empty(timeout=30_000)
            page.bring_to_front()
            page.keyboard.press("a")
            expect(text).to_have_value(ASKED)
            page.get_by_role("button", name="Create a link").click()
            expect(page.get_by_role("textbox", name="Whole link")).to_be_visible(timeout=30_000)
            page.keyboard.press("Escape")
            expect(card(page, ASKED)).to_be_visible(timeout=15_000)
            page.keyboard.press("a")
            expect(text).to_have_value("")


LOOKS: Final[dict[str, dict[str, Any]]] = {**SIZES, "right-to-left": {"locale": "ar", "viewport": {"width": 320, "height": 640}}}  # fmt: skip


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_among_requests_of_every_state(
    open_window: Opener, device: Device, colleague: Device, axe: str, look: str
) -> None:
    _, link = ask(device, f"{ASKED}, which {'_' * 80} has a long name", "--answers", "3")
    for text in (b"one", b"two"):
        colleague.run("answer", link, "-", stdin=text)
    ask(device, "")
    with open_window("/requests", **LOOKS[look]) as reader:
        page = reader.page
        expect(page.locator(".cards > li").first.locator("tbody tr")).to_have_count(2)
        reader.wait_until_settled()
        found = violations(reader, axe)
        assert page.evaluate(OVERFLOW) <= 0, "it scrolls sideways"
        reader.screenshot(f"window-requests-{look}")
        page.keyboard.press("a")
        reader.wait_until_settled()
        found += violations(reader, axe)
        reader.screenshot(f"window-request-form-{look}", full=False)
        page.locator("dialog .actions button").click()
        page.locator("dialog .link-panel").wait_for(timeout=30_000)
        found += violations(reader, axe)
        assert page.evaluate(OVERFLOW) <= 0, "the dialog scrolls sideways"
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
        page.keyboard.press("t")
        page.locator("dialog .taken").wait_for(timeout=30_000)
        found += violations(reader, axe)
        reader.screenshot(f"window-requests-taken-{look}", full=False)
    assert found == []


@pytest.mark.parametrize("language", ["de", "fr", "es", "ja", "zh", "ar"])
def test_every_language_fits_on_a_narrow_screen(
    open_window: Opener, device: Device, colleague: Device, language: str
) -> None:
    _, link = ask(device, ASKED, "--answers", "2")
    colleague.run("answer", link, "-", stdin=language.encode())
    with open_window("/requests", locale=language, viewport={"width": 320, "height": 640}) as reader:
        page = reader.page
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(card(page, ASKED).first.locator("button.primary")).to_be_visible()
        assert page.evaluate(OVERFLOW) <= 0, "the list scrolls sideways"
        page.keyboard.press("a")
        dialog = page.get_by_role("dialog")
        dialog.locator("textarea").fill("x")
        assert dialog.locator(".body").evaluate("(e) => e.scrollWidth <= e.clientWidth"), "the form does"
        reader.screenshot(f"window-request-form-{language}", full=False)
        page.keyboard.press("Escape")
        page.keyboard.press("t")
        expect(dialog.get_by_role("link")).to_be_focused(timeout=30_000)
        assert dialog.evaluate("(e) => e.scrollWidth <= e.clientWidth"), "what was taken does"


def test_what_the_command_says_is_in_the_language_of_the_page(open_window: Opener, device: Device) -> None:
    with open_window("/requests", locale="de") as reader:
        page = reader.page
        reader.expected |= {"status of 400"}
        page.keyboard.press("a")
        page.get_by_label("Worum bitten Sie?").fill("x" * 501)
        page.get_by_role("button", name="Link erstellen").click()
        failure = page.locator(".message.is-failure")
        expect(failure).to_contain_text("Der Text hat 501 Zeichen; eine Anfrage fasst bis zu 500")
        expect(page.get_by_label("Worum bitten Sie?")).to_have_value(re.compile("^x{501}$"))
    assert not [each for each in device.json("requests")["requests"] if each["state"] == "live"]
