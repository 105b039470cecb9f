"""A home that cannot be written, such as a write-protected drive: what is typed stays, and the page says where it is."""

import subprocess
from collections.abc import Sequence

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.samples import png
from tests.browser.window.conftest import GONE, KEPT, drop, kept, opened, refuse_dialogs, stored
from tests.support.device import Device
from tests.support.waiting import wait_until
from tests.support.window import WindowProcess

from satchel.window.drafts import DraftFolder
from satchel.window.messages.unsaved import DraftText, UnsavedDraft

pytestmark = [pytest.mark.slow, pytest.mark.tool("unshare", "nsenter", "mount")]

ONLY_IN_BROWSER = "This draft is kept in this browser only: cannot use"


@pytest.fixture(autouse=True)
def mounting() -> None:
    if subprocess.run(mounted("/tmp", "rw", "true"), check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a file system")


def mounted(home: object, mode: str, *command: str) -> Sequence[str]:
    """Return a command that runs where the home is a mount of its own, to which even root cannot write if it is `ro`."""
    script = f'mount --bind "$0" "$0" && mount -o remount,{mode},bind "$0" && exec "$@"'
    return ["unshare", "--mount", "--map-root-user", "sh", "-c", script, str(home), *command]


def remount(window: WindowProcess, device: Device, mode: str) -> None:
    """Let the window write to its home, or not, as soon as it has no file open for writing."""
    inside = ["nsenter", "--user", "--mount", "--preserve-credentials", f"--target={window.process.pid}"]
    command = [*inside, "mount", "-o", f"remount,{mode},bind", str(device.home)]
    wait_until(lambda: not subprocess.run(command, check=False, capture_output=True).returncode)


def test_what_is_typed_while_the_home_cannot_be_written_stays_and_is_handed_over_later(
    chromium: Browser, own: Device
) -> None:
    with opened(chromium, own, "/new", mounted(own.home, "rw")) as (window, reader):
        page = reader.page
        page.locator(".cm-content").click()
        page.keyboard.type("before, ")
        wait_until(lambda: kept(own) == ["before, "])
        expect(page.get_by_text(KEPT)).to_be_visible()
        remount(window, own, "ro")
        reader.expected |= {"status of 500"}
        page.keyboard.type("and after")
        line = page.get_by_role("status").filter(has_text=ONLY_IN_BROWSER)
        expect(line).to_contain_text("read-only file system")
        expect(line).to_have_count(1)
        assert (kept(own), len(stored(page))) == (["before, "], 1)
        page.keyboard.press("Control+s")
        expect(page.locator(".message.is-failure")).to_contain_text("read-only")
        expect(page.locator(".cm-content")).to_contain_text("before, and after")
        page.reload()
        expect(page.locator(".cm-content")).to_contain_text("before, and after", timeout=20_000)
        remount(window, own, "rw")
        page.locator(".cm-content").click()
        page.keyboard.press("Control+End")
        page.keyboard.type("!")
        expect(page.get_by_text(KEPT)).to_be_visible()
        wait_until(lambda: kept(own) == ["before, and after!"])
        wait_until(lambda: stored(page) == [])
        page.reload()
        expect(page.locator(".cm-content")).to_contain_text("before, and after!", timeout=20_000)
        expect(page.locator(".draft-list")).to_be_hidden()
        reader.assert_no_violations()


def test_an_edit_and_a_file_that_cannot_be_kept_are_not_lost_without_a_question(
    chromium: Browser, own: Device
) -> None:
    with opened(chromium, own, "/new", mounted(own.home, "rw")) as (window, reader):
        page = reader.page
        asked = refuse_dialogs(page)
        page.locator(".cm-content").click()
        remount(window, own, "ro")
        reader.expected |= {"status of 500"}
        drop(page, ("one.png", "image/png", png(40, 20)))
        expect(page.get_by_text(ONLY_IN_BROWSER)).to_be_visible()
        expect(page.locator(".message.is-failure")).to_contain_text("read-only")
        page.close(run_before_unload=True)
        wait_until(lambda: page.evaluate("1") == 1 and asked == ["beforeunload"])
        expect(page.locator(".attached li")).to_contain_text("one.png")
        remount(window, own, "rw")
        page.keyboard.press("Control+s")
        expect(page.locator(".content img")).to_be_visible()
        wait_until(lambda: kept(own) == [])


def test_if_the_browser_cannot_keep_the_draft_either_the_page_says_so_and_asks_before_it_is_left(
    chromium: Browser, own: Device
) -> None:
    with opened(chromium, own, "/", mounted(own.home, "rw")) as (window, reader):
        page = reader.page
        asked = refuse_dialogs(page)
        page.locator(".piece-row:visible").first.click()
        page.get_by_role("button", name="Edit", exact=True).click()
        expect(page.locator(".cm-content")).to_be_focused(timeout=30_000)
        remount(window, own, "ro")
        reader.expected |= {"status of 500"}
        page.evaluate(
            "void (Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); })"
        )
        page.keyboard.type("mine, ")
        line = "This draft cannot be kept, so save it before you leave: cannot use"
        expect(page.get_by_text(line)).to_be_visible()
        page.close(run_before_unload=True)
        wait_until(lambda: page.evaluate("1") == 1 and asked == ["beforeunload"])
        expect(page.locator(".cm-content")).to_contain_text("mine, something")
        remount(window, own, "rw")
        page.keyboard.press("Control+s")
        expect(page.locator(".row").first).to_contain_text("mine, something", timeout=15_000)


def test_a_home_that_is_read_only_from_the_start_says_so_and_shows_its_drafts(
    chromium: Browser, own: Device
) -> None:
    text = (DraftText(number=0, name="", text="typed on another computer"),)
    DraftFolder(own.home).keep(
        UnsavedDraft(
            id="1" * 32, version=1, piece=None, base=0, title="", description="", language="", tags=(), links=(),
            texts=text, source="", typed="2026-01-31T09:00:00.000Z",
        )
    )  # fmt: skip
    with opened(chromium, own, "/", mounted(own.home, "ro")) as (_, reader):
        page = reader.page
        expect(page.get_by_text("This home is read-only: nothing can be changed here.")).to_be_visible()
        expect(page.get_by_role("link", name="New Piece")).to_have_count(0)
        expect(page.get_by_text("1 unsaved draft")).to_be_visible()
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.locator(".cm-content")).to_contain_text("typed on another computer", timeout=20_000)
        reader.expected |= {"status of 500"} | GONE
        page.locator(".cm-content").click()
        page.keyboard.press("Control+End")
        page.keyboard.type("!")
        expect(page.get_by_text(ONLY_IN_BROWSER)).to_be_visible()
        page.reload()
        expect(page.locator(".cm-content")).to_contain_text("typed on another computer!", timeout=20_000)
    assert kept(own) == ["typed on another computer"]
