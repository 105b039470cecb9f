"""The time until text is readable with an empty cache, and smoothness with large texts.

Figures are written to tests/artefacts/browser/times.json. The limits are loose, since the machine may be busy; they
only catch regressions by a factor.
"""

import json
import statistics
from typing import Any, Final

import pytest
from playwright.sync_api import Browser
from tests.browser.publishing import Publisher
from tests.browser.reader import ARTEFACTS, Reader
from tests.browser.timing import open_cold, text_of

ROUNDS: Final = 5


@pytest.mark.parametrize(("name", "size", "limit_ms"), [("100 KB", 100_000, 400), ("5 MB", 5_000_000, 1_000)])
def test_opening_a_share_takes_little_processor_time(
    owner: Publisher, chromium: Browser, name: str, size: int, limit_ms: int
) -> None:
    share = owner.share(text_of(size), title=name, language="python")
    open_cold(chromium, share.link)
    rounds = [open_cold(chromium, share.link) for _ in range(ROUNDS)]
    medians = {key: round(statistics.median(one[key] for one in rounds), 1) for key in rounds[0]}
    medians["decrypting"] = round(statistics.median(one["piece"] - one["body"] for one in rounds), 1)
    record(name, medians | {"best screen": round(min(one["screen"] for one in rounds), 1)})
    assert medians["cpu"] < limit_ms


def record(name: str, figures: dict[str, float]) -> None:
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    path = ARTEFACTS / "times.json"
    recorded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps({**recorded, name: figures}, indent=1) + "\n", encoding="utf-8")


LONGEST_TASK: Final = """() => { window.longest = 0; new PerformanceObserver((list) => {
    for (const task of list.getEntries()) longest = Math.max(longest, task.duration);
}).observe({ type: "longtask", buffered: true }); }"""


def test_scrolling_through_five_megabytes_is_smooth(owner: Publisher, reader: Reader) -> None:
    text = text_of(5_000_000)
    lines = text.count("\n")
    reader.read(owner.share(text, title="large", language="python").link)
    reader.page.evaluate(LONGEST_TASK)
    reader.page.evaluate("longest = 0")
    for part in range(1, 9):
        reader.page.evaluate(f"scrollTo(0, document.documentElement.scrollHeight * {part / 8})")
        reader.page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        is_visible = "[...document.querySelectorAll('.row')].some(r => { const b = r.getBoundingClientRect(); return b.bottom > 0 && b.top < innerHeight })"
        reader.wait_until(is_visible)
    assert reader.page.locator(".row").last.get_attribute("data-line") == str(lines)
    assert reader.page.locator(".row").count() < 5_000, "only blocks near the viewport have rows"
    reader.wait_until("document.querySelector('.block:last-child .row [class^=t-]')", timeout_s=60)
    longest = reader.page.evaluate("longest")
    record("5 MB, longest task while scrolling", {"ms": longest})
    assert longest < 1_000
    assert reader.page.evaluate("window.find('Module difflib')") is True, "all of the text is in the document"


def test_a_link_to_a_line_of_a_large_text_scrolls_there(owner: Publisher, reader: Reader) -> None:
    text = text_of(3_000_000)
    line = text.count("\n") // 2
    reader.read(owner.share(text, language="python").link + f":L{line}")
    row = reader.page.locator(f'.row.selected[data-line="{line}"]')
    row.wait_for()
    reader.wait_until(
        "(() => { const b = document.querySelector('.selected').getBoundingClientRect(); return b.top > 0 && b.bottom < innerHeight })()"
    )
    assert row.inner_text() == text.splitlines()[line - 1]


@pytest.mark.parametrize("language", ["json", "javascript", ""])
def test_a_very_long_line_is_readable(owner: Publisher, reader: Reader, language: str) -> None:
    text = json.dumps([{"id": n, "name": f"item {n}"} for n in range(60_000)])
    assert "\n" not in text
    reader.read(owner.share(text, language=language).link)
    reader.wait_for_text("item 1")
    reader.button("Wrap").click(timeout=5_000)
    content = reader.page.locator(".code").evaluate("code => code.textContent")
    assert content.replace("\n", "") == text
