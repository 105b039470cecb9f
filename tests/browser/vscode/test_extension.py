"""The extension in the real Visual Studio Code: its server with a workbench in Chromium. Part of `make vscode`."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser.vscode.server import build
from tests.support.device import PROGRAM, Device
from tests.support.service import free_port
from tests.support.waiting import wait_until

ROOT: Final = Path(__file__).resolve().parents[3]
SOURCE: Final = ROOT / "client/editor/vscode"
PARSER: Final = 'def parse_header(line):\n    name, _, value = line.partition(":")\n    return name.strip(), value.strip()\n'
SECRET: Final = "AKIA" + "Z7QKX3JTMN2WLPDR"
SLOW_MS: Final = 60_000

pytestmark = [
    pytest.mark.slow,
    pytest.mark.tool("node", "npm"),
    pytest.mark.skipif("SATCHEL_VSCODE_SERVER" not in os.environ, reason="part of `make vscode`"),
]


class Workbench:
    """The window of VS Code on a folder."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.set_default_timeout(SLOW_MS)
        page.goto(address)
        trust = page.get_by_role("button", name="Yes, I trust the authors")
        trust.click()

    @property
    def lines(self) -> Locator:
        return self.page.locator(".monaco-editor .view-lines").first

    @property
    def rows(self) -> Locator:
        return self.page.locator(".pane-body .monaco-list-row")

    def text(self) -> str:
        return self.lines.inner_text().replace("\xa0", " ")

    def show_pieces(self) -> None:
        """Open the view of Pieces, unless it is open."""
        tab = self.page.get_by_role("tab", name="satchel")
        if tab.get_attribute("aria-selected") != "true":
            tab.click()

    def open(self, name: str) -> None:
        """Open a file of the folder in the explorer, which a new window shows, with the cursor at its end."""
        self.page.get_by_role("treeitem", name=name).dblclick()
        self.lines.click()
        self.page.keyboard.press("Control+End")

    def run(self, command: str) -> None:
        self.page.keyboard.press("F1")
        self.page.locator(".quick-input-widget input[type=text]").first.fill(f">{command}")
        self.page.locator(".quick-input-list .monaco-list-row").first.click()


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Device:
    made = Device(tmp_path_factory.mktemp("vscode") / "home")
    made.run("init")
    made.save(PARSER.encode(), title="Parse an HTTP header", language="python", tags=("http",))
    made.save(b"docker run --rm -it debian bash\n", title="Throwaway container", language="bash")
    return made


@pytest.fixture(scope="module")
def address(device: Device, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of VS Code's server with the extension installed, on a folder with one file."""
    folder = tmp_path_factory.mktemp("server")
    source, work, data = folder / "extension", folder / "work", folder / "data"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("node_modules", "dist", "build"))
    for words in (("ci", "--ignore-scripts", "--no-audit", "--no-fund"), ("run", "package")):
        subprocess.run(["npm", *words], cwd=source, check=True, capture_output=True)
    work.mkdir()
    (work / "work.py").write_text("import sys\n\n")
    settings = {"satchel.path": str(PROGRAM), "satchel.home": str(device.home)}
    (data / "data/Machine").mkdir(parents=True)
    (data / "data/Machine/settings.json").write_text(json.dumps(settings))
    port = free_port()
    server = build(Path(os.environ["SATCHEL_VSCODE_SERVER"]).resolve())
    command = [
        "node",
        str(server / "out/server-main.js"),
        "--server-data-dir",
        str(data),
        "--accept-server-license-terms",
    ]
    subprocess.run(
        [*command, "--install-extension", str(source / "build/satchel.vsix")], check=True, capture_output=True
    )
    serving = [*command, "--host", "127.0.0.1", "--port", str(port), "--without-connection-token", "--telemetry-level", "off"]  # fmt: skip
    with (folder / "log").open("wb") as log, subprocess.Popen(serving, stdout=log, stderr=log) as running:
        wait_until(lambda: b"Web UI available" in (folder / "log").read_bytes(), timeout_s=60)
        yield f"http://127.0.0.1:{port}/?folder={work}"
        running.terminate()


@pytest.fixture
def workbench(chromium: Browser, address: str) -> Iterator[Workbench]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    yield Workbench(context.new_page(), address)
    context.close()


def test_the_view_lists_finds_shows_and_inserts(workbench: Workbench) -> None:
    workbench.open("work.py")
    workbench.show_pieces()
    expect(workbench.rows.filter(has_text="Parse an HTTP header")).to_be_visible()
    workbench.run("satchel: Find in the view")
    workbench.page.get_by_text("Find Pieces (Press").wait_for()
    workbench.page.keyboard.type("container")
    workbench.page.keyboard.press("Enter")
    expect(workbench.rows.filter(has_text="Parse an HTTP header")).to_have_count(0)
    row = workbench.rows.filter(has_text="Throwaway container")
    row.hover()
    row.get_by_role("button", name="Insert a Piece").click()
    expect(workbench.lines).to_contain_text("docker")
    row.click()
    expect(workbench.page.get_by_role("tab", name="Throwaway container")).to_be_visible()


def test_a_prefix_completes_to_a_piece(workbench: Workbench) -> None:
    workbench.open("work.py")
    workbench.page.keyboard.type("\nparse", delay=50)
    offered = workbench.page.locator(".suggest-widget .monaco-list-row").filter(
        has_text="Parse an HTTP header"
    )
    if not offered.is_visible():
        workbench.page.keyboard.press("Control+Space")
    offered.click()
    expect(workbench.lines).to_contain_text("partition")
    assert 'name, _, value = line.partition(":")' in workbench.text()


def test_a_selection_is_saved_as_a_piece(workbench: Workbench, device: Device) -> None:
    workbench.open("work.py")
    workbench.page.keyboard.type("\ntotal = sum(prices) * 1.19", delay=20)
    workbench.page.keyboard.press("Shift+Home")
    workbench.run("satchel: Save selection as a Piece")
    expect(workbench.page.get_by_text("saved: ").first).to_be_visible()
    assert "total = sum(prices) * 1.19" in device.run("search", "prices").text


def test_a_secret_is_marked(workbench: Workbench) -> None:
    workbench.open("work.py")
    workbench.page.keyboard.type(f'\nkey = "{SECRET}"', delay=20)
    expect(
        workbench.page.locator(".squiggly-warning, .squiggly-error, .squiggly-info").first
    ).to_be_attached()


def test_sharing_without_a_cloud_says_how_to_get_one(workbench: Workbench) -> None:
    workbench.show_pieces()
    row = workbench.rows.filter(has_text="Throwaway container")
    row.hover()
    row.get_by_role("button", name="Share a Piece").click()
    expect(workbench.page.get_by_text("satchel connect").first).to_be_visible()
