"""Settings: defaults of options, schedules, and what the memory takes in."""

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.reader import wait_for_requests
from tests.browser.window.conftest import Opener, hold_operations
from tests.support.crontab import write_programs
from tests.support.device import Device

from satchel.keys import RootSecret

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def crontab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The table of `crontab` on a computer without systemd."""
    return tmp_path_factory.mktemp("cron") / "table"


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory, crontab: Path) -> Device:
    programs = write_programs(crontab.with_name("programs"), crontab)
    environ = {"PATH": f"{programs}:{os.environ['PATH']}"}
    return Device(tmp_path_factory.mktemp("window") / "home", RootSecret(bytes(range(32))), environ)


@pytest.fixture(scope="module")
def pieces() -> dict[str, str]:
    return {}


def test_a_setting_is_changed_and_names_its_command(open_window: Opener, device: Device) -> None:
    with open_window("/settings") as reader:
        page = reader.page
        field = page.get_by_role("textbox", name="share.expires")
        field.fill("1d")
        field.blur()
        expect(page.get_by_role("button", name="Restore the default")).to_have_count(1, timeout=15_000)
        assert "1d" in device.run("settings").text
        page.get_by_role("button", name="Restore the default").click()
        expect(page.get_by_role("button", name="Restore the default")).to_have_count(0, timeout=15_000)


def test_a_setting_that_is_on_or_off_is_chosen(open_window: Opener, device: Device) -> None:
    with open_window("/settings") as reader:
        page = reader.page
        page.get_by_role("combobox", name="offline").select_option("on")
        expect(page.get_by_text("This home is set to stay offline.").first).to_be_visible(timeout=15_000)
        assert device.json("settings")["settings"]
        page.get_by_role("button", name="Restore the default").click()
        expect(page.get_by_text("This home is set to stay offline.")).to_have_count(0, timeout=15_000)


def test_a_setting_shows_what_was_chosen_last(open_window: Opener, device: Device) -> None:
    with open_window("/settings") as reader:
        page = reader.page
        held = hold_operations(page, "set_setting")
        for choice in ("on", "off", "on"):
            page.get_by_role("combobox", name="offline").select_option(choice)
        for number in range(3):
            wait_for_requests(page, held, number + 1)
            held[number].continue_()
        expect(page.get_by_text("This home is set to stay offline.").first).to_be_visible(timeout=15_000)
        expect(page.get_by_role("combobox", name="offline")).to_have_value("on")
        assert [json.loads(each.request.post_data or "")["value"] for each in held] == ["on", "off", "on"]
        page.unroute("**/api/set_setting")
        page.get_by_role("button", name="Restore the default").click()
        expect(page.get_by_text("This home is set to stay offline.")).to_have_count(0, timeout=15_000)


def test_a_change_elsewhere_shows_when_nothing_is_being_typed(open_window: Opener, device: Device) -> None:
    with open_window("/settings") as reader:
        page = reader.page
        views = page.get_by_role("textbox", name="share.views")
        views.focus()
        device.run("settings", "set", "share.expires", "3d")
        page.wait_for_timeout(1_000)
        expect(page.get_by_role("textbox", name="share.expires")).not_to_have_value("3d")
        views.blur()
        expect(page.get_by_role("textbox", name="share.expires")).to_have_value("3d", timeout=15_000)
        device.run("settings", "reset", "share.expires")


def test_a_button_that_is_pressed_is_not_drawn_anew(open_window: Opener, device: Device) -> None:
    with open_window("/settings") as reader:
        page = reader.page
        page.get_by_role("button", name="Restore the default").first.wait_for(state="detached")
        device.run("settings", "set", "share.views", "5")
        reset = page.get_by_role("button", name="Restore the default")
        reset.hover()
        page.mouse.down()
        device.run("settings", "set", "share.expires", "3d")
        page.wait_for_timeout(1_500)
        page.mouse.up()
        expect(page.get_by_role("textbox", name="share.views")).to_have_value("unlimited", timeout=15_000)
        expect(page.get_by_role("textbox", name="share.expires")).to_have_value("3d", timeout=15_000)
        device.run("settings", "reset", "share.expires")


def test_a_change_elsewhere_shows_and_leaves_the_focus(open_window: Opener, device: Device) -> None:
    with open_window("/settings") as reader:
        page = reader.page
        telemetry = page.locator("section", has=page.get_by_role("heading", name="Telemetry")).get_by_role(
            "switch"
        )
        telemetry.focus()
        device.run("settings", "set", "share.expires", "3d")
        expect(page.get_by_role("textbox", name="share.expires")).to_have_value("3d", timeout=15_000)
        expect(telemetry).to_be_focused()
        device.run("settings", "reset", "share.expires")


def test_a_schedule_is_shown_installed_changed_and_removed(
    open_window: Opener, device: Device, crontab: Path, tmp_path: Path
) -> None:
    file = str(tmp_path / "backup.satchel")
    with open_window("/settings") as reader:
        page = reader.page
        dialog = page.get_by_role("dialog")
        for every in ("every day", "every week"):  # the second replaces the first
            page.get_by_role("button", name="Add a schedule").press("Enter")
            dialog.get_by_label("Every").select_option(every)
            dialog.get_by_label("File of the backup").fill(file)
            dialog.get_by_role("button", name="Preview").press("Enter")
            plan = dialog.get_by_text("schedule run backup-backup-satchel")
            expect(plan).to_be_visible()
            dialog.get_by_label("Every").select_option("every 6 hours")  # what was shown is out of date
            expect(dialog.get_by_role("button", name="Install")).to_have_count(0)
            dialog.get_by_label("Every").select_option(every)
            dialog.get_by_role("button", name="Preview").press("Enter")
            expect(plan).to_be_visible()
            reader.screenshot("window-schedule", full=False)
            dialog.get_by_role("button", name="Install").press("Enter")
            expect(dialog).to_have_count(0)
            assert "schedule run backup-backup-satchel" in crontab.read_text()
            expect(page.locator(".setting", has_text="backup-backup-satchel")).to_have_count(1)
            expect(page.get_by_role("button", name="Add a schedule")).to_be_focused()
        schedule = page.locator(".setting", has_text="backup-backup-satchel")
        expect(schedule).to_have_count(1)
        expect(schedule).to_contain_text("1 week")
        (listed,) = device.json("schedule", "list")["schedules"]
        assert (listed["every_s"], listed["using"]) == (604_800, "cron")
        schedule.get_by_role("button", name="Remove").click()
        expect(dialog).to_contain_text("backup-backup-satchel")
        dialog.get_by_role("button", name="Remove", exact=True).click()
        expect(schedule).to_have_count(0)
    assert not crontab.exists()


def test_a_schedule_that_cannot_be_is_refused_and_the_form_stays(open_window: Opener, crontab: Path) -> None:
    with open_window("/settings") as reader:
        reader.expected |= {"status of 403"}
        page = reader.page
        page.get_by_role("button", name="Add a schedule").click()
        page.get_by_role("button", name="Preview").click()
        expect(page.locator(".message.is-failure")).to_be_visible()
        expect(page.get_by_role("dialog").get_by_label("Every")).to_be_visible()
        expect(page.get_by_role("button", name="Install")).to_have_count(0)
    assert not crontab.exists()


def test_the_memory_takes_in_folders_and_pauses(open_window: Opener, device: Device, tmp_path: Path) -> None:
    (tmp_path / "plan.md").write_text("# Plan\n")
    with open_window("/settings") as reader:
        page = reader.page
        page.get_by_role("switch", name="files").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Folders").fill(str(tmp_path))
        with page.expect_response("**/api/set_memory"):
            dialog.get_by_role("button", name="Switch on").click()
        expect(page.get_by_role("switch", name="files")).to_be_checked(timeout=15_000)
        page.get_by_role("button", name="Pause for an hour").click()
        expect(page.get_by_role("button", name="Resume")).to_be_visible()
        page.get_by_role("button", name="Resume").click()
        expect(page.get_by_role("button", name="Pause for an hour")).to_be_visible()
        with page.expect_response("**/api/set_memory"):
            page.get_by_role("switch", name="files").click()
        expect(page.get_by_role("switch", name="files")).not_to_be_checked()
    assert device.json("memory", "status")["folders"] == []
