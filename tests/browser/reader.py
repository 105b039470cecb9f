"""A person with a browser: opens links, looks, and notes everything that the page does behind the scenes."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request

ARTEFACTS: Final = Path(__file__).parents[1] / "artefacts" / "browser"
GUIDE: Final = Path(__file__).parents[2] / "docs" / "guides" / "pictures"
WIDTH: Final = 1200
HEIGHT: Final = 800
# Runs before anything of the page: notes every violation of the policy, and every script that should not run.
WATCH: Final = """
window.offences = [];
window.pwned = () => window.offences.push("an injected script ran");
addEventListener("securitypolicyviolation", (e) => window.offences.push(`policy: ${e.violatedDirective} ${e.blockedURI}`));
"""


AT_REST: Final = """new Promise((done) => {
    let timer = setTimeout(done, 200);
    const again = () => { clearTimeout(timer); timer = setTimeout(done, 200); };
    new MutationObserver(again).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
})"""


class Reader:
    """One browser profile with one tab."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.requests: list[Request] = []
        self.complaints: list[str] = []
        self.expected: set[str] = set()
        context.add_init_script(WATCH)
        context.on("request", lambda request: self.requests.append(request))  # noqa: PLW0108  a method is no handler
        context.on("console", self._note)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        self.page: Page = context.new_page()

    @classmethod
    @contextmanager
    def arrive(cls, browser: Browser, **options: Any) -> Iterator[Self]:  # noqa: ANN401  Playwright's own options
        """A fresh profile with these properties; Playwright's names."""
        settings = {"viewport": {"width": WIDTH, "height": HEIGHT}, "locale": "en-GB", **options}
        context = browser.new_context(**settings)
        try:
            yield cls(context)
        finally:
            context.close()

    def open(self, link: str) -> None:
        """Follow a link, as if it was clicked in a message."""
        self.page.goto("about:blank")
        self.page.goto(link)

    def sees(self, text: str) -> Locator:
        """Wait until a text is visible."""
        found = self.page.get_by_text(text).filter(visible=True).first
        found.wait_for(state="visible", timeout=15_000)
        return found

    def heading(self) -> str:
        """The heading of what is shown, once there is one."""
        heading = self.page.locator("h1")
        heading.wait_for(timeout=15_000)
        return heading.inner_text()

    def settled_heading(self) -> str:
        """The heading once the card with the button to open has gone."""
        self.page.locator("form button.primary").wait_for(state="detached")
        return self.heading()

    def read(self, link: str) -> str:
        """Open a link and wait for the Piece; its heading."""
        self.open(link)
        self.page.locator("article.piece").wait_for(timeout=20_000)
        self.settle()
        return self.heading()

    def until(self, claim: str, *, patience_s: float = 30.0) -> None:
        """Wait until a JavaScript expression holds, looking at every frame.

        Playwright's own way evaluates strings in the page, which the page's policy forbids.
        """
        look = f"new Promise((seen) => requestAnimationFrame(() => seen(Boolean({claim}))))"
        deadline = time.monotonic() + patience_s
        while not self.page.evaluate(look):
            assert time.monotonic() < deadline, f"it did not come true: {claim}"

    def settle(self) -> None:
        """Wait until what is in the document is also on the screen."""
        self.page.evaluate("new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))")

    def rest(self) -> None:
        """Wait until nothing in the document has changed for a moment: words, colours and pictures are there."""
        self.page.wait_for_load_state("load")
        self.page.evaluate(AT_REST)

    @property
    def code(self) -> Locator:
        return self.page.locator(".code")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def shows(self, name: str, *, full: bool = True) -> None:
        """Keep a picture of what is seen, for people to look at; on demand also those that the guides show."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        picture = ARTEFACTS / f"{name}.png"
        self.page.screenshot(path=picture, full_page=full, animations="disabled")
        if os.environ.get("SATCHEL_UPDATE_PICTURES") and (GUIDE / picture.name).exists():
            shutil.copy(picture, GUIDE)

    def offences(self) -> list[str]:
        """What the page did that its policy forbids, and what ran that should not."""
        found: list[str] = self.page.evaluate("window.offences ?? []")
        return found + [text for text in self.complaints if not any(part in text for part in self.expected)]

    def assert_innocent(self) -> None:
        found = self.offences()
        assert not found, found

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")
