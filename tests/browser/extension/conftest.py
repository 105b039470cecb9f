"""Fixtures: the extension as it is built, Chromium with it loaded, sites with pages to select from, and windows."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from tests.browser.conftest import ROOT
from tests.browser.extension.extended import ExtendedChromium
from tests.browser.extension.sites import Sites
from tests.support.device import Device
from tests.support.window import WindowProcess

from satchel.keys import RootSecret

Started = Callable[..., WindowProcess]
StartedChromium = Callable[[str], AbstractContextManager[ExtendedChromium]]


@pytest.fixture(scope="session")
def built(node_modules: Path) -> Path:
    """The folder with both builds, unpacked and as packages."""
    folder = node_modules.parent / "client/browser"
    shutil.copy(ROOT / "LICENSE", node_modules.parent)
    subprocess.run(["node", "build.mjs"], cwd=folder, check=True, timeout=120, capture_output=True)
    return folder / "build"


@pytest.fixture(scope="module")
def sites() -> Iterator[Sites]:
    with Sites() as sites:
        yield sites


@pytest.fixture
def start_chromium(sites: Sites, tmp_path: Path) -> StartedChromium:
    """Start Chromium in a language, without the extension."""

    @contextmanager
    def started(locale: str) -> Iterator[ExtendedChromium]:
        with (
            sync_playwright() as playwright,
            ExtendedChromium(playwright, tmp_path, sites, locale) as chromium,
        ):
            yield chromium

    return started


@pytest.fixture
def chromium_with_extension(start_chromium: StartedChromium, built: Path) -> Iterator[ExtendedChromium]:
    with start_chromium("en-GB") as chromium:
        chromium.install(built / "chromium")
        yield chromium


@pytest.fixture
def start_window(tmp_path: Path) -> Iterator[Started]:
    """Start `satchel open` for a home of this name, with a store that is empty at first."""
    with ExitStack() as stack:

        def started(name: str = "home") -> WindowProcess:
            device = Device(tmp_path / name, RootSecret(bytes(range(32))))
            device.run("status", "--offline")
            return stack.enter_context(WindowProcess(device))

        yield started
