"""The window of a device with a cloud: sharing, backups and what they keep, devices, the audit log."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.reader import Reader, wait_for_requests
from tests.browser.window.conftest import Opener, add, connected, hold_operations, opened
from tests.support.device import Device
from tests.support.service import ServiceProcess
from tests.support.window import WindowProcess

from satchel.keys import RootSecret

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory, cloud: ServiceProcess) -> Device:
    return connected(tmp_path_factory.mktemp("window"), cloud)


@pytest.fixture(scope="module")
def pieces(device: Device) -> dict[str, str]:
    return {
        "code": add(device.home, "print('shared')\n", title="shared.py", language="python"),
        "secret": add(device.home, "key = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'\n", title="A key"),
    }


def test_a_piece_is_shared_opened_counted_and_revoked(
    open_window: Opener, pieces: dict[str, str], chromium: Browser
) -> None:
    with open_window(f"/pieces/{pieces['code']}") as reader:
        page = reader.page
        page.locator("h1").focus()
        page.keyboard.press("s")
        page.get_by_role("button", name="Create a link").click(timeout=30_000)
        link = page.get_by_role("textbox", name="Whole link").input_value(timeout=60_000)
        expect(page.get_by_role("img", name="QR code of the whole link")).to_be_visible()
        reader.screenshot("window-share-link", full=False)
        with Reader.create(chromium) as recipient:
            assert recipient.read(link) == "shared.py"
        page.goto(page.url.partition("/pieces")[0] + "/shares")
        expect(page.locator(".cards")).to_contain_text("opened 1 time", timeout=30_000)
        reader.screenshot("window-shares", full=False)
        page.get_by_role("button", name="Revoke", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
        expect(page.locator(".badge")).to_have_text("revoked", timeout=30_000)


def test_a_secret_is_shared_only_after_a_warning(open_window: Opener, pieces: dict[str, str]) -> None:
    with open_window(f"/pieces/{pieces['secret']}") as reader:
        page = reader.page
        page.locator("h1").focus()
        page.keyboard.press("s")
        expect(page.get_by_text("looks like a secret")).to_be_visible(timeout=30_000)
        expect(page.get_by_role("button", name="Create a link")).to_be_hidden()
        reader.screenshot("window-share-secret", full=False)
        page.get_by_label("I have checked it").check()
        expect(page.get_by_role("button", name="Create a link")).to_be_visible()


def test_a_backup_is_made_proven_and_shown_in_the_calendar(open_window: Opener) -> None:
    with open_window("/backups") as reader:
        page = reader.page
        page.get_by_role("button", name="Back up now").click()
        expect(page.locator(".backup-list tbody tr")).to_have_count(1)
        expect(page.locator(".days .has-backup")).to_have_count(1, timeout=30_000)
        page.get_by_role("button", name="Prove that it can be restored").click()
        expect(page.get_by_text("Pieces were restored and are the same.")).to_be_visible()
        expect(page.locator(".fact-list")).to_contain_text("all of it", timeout=30_000)
        words = page.locator(".note").filter(has_text="recovery words")
        expect(words.locator(".help")).to_have_text("satchel recovery show, then satchel recovery check")
        reader.screenshot("window-backups-cloud", full=False)


def test_the_retention_is_tried_out_and_asked_for_before_it_is_set(
    open_window: Opener, device: Device
) -> None:
    for _each in range(3 - len(device.json("backups")["backups"])):
        device.run("backup")
    with open_window("/backups") as reader:
        page = reader.page
        panel = page.locator(".retention")
        for rule in ("Days", "Weeks", "Months"):
            panel.get_by_label(rule).fill("0")
        with page.expect_response("**/api/calendar"):
            panel.get_by_label("Newest").fill("9")
        reader.wait_until_settled()
        expect(panel.locator(".note")).to_have_count(0)
        held = hold_operations(page, "calendar")
        panel.get_by_label("Newest").fill("1")
        wait_for_requests(page, held, 1)
        panel.get_by_label("Newest").fill("8")
        wait_for_requests(page, held, 2)
        for late in reversed(held):
            with page.expect_response("**/api/calendar"):
                late.continue_()
        reader.wait_until_settled()
        expect(panel.locator(".note")).to_have_count(0)  # that of the first came last
        panel.get_by_label("Newest").fill("1")
        page.unroute("**/api/calendar")
        panel.get_by_role("button", name="Change what is kept").click()
        expect(page.get_by_role("dialog")).to_contain_text("2 backups")
        page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        assert len(device.json("backups")["backups"]) == 3


def test_a_preview_of_something_else_restores_nothing(open_window: Opener) -> None:
    with open_window("/backups") as reader:
        page = reader.page
        page.get_by_role("button", name="Restore", exact=True).first.click()
        dialog = page.get_by_role("dialog")
        now = dialog.get_by_role("button", name="Restore now")
        dialog.get_by_role("checkbox").first.check(timeout=30_000)
        dialog.get_by_role("button", name="Preview").click()
        expect(now).to_be_visible(timeout=60_000)
        dialog.get_by_role("checkbox").nth(1).check()
        expect(now).to_have_count(0)
        held = hold_operations(page, "preview_restore")
        dialog.get_by_role("button", name="Preview").click()
        wait_for_requests(page, held, 1)
        dialog.get_by_label("What to restore").select_option("replace")
        held[0].continue_()
        expect(dialog.locator('[aria-disabled="true"]')).to_have_count(0, timeout=60_000)
        expect(now).to_have_count(0)


def test_devices_and_the_audit_log_are_shown(open_window: Opener) -> None:
    with open_window("/devices") as reader:
        page = reader.page
        expect(page.locator("tbody th").first).to_contain_text("desk (this device)", timeout=30_000)
        page.get_by_role("button", name="Add a device").click()
        expect(page.get_by_role("dialog").locator("code").first).to_contain_text(" --pair ", timeout=30_000)
        page.keyboard.press("Escape")
        page.goto(page.url.replace("/devices", "/audit"))
        expect(page.locator(".verdict")).to_contain_text("verified", timeout=30_000)
        reader.screenshot("window-audit", full=False)
        page.goto(page.url.replace("/audit", "/ledger"))
        expect(page.locator("tbody tr").first).to_be_visible(timeout=30_000)
        reader.screenshot("window-ledger", full=False)


def test_a_window_hears_of_a_cloud_that_a_command_connects(
    cloud: ServiceProcess, chromium: Browser, own: Device
) -> None:
    with opened(chromium, own, "/shares") as (_, reader):
        page = reader.page
        expect(page.locator(".empty h2")).to_have_text("No cloud is connected")
        own.run("connect", cloud.url, "--pair", cloud.new_pairing_code(), "--label", "other")
        expect(page.get_by_text("No cloud is connected")).to_have_count(0)
        page.get_by_role("link", name="Devices").click()
        expect(page.locator("tbody")).to_contain_text("other (this device)")
        reader.assert_no_violations()


def test_a_newcomer_saves_finds_shares_and_restores(
    cloud: ServiceProcess, chromium: Browser, tmp_path: Path
) -> None:
    """By what the page says alone: every step clicks what the step before has shown."""
    device = Device(tmp_path / "home", RootSecret(bytes(range(32))))
    with WindowProcess(device) as window, Reader.create(chromium) as reader:
        page = reader.page
        page.goto(window.url)
        page.locator(".empty").get_by_role("button", name="New Piece").click()
        expect(page.locator(".cm-content")).to_be_focused(timeout=30_000)
        page.keyboard.insert_text("rsync -avz ./site/ deploy@example.org:/var/www/\n")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".row").first).to_contain_text("rsync", timeout=30_000)
        page.get_by_role("link", name="Pieces", exact=True).click()
        page.get_by_placeholder("Search your Pieces").fill("deploy")
        page.locator(".piece-row:visible").click()
        page.get_by_role("button", name="Share").click()
        page.get_by_role("button", name="Connect a cloud").click()
        page.get_by_role("textbox", name="Address").fill(cloud.url)
        page.get_by_label("Pairing code").fill(cloud.new_pairing_code())
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.get_by_role("button", name="Disconnect", exact=True)).to_be_visible()
        page.get_by_role("link", name="Backups").click()
        page.get_by_role("button", name="Back up now").click()
        expect(page.get_by_text("1 Piece backed up").first).to_be_visible()
        page.get_by_role("link", name="Pieces", exact=True).click()
        page.locator(".piece-row:visible").click()
        page.get_by_role("button", name="Share").click()
        page.get_by_role("button", name="Create a link").click(timeout=30_000)
        link = page.get_by_role("textbox", name="Whole link").input_value(timeout=60_000)
        with Reader.create(chromium) as recipient:
            recipient.read(link)
            assert "rsync" in recipient.code.inner_text()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
        page.get_by_role("link", name="Backups").click()
        page.get_by_role("button", name="Restore", exact=True).first.click()
        page.get_by_role("dialog").get_by_role("checkbox").first.check(timeout=30_000)
        page.get_by_role("button", name="Preview").click()
        page.get_by_role("button", name="Restore now").click(timeout=60_000)
        expect(page.get_by_text("1 Piece restored.")).to_be_visible()
        page.get_by_role("link", name="Pieces", exact=True).click()
        expect(page.locator(".piece-row:visible")).to_have_count(1)
        reader.assert_no_violations()
