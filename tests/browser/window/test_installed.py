"""The window as an installed application: Chromium would install it, and its icon never leads to a browser's error."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.support.device import Device
from tests.support.window import WindowProcess

from satchel.window.guard import POLICY

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which(CHROMIUM) is None, reason="Chromium is not installed"),
]


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[BrowserContext]:
    """A browser with a profile of its own: a private window cannot install applications."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=CHROMIUM, headless=True, args=list(FLAGS), locale="en-US"
        )
        yield context
        context.close()


def opened(profile: BrowserContext, window: WindowProcess) -> Page:
    page = profile.new_page()
    page.goto(window.url)
    expect(page.locator("#search")).to_be_visible()
    return page


def asked(profile: BrowserContext, page: Page, method: str) -> Any:  # noqa: ANN401  any JSON value
    return profile.new_cdp_session(page).send(method)


def test_chromium_would_install_the_window_and_needs_no_service_worker_for_it(
    device: Device, profile: BrowserContext
) -> None:
    with WindowProcess(device) as window:
        page = opened(profile, window)
        assert asked(profile, page, "Page.getInstallabilityErrors")["installabilityErrors"] == []
        manifest = asked(profile, page, "Page.getAppManifest")
        assert manifest["errors"] == []
        assert json.loads(manifest["data"])["display"] == "standalone"
        assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
        page.close()


def test_the_icon_of_an_installed_window_says_how_to_start_it(
    device: Device, profile: BrowserContext
) -> None:
    window = WindowProcess(device)
    try:
        page = opened(profile, window)
        page.evaluate("dispatchEvent(new Event('appinstalled'))")  # as Chromium does
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        window.stop()
        clicked = profile.new_page()
        answer = clicked.goto(f"http://127.0.0.1:{window.port}/")
        assert answer is not None
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        expect(clicked.locator("h1")).to_have_text("satchel is not running")
        expect(clicked.locator("code")).to_have_text(f"satchel open --port {window.port}")
        assert clicked.locator("main").evaluate("(main) => getComputedStyle(main).maxWidth") != "none", (
            "styled"
        )
        assert page.evaluate("caches.keys()") == [], "it stores nothing"

        window.start()
        clicked.get_by_role("link", name="Try again").click()
        expect(clicked.locator("main code")).to_have_text("satchel open")
        opened(profile, window)
        clicked.goto(f"http://127.0.0.1:{window.port}/")
        expect(clicked.locator("#search")).to_be_visible()
    finally:
        if window.process.poll() is None:
            window.process.kill()
        window.process.communicate()


def test_a_window_in_a_tab_leaves_no_service_worker_behind(device: Device, profile: BrowserContext) -> None:
    with WindowProcess(device) as window:
        page = opened(profile, window)
        page.reload()
        expect(page.locator("#search")).to_be_visible()
        assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
        answer = page.request.get(f"http://127.0.0.1:{window.port}/installed.js")
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["cache-control"] == "no-cache"
        page.close()
