"""Times of one opening with an empty cache, as the browser measures them."""

import random
from typing import Final

from playwright.sync_api import Browser
from tests.browser.reader import Reader
from tests.browser.samples import PYTHON

Times = dict[str, float]
# Keeps Chromium from loading user interface of its own in the background, for seconds after each new window. The list
# replaces Playwright's, which it includes.
QUIET_FLAG: Final = (
    "--disable-features=AimEnabled,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,PaintHolding,"
    "PreconnectToSearch,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,WebUIOmniboxPopup"
)
# Reports on the console when the text was on screen (the element that both pages name for this). Waiting for an
# element instead would run Playwright's own script in the page while it loads.
REPORT_SCREEN: Final = """new PerformanceObserver((list) => {
    window.screenTime = list.getEntries()[0].renderTime;
    console.debug("on screen");
}).observe({ type: "element", buffered: true })"""
# From the start of the navigation: when the body had arrived, when it was decrypted and parsed, when the text was in
# the document, and when it was on screen.
TIMES: Final = """[...["body", "piece", "text"].map((name) =>
    performance.getEntriesByName(`satchel:${name}`)[0].startTime), window.screenTime]"""


def text_of(size: int) -> str:
    """Return source text that barely compresses: lines of real code in random order, each with a random comment."""
    lines = PYTHON.splitlines(keepends=True)
    source, text = random.Random(5), []
    length = 0
    while length < size:
        line = source.choice(lines).rstrip("\n") + f"  # {source.getrandbits(40):x}\n"
        text.append(line)
        length += len(line)
    return "".join(text)


def open_cold(chromium: Browser, link: str) -> Times:
    """Open a link in a new profile and return its times in ms.

    `cpu` is the processor time of the page's main thread until the text was on screen. Unlike the others, it hardly
    depends on what else the machine does.
    """
    with Reader.create(chromium) as reader:
        reader.context.add_init_script(REPORT_SCREEN)
        metrics = reader.context.new_cdp_session(reader.page)
        metrics.send("Performance.enable", {"timeDomain": "threadTicks"})
        with reader.page.expect_console_message(lambda message: message.text == "on screen"):
            reader.page.goto(link, wait_until="commit")
        found = {one["name"]: one["value"] for one in metrics.send("Performance.getMetrics")["metrics"]}
        times = dict(zip(("body", "piece", "text", "screen"), reader.page.evaluate(TIMES), strict=True))
        reader.assert_no_violations()
    return times | {"cpu": found["TaskDuration"] * 1000}
