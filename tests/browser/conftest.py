"""Fixtures: a cloud that serves the share page, an owner who publishes shares, and the system's Chromium."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from tests.browser.publishing import Publisher
from tests.browser.reader import Reader
from tests.support.service import ServiceProcess

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ROOT = Path(__file__).parents[2]
MEMBERS = ("service/page", "client/window", "client/browser")  # of the npm workspace

expect.set_options(timeout=60_000)  # instead of 5 s, which a busy machine may need


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that use the browser, so that they are skipped where Chromium is not installed."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and "chromium" in getattr(
            item, "fixturenames", ()
        ):
            item.add_marker(pytest.mark.tool("chromium"))


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path_factory.mktemp("browser") / "cloud") as running:
        yield running


@pytest.fixture(scope="session")
def owner(service: ServiceProcess) -> Publisher:
    return Publisher(service.url, service.pairing_code)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser, for one module only: Playwright occupies the thread's event loop, which other tests need."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def reader(chromium: Browser) -> Iterator[Reader]:
    """A reader with a new browser profile. The test fails if the page violates its policy or logs an error."""
    with Reader.create(chromium) as reader:
        yield reader
        reader.assert_no_violations()


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pinned packages of the npm workspace, installed in a copy outside of the checkout."""
    folder = tmp_path_factory.mktemp("npm")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, folder)
    for member in MEMBERS:
        shutil.copytree(
            ROOT / member, folder / member, ignore=shutil.ignore_patterns("node_modules", "build")
        )
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(
        command, cwd=folder, check=True, capture_output=True, timeout=240, env={**os.environ, "CI": "1"}
    )
    return folder / "node_modules"
