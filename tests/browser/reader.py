"""A reader with a browser, which opens links and records everything that the page does."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    Response,
    Route,
)
from tests.support.waiting import wait_until

ARTEFACTS: Final = Path(__file__).parents[1] / "artefacts" / "browser"
GUIDE: Final = Path(__file__).parents[2] / "docs" / "guides" / "pictures"
WIDTH: Final = 1200
HEIGHT: Final = 800
# Runs before the page's own scripts: records policy violations and injected scripts that ran.
RECORD_VIOLATIONS: Final = """
window.violations = [];
window.pwned = () => window.violations.push("an injected script ran");
addEventListener("securitypolicyviolation", (e) => window.violations.push(`policy: ${e.violatedDirective} ${e.blockedURI}`));
"""
# Resolves once the document has not changed for 200 ms.
AT_REST: Final = """new Promise((done) => {
    let timer = setTimeout(done, 200);
    const again = () => { clearTimeout(timer); timer = setTimeout(done, 200); };
    new MutationObserver(again).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
})"""


def write_small(picture: Path, target: Path) -> None:
    """Write a picture for the guides, which readers download: with 256 colours, in less than half the bytes."""
    from PIL import Image

    with Image.open(picture) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)


def _described(response: Response) -> str:
    """Return the status and path of a failed request, and the response body if the browser still has it."""
    body = ""
    with suppress(Error):
        body = response.text()
    return f"{response.status} {urlsplit(response.url).path} {body}"


def hold(page: Page, *addresses: str | re.Pattern[str]) -> list[Route]:
    """Hold back the requests of these addresses. The list grows with each; `continue_` lets one go on."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    for address in addresses:
        page.route(address, keep)
    return held


def wait_for_requests(page: Page, held: list[Route], count: int) -> None:
    """Wait until so many requests are held back. Asking the page lets Playwright hand them over."""
    wait_until(lambda: page.evaluate("1") == 1 and len(held) == count)


class Reader:
    """A browser profile with one tab.

    `expected` holds parts of console messages that the test expects; any other error fails it.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.requests: list[Request] = []
        self.errors: list[str] = []
        self.expected: set[str] = set()
        self.failed: list[Response] = []
        context.add_init_script(RECORD_VIOLATIONS)
        context.on("request", lambda request: self.requests.append(request))  # noqa: PLW0108  Playwright rejects built-in methods
        context.on("console", self._record)
        context.on("response", self._note_failure)
        context.on("weberror", lambda error: self.errors.append(f"uncaught: {error.error}"))
        self.page: Page = context.new_page()

    @classmethod
    @contextmanager
    def create(cls, browser: Browser, **options: Any) -> Iterator[Self]:  # noqa: ANN401  Playwright's own options
        """Create a reader with a new profile; the options are Playwright's."""
        settings = {"viewport": {"width": WIDTH, "height": HEIGHT}, "locale": "en-GB", **options}
        context = browser.new_context(**settings)
        try:
            yield cls(context)
        finally:
            context.close()

    def open(self, link: str) -> None:
        """Open a link in a fresh document."""
        self.page.goto("about:blank")
        self.page.goto(link)

    def wait_for_text(self, text: str) -> Locator:
        """Wait until text is visible."""
        element = self.page.get_by_text(text).filter(visible=True).first
        element.wait_for(state="visible")
        return element

    def heading(self) -> str:
        """Return the heading, once there is one."""
        heading = self.page.locator("h1")
        heading.wait_for()
        return heading.inner_text()

    def heading_after_opening(self) -> str:
        """Return the heading, once the card with the button is gone."""
        self.page.locator("form button.primary").wait_for(state="detached")
        return self.heading()

    def read(self, link: str) -> str:
        """Open a link, wait for the Piece and return its heading."""
        self.open(link)
        self.page.locator("article.piece").wait_for()
        self.wait_for_frame()
        return self.heading()

    def wait_until(self, condition: str, *, timeout_s: float = 30.0) -> None:
        """Wait until a JavaScript expression is true, checked at every frame.

        Playwright's own method evaluates strings in the page, which the page's policy forbids.
        """
        check = f"new Promise((done) => requestAnimationFrame(() => done(Boolean({condition}))))"
        deadline = time.monotonic() + timeout_s
        while not self.page.evaluate(check):
            assert time.monotonic() < deadline, f"timed out waiting for: {condition}"

    def wait_for_frame(self) -> None:
        """Wait until the document is on screen."""
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def wait_until_settled(self) -> None:
        """Wait until the document stops changing: messages, colours and images have loaded."""
        self.page.wait_for_load_state("load")
        self.page.evaluate(AT_REST)

    @property
    def code(self) -> Locator:
        return self.page.locator(".code")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def change_language_twice(self, first: str, last: str) -> None:
        """Choose a language, and another one while the first is still loading; return once both have arrived."""
        pattern = f"**/assets/{first}-*.js"
        held = hold(self.page, pattern)
        with self.page.expect_request(pattern):
            self.page.locator("#language").select_option(first)
        self.page.locator("#language").select_option(last)
        with self.page.expect_response(pattern):
            for route in held:
                route.continue_()
        self.page.unroute(pattern)
        self.page.evaluate(AT_REST)

    def screenshot(self, name: str, *, full: bool = True) -> None:
        """Save a screenshot. With SATCHEL_UPDATE_PICTURES set, update those in the guides as well."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        path = ARTEFACTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=full, animations="disabled")
        if os.environ.get("SATCHEL_UPDATE_PICTURES") and (GUIDE / path.name).exists():
            write_small(path, GUIDE / path.name)

    def violations(self) -> list[str]:
        """Return policy violations, injected scripts that ran, and unexpected errors."""
        found: list[str] = self.page.evaluate("window.violations ?? []")
        return found + [text for text in self.errors if not any(part in text for part in self.expected)]

    def assert_no_violations(self) -> None:
        found = self.violations()
        assert not found, (found, [_described(response) for response in self.failed])

    def _note_failure(self, response: Response) -> None:
        if response.status >= HTTPStatus.BAD_REQUEST:
            self.failed.append(response)

    def _record(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(f"{message.type}: {message.text}")
