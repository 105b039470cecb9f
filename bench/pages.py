"""The share page in the system's Chromium, for somebody who never saw it before: until the text can be read.

Nothing is cached, the service is a process of its own on a directory, both on this machine.
"""

import statistics
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.publishing import Publisher
from tests.browser.timing import opened_cold, text_of

from bench import report
from bench.service import Service
from satchel_service.page.assets import asset, manifest, names

SIZES: Final = {"100 KB of Python": 100_000, "5 MB of Python": 5_000_000}


def run(rounds: int) -> list[report.Row]:
    """One row for each size of text."""
    with (
        tempfile.TemporaryDirectory() as text,
        Service(Path(text) / "cloud") as service,
        sync_playwright() as driver,
    ):
        owner = Publisher(service.url, service.pairing_code())
        chromium = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(FLAGS))
        rows = [opened(owner, chromium, name, size, rounds) for name, size in SIZES.items()]
        chromium.close()
        return rows


def opened(owner: Publisher, chromium: Browser, name: str, size: int, rounds: int) -> report.Row:
    """Open a share of this size again and again, each time with an empty cache."""
    share = owner.share(text_of(size), title=name, language="python")
    opened_cold(chromium, share.link)  # the service has read its files, the browser its program
    times = [opened_cold(chromium, share.link) for _ in range(rounds)]
    middle = {key: statistics.median(one[key] for one in times) for key in times[0]}
    return {
        "share": name,
        "body arrived, ms": f"{middle['body']:.0f}",
        "decrypted and read, ms": f"{middle['piece']:.0f}",
        "text in the document, ms": f"{middle['text']:.0f} (best {min(one['text'] for one in times):.0f})",
        "of which the page computed, ms": f"{middle['cpu']:.0f}",
        "page, worker and style with gzip, bytes": str(waited_for()),
    }


def waited_for() -> int:
    """The bytes that a first reader waits for, as they are sent."""
    first = {
        manifest().script,
        manifest().style,
        *(name for name in names() if name.startswith(("worker-", "chunk-"))),
    }
    return sum(len(file.gzipped) for file in map(asset, first) if file is not None)
