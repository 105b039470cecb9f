"""Chromium with the extension loaded, and what its owner does: press the button, the key, or the entry of a menu.

The button is pressed by the browser's own debugging protocol, which opens the real popup and grants the tab to the
extension as a click does. Neither menus of the browser nor its keys can be reached this way: for them, the button is
pressed first, and then the extension is told of the menu or the key.
"""

import json
import os
import time
from base64 import b64decode
from pathlib import Path
from typing import Any, Final, Self

from playwright.sync_api import BrowserContext, CDPSession, Page, Playwright, Worker
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.extension.sites import Sites
from tests.browser.reader import ARTEFACTS, GUIDE
from tests.support.window import WindowProcess

NAMES: Final = "--host-resolver-rules=MAP *.test 127.0.0.1"


class Popup:
    """The popup of the button, which Playwright does not show as a page."""

    def __init__(self, browser: CDPSession, target: str, pump: Page) -> None:
        self._browser, self._pump = browser, pump
        self._session = browser.send("Target.attachToTarget", {"targetId": target, "flatten": False})[
            "sessionId"
        ]
        self._answers: dict[int, Any] = {}
        self._last = 0
        browser.on("Target.receivedMessageFromTarget", self._hear)

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401  any JSON value
        """Evaluate an expression in the popup, as a gesture of its owner."""
        parameters = {
            "expression": expression,
            "awaitPromise": True,
            "returnByValue": True,
            "userGesture": True,
        }
        result = self._send("Runtime.evaluate", parameters)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def screenshot(self, name: str) -> None:
        """Save a screenshot. With SATCHEL_UPDATE_PICTURES set, update that in the guide as well."""
        clip = {**self.evaluate("document.body.getBoundingClientRect().toJSON()"), "scale": 2}
        clip = {name: clip[name] for name in ("x", "y", "width", "height", "scale")}
        data = b64decode(
            self._send("Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True})["data"]
        )
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        (ARTEFACTS / f"{name}.png").write_bytes(data)
        if os.environ.get("SATCHEL_UPDATE_PICTURES") and (GUIDE / f"{name}.png").exists():
            (GUIDE / f"{name}.png").write_bytes(data)

    def _send(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._last += 1
        message = json.dumps({"id": self._last, "method": method, "params": parameters})
        self._browser.send("Target.sendMessageToTarget", {"sessionId": self._session, "message": message})
        deadline = time.monotonic() + 30
        while self._last not in self._answers:
            assert time.monotonic() < deadline, f"the popup does not answer: {method}"
            self._pump.wait_for_timeout(20)
        answer: dict[str, Any] = self._answers.pop(self._last)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    @property
    def text(self) -> str:
        return str(self.evaluate("document.querySelector('main').innerText"))

    def wait_for(self, text: str) -> str:
        """Wait until the popup says something, and return all that it says."""
        deadline = time.monotonic() + 20
        while text not in (found := self.text):
            assert time.monotonic() < deadline, f"the popup says {found!r}"
            self._pump.wait_for_timeout(50)
        return found

    def press(self, label: str) -> None:
        """Press a button."""
        find = (
            f"[...document.querySelectorAll('button')].find((one) => one.textContent === {json.dumps(label)})"
        )
        self.evaluate(f"{find}.click()")

    def _hear(self, event: dict[str, Any]) -> None:
        if event["sessionId"] == self._session:
            message = json.loads(event["message"])
            if "id" in message:
                self._answers[message["id"]] = message


class ExtendedChromium:
    """Chromium with the extension installed."""

    def __init__(self, playwright: Playwright, profile: Path, sites: Sites, locale: str = "en-GB") -> None:
        self.sites = sites
        self.context: BrowserContext = playwright.chromium.launch_persistent_context(
            profile / "profile",
            executable_path=CHROMIUM,
            headless=True,
            ignore_default_args=["--disable-extensions"],
            env={"LANGUAGE": locale.partition("-")[0], "HOME": str(profile)},
            args=[*FLAGS, NAMES, "--enable-unsafe-extension-debugging", f"--lang={locale}"],
        )
        self._browser: CDPSession = self.context.browser.new_browser_cdp_session()  # type: ignore[union-attr]
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.context.on("weberror", lambda error: self.errors.append(str(error.error)))
        self.context.on("request", lambda request: self.requests.append(request.url))

    @property
    def background(self) -> Worker:
        """The extension's service worker."""
        found = self.context.service_workers
        return found[0] if found else self.context.wait_for_event("serviceworker", timeout=20_000)

    @property
    def extension(self) -> str:
        return self.background.url.split("/")[2]

    def open(self, path: str = "/article", host: str = "site.test") -> Page:
        """Open a page of a site in a new tab."""
        page = self.context.new_page()
        page.goto(self.sites.url(path, host))
        return page

    def open_window(self, process: WindowProcess) -> Page:
        """Open the window in a new tab, as `satchel open` does."""
        page = self.context.new_page()
        page.goto(process.url)
        page.locator("main h1").first.wait_for(state="attached", timeout=30_000)
        return page

    def press_button(self, page: Page) -> Popup:
        """Press the extension's button while a page is in front."""
        page.bring_to_front()
        self._close_popups()
        deadline = time.monotonic() + 20
        while not (tabs := self._active_tabs(page.url)):
            assert time.monotonic() < deadline, "the page does not come to the front"
            page.wait_for_timeout(20)
        self._browser.send("Extensions.triggerAction", {"id": self.extension, "targetId": tabs[0]})
        return self.popup(page)

    def popup(self, page: Page) -> Popup:
        """Return the popup that is open, or that opens soon."""
        deadline = time.monotonic() + 20
        while not (targets := self._popups()):
            assert time.monotonic() < deadline, "no popup opened"
            page.wait_for_timeout(50)
        popup = Popup(self._browser, targets[0], page)
        deadline = time.monotonic() + 20
        while not popup.evaluate("document.getElementById('content')?.childElementCount"):
            assert time.monotonic() < deadline, "the popup stays empty"
            page.wait_for_timeout(50)
        return popup

    def press_key(self, page: Page) -> None:
        """Press the extension's key while a page is in front."""
        self._grant(page)
        self._tell(page, "chrome.commands.onCommand.dispatch('save-selection', tab)")

    def choose_entry(self, page: Page, **info: Any) -> None:  # noqa: ANN401  as chrome.contextMenus.OnClickData
        """Choose the extension's entry of the context menu over a selection."""
        self._grant(page)
        given = json.dumps({"menuItemId": "save-selection", "editable": False, "pageUrl": page.url, **info})
        self._tell(page, f"chrome.contextMenus.onClicked.dispatch({given}, tab)")

    def pair(self, window: Page) -> None:
        """Pair with the window in a tab."""
        popup = self.press_button(window)
        popup.wait_for("Did you open this window")
        popup.press("Pair")
        popup.wait_for("Forget")
        self._close_popups()

    def install(self, folder: Path) -> None:
        """Install the extension into the running browser, whose pages are open already."""
        self._browser.send("Extensions.loadUnpacked", {"path": str(folder)})
        assert self.extension

    def waiting(self) -> list[dict[str, Any]]:
        """Return the selections that wait."""
        found: list[dict[str, Any]] = self.background.evaluate(
            "chrome.storage.session.get(null).then((kept) => Object.values(kept))"
        )
        return found

    def dismiss_popup(self, page: Page) -> str:
        """Wait for the popup that the extension opens, close it, and return what it said."""
        said = self.popup(page).text
        self._close_popups()
        return said

    def _grant(self, page: Page) -> None:
        self.press_button(page)
        self._close_popups()

    def _tell(self, page: Page, event: str) -> None:
        """Let an event of the browser reach the extension, about the tab of a page."""
        find = f"(tabs) => tabs.find((tab) => tab.url === {json.dumps(page.url)})"
        self.background.evaluate(f"chrome.tabs.query({{}}).then({find}).then((tab) => {event})")

    def _active_tabs(self, url: str) -> list[str]:
        tabs = self._browser.send("Target.getTargets", {"filter": [{"type": "tab"}]})["targetInfos"]
        return [
            each["targetId"]
            for each in tabs
            if each["url"] == url and each.get("embedderData", {}).get("tabActive")
        ]

    def _popups(self) -> list[str]:
        targets = self._browser.send("Target.getTargets")["targetInfos"]
        return [
            each["targetId"]
            for each in targets
            if each["url"].startswith("chrome-extension://") and "/popup.html" in each["url"]
        ]

    def _close_popups(self) -> None:
        for target in self._popups():
            self._browser.send("Target.closeTarget", {"targetId": target})
        deadline = time.monotonic() + 10
        while self._popups():
            assert time.monotonic() < deadline, "the popup does not close"
            self.context.pages[0].wait_for_timeout(20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()
