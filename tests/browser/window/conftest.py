"""Fixtures: a home with sample Pieces, its window as `satchel open` serves it, and browsers that have opened it."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Route, expect
from playwright.sync_api import Page as BrowserPage
from tests.browser.reader import Reader, hold
from tests.browser.samples import MARKDOWN, PYTHON, TROJAN, png
from tests.support.device import Device
from tests.support.service import ServiceProcess
from tests.support.window import HOST, Page, WindowProcess

from satchel.keys import RootSecret
from satchel.store import Draft, Store
from satchel.window.drafts import FOLDER, DraftFolder
from satchel.window.preferences import FILE_NAME

GONE = {"ERR_", "Failed to load resource", "status of 401"}
KEPT = "Draft kept on this device"
ROOT = RootSecret(bytes(range(32)))
_DROP = """(files) => {
    const dropped = new DataTransfer();
    for (const [name, type, bytes] of files) dropped.items.add(new File([new Uint8Array(bytes)], name, { type }));
    for (const type of ["dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer: dropped, bubbles: true, cancelable: true }));
    }
}"""
HOSTILE_TITLE = "<img src=x onerror=pwned()><script>pwned()</script>"


class Opener(Protocol):
    """Opens the window in a new browser profile; the options are Playwright's."""

    def __call__(self, path: str = "/", **options: Any) -> AbstractContextManager[Reader]: ...  # noqa: ANN401


def add(home: Path, content: str | bytes, **fields: object) -> str:
    """Save a Piece as the command line does, and return its id."""
    data = content.encode() if isinstance(content, str) else content
    with Store.open(home) as store:
        return store.add(Draft(data, **fields)).id  # type: ignore[arg-type]


def conflict_in(reader: Reader) -> Locator:
    """Save a Piece that has changed since the form was opened, and return the dialog that shows both."""
    reader.expected |= {"status of 409"}
    reader.page.keyboard.press("Control+s")
    return reader.page.get_by_role("dialog", name="This Piece changed while you were editing it")


def save_mine_in_conflict(reader: Reader) -> None:
    """Save "mine, first line" over a Piece that now says "theirs": the dialog shows both, and keeps mine."""
    page = reader.page
    dialog = conflict_in(reader)
    expect(dialog.get_by_label("In the store now")).to_contain_text("theirs")
    expect(dialog.get_by_label("Yours", exact=True)).to_contain_text("mine, first line")
    dialog.get_by_role("button", name="Save mine", exact=True).click()
    expect(page.locator(".row").first).to_have_text("mine, first line", timeout=15_000)


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Device:
    return Device(tmp_path_factory.mktemp("window") / "home", ROOT)


@pytest.fixture(scope="module")
def pieces(device: Device) -> dict[str, str]:
    """The ids of the sample Pieces by what they show."""
    samples: dict[str, tuple[str | bytes, dict[str, object]]] = {
        "hidden": (TROJAN, {"title": "Access check", "language": "python"}),
        "picture": (png(300, 120), {"title": "Gradient", "media_type": "image/png"}),
        "hostile": (
            "<script>pwned()</script>\n" * 3,
            {"title": HOSTILE_TITLE, "tags": ("<b>bold</b>",), "description": "\u202egnp.exe"},
        ),
        "markdown": (MARKDOWN, {"title": "Deploying", "language": "markdown", "tags": ("ops",)}),
        "code": (PYTHON, {"title": "difflib.py", "language": "python", "tags": ("diff", "text")}),
    }
    return {name: add(device.home, content, **fields) for name, (content, fields) in samples.items()}


@pytest.fixture(scope="module")
def window(device: Device, pieces: dict[str, str]) -> Iterator[WindowProcess]:
    with WindowProcess(device) as window:
        yield window


@pytest.fixture(scope="module")
def session(window: WindowProcess) -> Iterator[Page]:
    """The session of the window. Its stream of events keeps the server alive between the tests."""
    page = window.page()
    with page.events():
        yield page


@pytest.fixture
def open_window(chromium: Browser, session: Page, device: Device) -> Opener:
    """Open the window in a new browser profile that has the session already, without drafts and preferences."""
    shutil.rmtree(device.home / FOLDER, ignore_errors=True)
    (device.home / FILE_NAME).unlink(missing_ok=True)
    name, _, value = session.headers["cookie"].partition("=")
    key = {"name": "satchel.session", "value": session.headers["x-satchel-window"]}
    state = {
        "cookies": [
            {"name": name, "value": value, "domain": HOST, "path": "/", "expires": -1, "httpOnly": True, "secure": False, "sameSite": "Strict"}
        ],
        "origins": [{"origin": session.headers["origin"], "localStorage": [key]}],
    }  # fmt: skip

    @contextmanager
    def opened(path: str = "/", **options: Any) -> Iterator[Reader]:  # noqa: ANN401
        with Reader.create(chromium, storage_state=state, **options) as reader:
            reader.page.goto(session.headers["origin"] + path)
            reader.page.locator("main h1").first.wait_for(state="attached", timeout=30_000)
            yield reader
            reader.assert_no_violations()

    return opened


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A cloud that no device is connected to."""
    with ServiceProcess(tmp_path_factory.mktemp("cloud")) as running:
        yield running


def connected(folder: Path, cloud: ServiceProcess) -> Device:
    """Connect a new device to a cloud that has none."""
    device = Device(folder / "home", ROOT)
    device.run("connect", cloud.url, "--pair", cloud.pairing_code, "--label", "desk")
    return device


@pytest.fixture
def own(tmp_path: Path) -> Device:
    """A home without drafts."""
    device = Device(tmp_path / "home", ROOT)
    add(device.home, "something\n", title="Something")
    return device


@contextmanager
def opened(
    chromium: Browser, device: Device, path: str = "/", prefix: Sequence[str] = ()
) -> Iterator[tuple[WindowProcess, Reader]]:
    """Open the window on a free port, in a new browser profile; `prefix` is as that of `WindowProcess`."""
    with WindowProcess(device, prefix=prefix) as window, Reader.create(chromium) as reader:
        reader.page.goto(window.url)
        reader.page.locator(".piece-row:visible").first.wait_for(timeout=30_000)
        if path != "/":
            reader.page.goto(f"http://{HOST}:{window.port}{path}")
        reader.page.locator("main h1").first.wait_for(state="attached", timeout=30_000)
        yield window, reader


def kill(window: WindowProcess) -> None:
    """End the server at once, as a crash does."""
    window.process.kill()
    window.process.communicate()


def drop(page: BrowserPage, *files: tuple[str, str, bytes]) -> None:
    """Drop files on the page, each with its name and media type."""
    page.evaluate(_DROP, [[name, media_type, list(data)] for name, media_type, data in files])


def hold_operations(page: BrowserPage, *names: str) -> list[Route]:
    """Hold back the requests of these operations, as `hold` does."""
    return hold(page, *(f"**/api/{name}" for name in names))


def refuse_dialogs(page: BrowserPage) -> list[str]:
    """Dismiss the browser's own dialogs, as somebody does who stays. Their kinds are added to the list."""
    asked: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", dismiss)
    return asked


def stored(page: BrowserPage) -> list[str]:
    """Return what the browser keeps for the address, without the key of the session."""
    names: list[str] = page.evaluate("Object.keys(localStorage)")
    return [name for name in names if name != "satchel.session"]


def kept(device: Device) -> list[str]:
    """Return the first text of each draft in the home."""
    return [draft.texts[0].text for draft in DraftFolder(device.home).all().drafts]
