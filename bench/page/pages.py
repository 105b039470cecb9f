"""The share page in the system's Chromium, for somebody who never saw it before: until the text can be read.

Nothing is cached, the service is a process of its own on a directory, both on this machine. Beside it stands the least
that a browser can do: a page of nginx whose one script fetches the same text, unencrypted, and shows it as it is. Both
come with `Cross-Origin-Opener-Policy`, so that each begins in a process of its own, as a link from another site does.
"""

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.publishing import Publisher
from tests.browser.timing import open_cold, text_of

from bench import report
from bench.service import nginx
from bench.service.process import Service
from satchel_service.page.assets import asset, manifest, names

SIZES: Final = {"100 KB of Python": 100_000, "5 MB of Python": 5_000_000}
HTML: Final = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="/a.js"></script><pre elementtiming="satchel:screen"></pre>'
SCRIPT: Final = """
const answer = await fetch(`/${location.hash.slice(1)}.txt`, { cache: "no-store" });
const text = await answer.text();
performance.mark("satchel:body");
performance.mark("satchel:piece");
document.querySelector("pre").textContent = text;
performance.mark("satchel:text");
"""


def run(rounds: int) -> list[report.Row]:
    """One row for each size of text."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        service = stack.enter_context(Service(folder / "cloud"))
        owner = Publisher(service.url, service.pairing_code())
        bare = stack.enter_context(bare_pages(folder))
        driver = stack.enter_context(sync_playwright())
        chromium = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(FLAGS))
        rows = [opened(owner, chromium, name, address, rounds) for name, address in bare.items()]
        chromium.close()
        return rows


@contextmanager
def bare_pages(folder: Path) -> Iterator[dict[str, str]]:
    """The addresses of pages of nginx that show the same texts."""
    files = folder / "files"
    files.mkdir()
    (files / "index.html").write_text(HTML)
    (files / "a.js").write_text(SCRIPT)
    for size in SIZES.values():
        (files / f"{size}.txt").write_text(text_of(size))
    with nginx.serving(files, folder) as address:
        yield {name: f"{address}/index.html#{size}" for name, size in SIZES.items()}


def opened(owner: Publisher, chromium: Browser, name: str, bare: str, rounds: int) -> report.Row:
    """Open a share of this size and the bare page in turn, each time with an empty cache."""
    share = owner.share(text_of(SIZES[name]), title=name, language="python")
    open_cold(chromium, share.link)  # the service has read its files, the browser its program
    pairs = [(open_cold(chromium, share.link), open_cold(chromium, bare)) for _ in range(rounds)]
    middle = {key: statistics.median(ours[key] for ours, _ in pairs) for key in pairs[0][0]}
    ratio = statistics.median(ours["text"] / theirs["text"] for ours, theirs in pairs)
    bare_cpu = statistics.median(theirs["cpu"] for _, theirs in pairs)
    return {
        "share": name,
        "body arrived, ms": f"{middle['body']:.0f}",
        "decrypted and read, ms": f"{middle['piece']:.0f}",
        "text in the document, ms": f"{middle['text']:.0f} (best {min(ours['text'] for ours, _ in pairs):.0f})",
        "bare page, ms": f"{statistics.median(theirs['text'] for _, theirs in pairs):.0f}",
        "ratio": f"{ratio:.1f}",
        "of which the page computed, ms": f"{middle['cpu']:.0f} (bare page {bare_cpu:.0f})",
        "page, worker and style with gzip, bytes": str(waited_for()),
    }


def waited_for() -> int:
    """The bytes that a first reader waits for, as they are sent."""
    first = {manifest().script, manifest().style}
    first |= {name for name in names() if name.startswith(("worker-", "chunk-"))}
    return sum(len(file.gzipped) for file in map(asset, first) if file is not None)
