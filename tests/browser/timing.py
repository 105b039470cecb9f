"""How long somebody waits who never saw the page before: the times of one opening, as the browser took them."""

import random
from typing import Final

from playwright.sync_api import Browser
from tests.browser.reader import Reader
from tests.browser.samples import PYTHON

# From the start of the navigation: when the body had arrived, when it was decrypted and read, when text was in the
# document, and when the browser had painted it.
TIMES: Final = """new Promise((done) => requestAnimationFrame(() => setTimeout(() => {
    const at = (name) => performance.getEntriesByName(name)[0].startTime;
    const paint = performance.getEntriesByType("paint").at(-1)?.startTime ?? 0;
    done({ body: at("satchel:body"), piece: at("satchel:piece"), text: at("satchel:text"), paint });
}, 50)))"""


def text_of(size: int) -> str:
    """Real source text without repeats that a packer could use up: lines in an order of their own."""
    lines = PYTHON.splitlines(keepends=True)
    source, text = random.Random(5), []
    length = 0
    while length < size:
        line = source.choice(lines).rstrip("\n") + f"  # {source.getrandbits(40):x}\n"
        text.append(line)
        length += len(line)
    return "".join(text)


def opened_cold(chromium: Browser, link: str) -> dict[str, float]:
    """The times of one opening with an empty cache, in ms.

    `cpu` is what the page's main thread computed until there was text; unlike the others, it hardly depends on what
    else the machine does.
    """
    with Reader.arrive(chromium) as reader:
        counters = reader.context.new_cdp_session(reader.page)
        counters.send("Performance.enable", {"timeDomain": "threadTicks"})
        reader.page.goto(link, wait_until="commit")
        reader.page.locator(".row").first.wait_for()
        metrics = {one["name"]: one["value"] for one in counters.send("Performance.getMetrics")["metrics"]}
        times: dict[str, float] = reader.page.evaluate(TIMES)
        reader.assert_innocent()
    return times | {"cpu": metrics["TaskDuration"] * 1000}
