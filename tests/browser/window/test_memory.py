"""The memory as a timeline: what was done on each day, found by a question or by days, and forgotten."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.reader import wait_for_requests
from tests.browser.window.conftest import Opener, hold_operations
from tests.support.device import Device

from satchel.memory import Event, MemoryStore, Range

pytestmark = pytest.mark.slow

NOW = dt.datetime.now().astimezone()
YESTERDAY = NOW.replace(hour=9, minute=0, second=0, microsecond=0) - dt.timedelta(days=1)
LAST_WEEK = YESTERDAY - dt.timedelta(days=6)
HOSTILE = "docker compose logs '<img src=x onerror=pwned()>\u202egnp'"


def session(start: dt.datetime, repository: str, *steps: tuple[str, int]) -> list[Event]:
    """Commands in a repository, two minutes apart."""
    place = f"/home/ann/work/{repository}"
    first_ms = round(start.timestamp() * 1000)
    return [
        Event(
            "shell", first_ms + number * 120_000, text, place=place, repository=place, session=repository,
            host="laptop", duration_ms=900, exit_code=code,
        )
        for number, (text, code) in enumerate(steps)
    ]  # fmt: skip


def commit(at: dt.datetime, repository: str, subject: str, files: str) -> Event:
    place = f"/home/ann/work/{repository}"
    return Event(
        "git", round(at.timestamp() * 1000), subject, place=place, repository=place,
        detail={"commit": "1" * 40, "branch": "main", "files": files},
    )  # fmt: skip


def remember(home: Path) -> None:
    """Add four stretches of work on two days, as the hook of a shell and git do."""
    proxy = session(
        YESTERDAY, "proxy", ("vim nginx.conf", 0), ("nginx -t", 1), ("vim nginx.conf", 0), ("nginx -t", 0)
    )
    parser = session(
        YESTERDAY + dt.timedelta(hours=4), "parser", ("pytest tests/test_lexer.py", 1), ("pytest -x", 1)
    )
    old = session(LAST_WEEK, "shop", ("docker compose up -d", 0), (HOSTILE, 0))
    with MemoryStore.create(home) as memory:
        memory.control.turn_on("shell", round(LAST_WEEK.timestamp() * 1000))
        memory.add([*old, *proxy, *parser])
        memory.add(
            [commit(YESTERDAY + dt.timedelta(minutes=9), "proxy", "Raise the limit of headers", "nginx.conf")]
        )


@pytest.fixture(scope="module")
def pieces() -> dict[str, str]:
    return {}


@pytest.fixture(autouse=True)
def memory(device: Device) -> Iterator[None]:
    remember(device.home)
    yield
    with MemoryStore.open(device.home) as memory:
        memory.forget(memory.find(Range()))
        memory.forget_episodes(Range())


def titles(page: Page) -> list[str]:
    return page.locator(".episode h3").all_inner_texts()


def count_of(device: Device, text: str) -> int:
    with MemoryStore.open(device.home) as memory:
        return sum(text in event.text for event in memory.events())


def test_work_is_shown_by_day_as_soon_as_it_is_recorded(open_window: Opener) -> None:
    """No command has formed episodes before."""
    with open_window("/memory") as reader:
        page = reader.page
        expect(page.locator(".episode")).to_have_count(4)
        expect(page.locator(".day")).to_have_count(2)
        assert "Raise the limit of headers" in titles(page)
        expect(page.locator(".day").first.locator(".summary")).to_contain_text("proxy")
        work = page.locator(".episode", has_text="vim nginx.conf")
        work.get_by_text("Details").click()
        expect(work.locator("code")).to_have_text(["vim nginx.conf", "nginx -t", "nginx.conf", "laptop"])
        expect(page.locator(".episode", has_text="parser").locator(".badge")).to_have_text("failed")
        assert page.locator("main img").count() == 0
        reader.screenshot("window-memory", full=False)


def test_a_question_and_days_narrow_the_timeline(open_window: Opener) -> None:
    with open_window("/memory") as reader:
        page = reader.page
        page.keyboard.press("/")
        page.keyboard.type("pytest")
        expect(page.locator(".episode h3")).to_have_text(["pytest tests/test_lexer.py"])
        page.keyboard.press("Control+a")
        page.keyboard.type("zzqqxx")
        expect(page.locator(".empty")).to_contain_text("nothing about this")
        page.keyboard.press("Control+a")
        page.keyboard.press("Backspace")
        expect(page.locator(".episode")).to_have_count(4)
        page.get_by_label("To", exact=True).fill(f"{LAST_WEEK:%Y-%m-%d}")
        expect(page.locator(".episode")).to_have_count(1)
        page.get_by_label("To", exact=True).fill("")
        page.get_by_label("From", exact=True).fill(f"{YESTERDAY:%Y-%m-%d}")
        expect(page.locator(".episode")).to_have_count(3)


def test_one_stretch_of_work_is_forgotten(open_window: Opener, device: Device) -> None:
    with open_window("/memory") as reader:
        page = reader.page
        page.get_by_role("button", name="Forget: vim nginx.conf").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("erased for good")
        page.keyboard.press("Enter")  # the focus is on Cancel
        expect(page.locator(".episode")).to_have_count(4)
        page.get_by_role("button", name="Forget: vim nginx.conf").click()
        reader.screenshot("window-memory-forget", full=False)
        dialog.get_by_role("button", name="Forget", exact=True).click()
        expect(page.locator(".episode")).to_have_count(3)
        assert "vim nginx.conf" not in titles(page)
    assert (count_of(device, "nginx"), count_of(device, "pytest")) == (0, 2)


def test_what_mentions_a_text_is_counted_and_forgotten(open_window: Opener, device: Device) -> None:
    with open_window("/memory") as reader:
        page = reader.page
        page.get_by_role("button", name="Forget…").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("What to forget").select_option("All time")
        dialog.get_by_label("Only what mentions").fill("zzqqxx")
        expect(dialog).to_contain_text("Nothing matches.")
        expect(dialog.get_by_role("button", name="Forget", exact=True)).to_be_disabled()
        dialog.get_by_label("Only what mentions").fill("docker")
        expect(dialog).to_contain_text("1 entry will be erased.")
        dialog.get_by_role("button", name="Forget", exact=True).click()
        expect(page.locator(".day")).to_have_count(1)
    assert (count_of(device, "docker"), count_of(device, "nginx")) == (0, 4)


def test_nothing_is_forgotten_before_it_is_counted(open_window: Opener, device: Device) -> None:
    with open_window("/memory") as reader:
        page = reader.page
        page.get_by_role("button", name="Forget…").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("What to forget").select_option("All time")
        expect(dialog).to_contain_text("4 entries will be erased.")
        held = hold_operations(page, "preview_forget_memory")
        forget = dialog.get_by_role("button", name="Forget", exact=True)
        dialog.get_by_label("Only what mentions").fill("docker")
        expect(forget).to_be_disabled()
        expect(dialog).not_to_contain_text("4 entries")
        wait_for_requests(page, held, 1)
        dialog.get_by_label("Only what mentions").fill("nginx")
        wait_for_requests(page, held, 2)
        held[1].continue_()
        expect(dialog).to_contain_text("2 entries will be erased.")
        with page.expect_response("**/api/preview_forget_memory"):
            held[0].continue_()
        reader.wait_until_settled()
        forget.click()
        expect(dialog).to_have_count(0)
    assert (count_of(device, "docker"), count_of(device, "nginx")) == (2, 0)


def test_everything_is_forgotten(open_window: Opener, device: Device) -> None:
    with open_window("/memory") as reader:
        page = reader.page
        page.get_by_role("button", name="Forget…").click()
        page.get_by_label("What to forget").select_option("All time")
        expect(page.get_by_role("dialog")).to_contain_text("4 entries will be erased.")
        page.get_by_role("dialog").get_by_role("button", name="Forget", exact=True).click()
        expect(page.locator(".message")).to_contain_text("4 entries erased.")
        expect(page.locator(".empty")).to_contain_text("Nothing remembered yet")
    assert count_of(device, "") == 0
