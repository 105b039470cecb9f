"""Opening a share in the system's Chromium on a first visit, until the text is on screen.

Nothing is cached; the service is a process of its own on a directory; both run on this machine. The peer is the least
that a browser can do: a page of nginx whose one script fetches the same text unencrypted and displays it as it is. Both
send `Cross-Origin-Opener-Policy`, so both start in a process of their own, as a link from another site does.
"""

import gzip
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.publishing import Publisher
from tests.browser.timing import QUIET_FLAG, Times, open_cold, text_of

from bench import report
from bench.service import nginx
from bench.service.process import Service
from satchel_service.page.assets import asset, manifest, names, template

SIZES: Final = {"100 KB of Python": 100_000, "5 MB of Python": 5_000_000}
HTML: Final = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/a.js"></script><pre elementtiming="satchel:screen"></pre>'
SCRIPT: Final = """
const response = await fetch(`/${location.hash.slice(1)}.txt`, { cache: "no-store" });
const text = await response.text();
performance.mark("satchel:body");
performance.mark("satchel:piece");
document.querySelector("pre").textContent = text;
performance.mark("satchel:text");
"""


def run(rounds: int) -> list[report.Row]:
    """Return one row for each size of text."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        service = stack.enter_context(Service(folder / "cloud"))
        owner = Publisher(service.url, service.pairing_code())
        bare = stack.enter_context(bare_pages(folder))
        driver = stack.enter_context(sync_playwright())
        flags = [*FLAGS, QUIET_FLAG]
        chromium = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=flags)
        rows = [measure(owner, chromium, name, address, rounds) for name, address in bare.items()]
        chromium.close()
        return rows


@contextmanager
def bare_pages(folder: Path) -> Iterator[dict[str, str]]:
    """Serve bare pages with the same texts; yield their addresses."""
    files = folder / "files"
    files.mkdir()
    (files / "index.html").write_text(HTML)
    (files / "a.js").write_text(SCRIPT)
    for size in SIZES.values():
        (files / f"{size}.txt").write_text(text_of(size))
    with nginx.serving(files, folder) as address:
        yield {name: f"{address}/index.html#{size}" for name, size in SIZES.items()}


def measure(owner: Publisher, chromium: Browser, name: str, bare: str, rounds: int) -> report.Row:
    """Open a share and the bare page in pairs, each with an empty cache."""
    share = owner.share(text_of(SIZES[name]), title=name, language="python").link
    open_pair(chromium, share, bare, 0)  # warm up: the service reads its files, the browser its program
    pairs = [open_pair(chromium, share, bare, number) for number in range(rounds)]
    ours, theirs = ({key: [one[key] for one in side] for key in side[0]} for side in zip(*pairs, strict=True))
    return {
        "share": name,
        "body arrived, ms": middle(ours["body"]),
        "decrypted, ms": middle(ours["piece"]),
        "in the document, ms": f"{middle(ours['text'])} (bare page {middle(theirs['text'])})",
        "on screen, ms": f"{middle(ours['screen'])} (bare page {middle(theirs['screen'])})",
        "ratio on screen": spread(ours["screen"], theirs["screen"]),
        "ratio in the document": spread(ours["text"], theirs["text"]),
        "main thread, ms of processor time": f"{middle(ours['cpu'])} (bare page {middle(theirs['cpu'])})",
        "bytes with gzip": str(bytes_of_first_visit()),
    }


def open_pair(chromium: Browser, share: str, bare: str, number: int) -> tuple[Times, Times]:
    """Open both pages; the order alternates."""
    if number % 2:
        theirs, ours = open_cold(chromium, bare), open_cold(chromium, share)
    else:
        ours, theirs = open_cold(chromium, share), open_cold(chromium, bare)
    return ours, theirs


def middle(values: list[float]) -> str:
    """Format a median."""
    return f"{statistics.median(values):.0f}"


def spread(ours: list[float], theirs: list[float]) -> str:
    """Format the median of the ratios, with their quartiles."""
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    low, median, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return f"{median:.2f} ({low:.2f} to {high:.2f})"


def bytes_of_first_visit() -> int:
    """Return the size of everything that a first visit loads, compressed."""
    first = {manifest().script, manifest().style}
    first |= {name for name in names() if name.startswith(("worker-", "chunk-"))}
    inline = len(gzip.compress(template("prefetch.js").encode()))
    return inline + sum(len(file.gzipped) for file in map(asset, first) if file is not None)
