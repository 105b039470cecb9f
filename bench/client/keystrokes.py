"""Search as you type, in the window: from each key until the frame with its results is on screen.

The stores hold snippets of this machine's source files, with tags from their folders and changed over three years. The
window is `satchel open` in a process of its own, and the page is in the system's Chromium. Real words of the snippets
are typed letter by letter, at the pace of a quick typist. Chromium's trace has the times: the key, the request, its
end, the rows in the document (the page's own mark), and the frame that shows them. A key whose results a later key
replaced counts until the later results are on screen.

The stores take turns with each query. The peer is the same page whose requests are answered at once, without any
server: the least that a key can take here.
"""

import datetime as dt
import json
import os
import random
import re
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast

from playwright.sync_api import Browser, Page, sync_playwright
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.timing import QUIET_FLAG
from tests.support.device import Device
from tests.support.window import WindowProcess, window_of

from bench.client.search import DRAFTS_AT_ONCE, SEED, Row, _word, drafts
from bench.measure import p95
from satchel.index import Index, parse
from satchel.index.ranking import rank_every_match
from satchel.store import Draft, Store
from satchel.window.endpoints.finding import filters, find, typed_query
from satchel.window.messages.base import Nothing
from satchel.window.messages.pieces import FindRequest, Kind
from satchel.window.session import Session

SIZES: Final = (10_000, 100_000)
AT_ONCE: Final = 0  # instead of a size: the page that is answered at once
MEASURED: Final = (*SIZES, AT_ONCE)
QUERIES: Final = int(os.environ.get("BENCH_KEYSTROKE_QUERIES", "10"))  # of each kind
STORES: Final = os.environ.get("BENCH_KEYSTROKE_STORES", "")
"""A folder that keeps the stores for the next run."""
PACE_MS: Final = 120  # between two keys: 100 words a minute
SETTLE_MS: Final = 700  # after a query, until its matches are counted
SPAN_DAYS: Final = 1_095
PAGE: Final = 10  # matches of a first page that are compared
ROWS: Final = 18  # that the page asks for at first, in Chromium's usual window
STAGES: Final = ("page", "server", "connection", "drawing", "frame")
CATEGORIES: Final = (
    "devtools.timeline",
    "blink.user_timing",
    "disabled-by-default-devtools.timeline.frame",
)

_SERVER: Final = re.compile(r"satchel:took:([0-9.]+)")
# Answers searches in the page, with the rows of one real answer.
_AT_ONCE: Final = """(answer) => {
    const { fetch } = window;
    window.fetch = (path, options) => path === "/api/find"
        ? Promise.resolve(new Response(answer, { headers: { "content-type": "application/json" } }))
        : fetch(path, options);
}"""


@dataclass(frozen=True, slots=True)
class Key:
    """What one key took, in ms: until the frame, and by stage."""

    screen: float
    stages: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Typed:
    """A query to type, and the filters that are set before."""

    text: str
    filters: Mapping[str, str] = field(default_factory=dict)


def run(rounds: int) -> list[Row]:
    """One row for each kind of query and for all, and rows for the stages and the memory of the server."""
    with ExitStack() as stack:
        folder = Path(STORES or stack.enter_context(tempfile.TemporaryDirectory(prefix="satchel-bench-")))
        homes = {size: grown(folder, size) for size in SIZES}
        queries = {kind: list(islice(made, QUERIES)) for kind, made in _kinds(homes[SIZES[0]]).items()}
        windows = {size: stack.enter_context(WindowProcess(Device(home))) for size, home in homes.items()}
        driver = stack.enter_context(sync_playwright())
        flags = [*FLAGS, QUIET_FLAG]
        chromium = driver.chromium.launch(executable_path=CHROMIUM, headless=True, args=flags)
        keys = _typed(chromium, windows, queries, rounds)
        memory = {size: _peak_mib(window.process.pid) for size, window in windows.items()}
        chromium.close()
        work = {size: _processor_ms(home, queries) for size, home in homes.items()}
        agreed = {kind: _agreement(homes[SIZES[-1]], some) for kind, some in queries.items()}
    rows = [_row(kind, {size: keys[size, kind] for size in MEASURED}) for kind in queries]
    all_keys = {size: [key for kind in queries for key in keys[size, kind]] for size in MEASURED}
    for row, (same, share) in zip(rows, agreed.values(), strict=True):
        row["same first page"], row["same Pieces"] = same, share
    return [*rows, _row("**all**", all_keys), *_stage_rows(all_keys), _work_row(work), _memory_row(memory)]


# -- the stores -----------------------------------------------------------------------------------


def grown(folder: Path, size: int) -> Path:
    """Fill a store of this size, unless the folder has it."""
    home = folder / str(size)
    if home.exists():
        return home
    chooser = random.Random(SEED)
    now = dt.datetime.now(dt.UTC)
    moments = sorted(now - dt.timedelta(days=chooser.random() * SPAN_DAYS) for _ in range(size))
    clock = iter(moments)
    Store.create(home).close()
    source = islice(drafts(), size)
    with Store.open(home, clock=lambda: next(clock, now)) as store:
        while some := [_tagged(draft) for draft in islice(source, DRAFTS_AT_ONCE)]:
            for _ in store.add_many(some):
                pass
    with Store.open(home) as store, Index.open(home, store) as index:
        index.update()
    return home


def _tagged(draft: Draft) -> Draft:
    """Return a draft with the names of its file's folders as tags."""
    location = draft.source.location if draft.source else ""
    parts = [part for part in Path(location).parent.parts[2:] if part.isidentifier()]
    return replace(draft, tags=tuple(dict.fromkeys(parts[-3:])))


# -- what is typed ----------------------------------------------------------------------------------


def _kinds(home: Path) -> dict[str, Iterator[Typed]]:
    chooser = random.Random(SEED)
    with Store.open(home, read_only=True) as store:
        pieces = chooser.sample(list(store.pieces()), 8 * QUERIES)
        texts = [store.content(piece.id).decode() for piece in pieces]
    tags = [piece.tags[-1] for piece in pieces if piece.tags] or [""]

    def words(count: int) -> str:
        text = chooser.choice(texts)
        return " ".join(_word(text, chooser) for _ in range(count))

    def typed(make: Callable[[], Typed]) -> Iterator[Typed]:
        while True:
            yield make()

    return {
        "a word": typed(lambda: Typed(words(1))),
        "two words": typed(lambda: Typed(words(2))),
        "three words": typed(lambda: Typed(words(3))),
        "a language and a word": typed(lambda: Typed(words(1), {"language": "python"})),
        "a tag and a word": typed(lambda: Typed(words(1), {"tag": chooser.choice(tags)})),
        "a kind and a word": typed(lambda: Typed(words(1), {"kind": "code"})),
        "a time and a word": typed(lambda: Typed(words(1), {"time": "year"})),
    }


# -- typing -----------------------------------------------------------------------------------------


def _typed(
    chromium: Browser,
    windows: Mapping[int, WindowProcess],
    queries: Mapping[str, list[Typed]],
    rounds: int,
) -> dict[tuple[int, str], list[Key]]:
    """Type every query in every window, and in a page that is answered at once."""
    keys: dict[tuple[int, str], list[Key]] = defaultdict(list)
    with ExitStack() as stack:
        pages = {size: stack.enter_context(_opened(chromium, window)) for size, window in windows.items()}
        pages[AT_ONCE] = stack.enter_context(_opened(chromium, windows[SIZES[0]], pages[SIZES[0]]))
        _answer_at_once(pages[AT_ONCE])
        for _ in range(rounds):
            for kind, some in queries.items():
                for query in some:
                    for size, page in pages.items():
                        keys[size, kind] += _keys_of(chromium, page, query)
    return keys


@contextmanager
def _opened(chromium: Browser, window: WindowProcess, beside: Page | None = None) -> Iterator[Page]:
    """Open the window, in the profile of another page if there is one already."""
    context = beside.context if beside else chromium.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{window.port}/" if beside else window.url)
    page.locator(".piece-row").first.wait_for()
    page.wait_for_timeout(SETTLE_MS)
    yield page
    page.close()


def _answer_at_once(page: Page) -> None:
    with page.expect_response("**/api/find") as asked:
        page.locator("#search").fill("return")  # at once: a further key would abort the request
    answer = asked.value.text()
    page.wait_for_timeout(SETTLE_MS)
    page.evaluate(_AT_ONCE, answer)


def _keys_of(chromium: Browser, page: Page, query: Typed) -> list[Key]:
    """Type a query, and read from the trace what each key took."""
    page.bring_to_front()
    _filter(page, query.filters)
    page.locator("#search").fill("")
    page.locator("#search").focus()
    page.wait_for_timeout(SETTLE_MS)
    chromium.start_tracing(page=page, categories=list(CATEGORIES))
    page.keyboard.type(query.text, delay=PACE_MS)
    page.wait_for_timeout(SETTLE_MS)
    return list(keys_in(json.loads(chromium.stop_tracing())["traceEvents"]))


def _filter(page: Page, filters: Mapping[str, str]) -> None:
    clear = page.locator("button.clear")
    if clear.count():
        clear.click()
    for name in ("language", "kind", "time"):
        if filters.get(name):
            page.locator(f"#filter-{name}").select_option(filters[name])
    if filters.get("tag"):
        page.locator("#filter-tag").fill(filters["tag"])
        page.locator("#filter-tag").press("Enter")


# -- the trace --------------------------------------------------------------------------------------

Event = Mapping[str, Any]


def keys_in(events: list[Event]) -> Iterator[Key]:
    """Yield what each key took that changed the query."""
    ordered = sorted((one for one in events if "ts" in one), key=lambda one: one["ts"])
    pressed = [
        one for one in ordered if one["name"] == "EventDispatch" and _data(one).get("type") == "keydown"
    ]
    drawn = [one for one in ordered if one["name"] == "satchel:found"]
    for key in pressed:
        mark = next((one for one in drawn if one["ts"] > key["ts"]), None)
        shown = mark and _frame_after(ordered, mark)
        if mark and shown:
            stages = _stages(ordered, key["ts"], mark["ts"], shown)
            yield Key((shown - key["ts"]) / 1000, stages)


def _frame_after(ordered: list[Event], mark: Event) -> float | None:
    """Return when the first frame that was committed after a mark was on screen."""
    renderer = [
        one for one in ordered if one["pid"] == mark["pid"] and one["ts"] >= mark["ts"] and "id2" in one
    ]
    commit = next((one for one in renderer if one["name"] == "Commit" and one["ph"] == "b"), None)
    if commit is None:
        return None
    ends = (
        one["ts"]
        for one in renderer
        if one["name"] == "PipelineReporter"
        and one["ph"] == "e"
        and one["id2"] == commit["id2"]
        and one["ts"] >= commit["ts"]
    )
    return next(ends, None)


def _stages(ordered: list[Event], pressed: float, drawn: float, shown: float) -> dict[str, float]:
    """Return the times of the stages of a key whose own request was answered; none if a later one was."""
    between = [one for one in ordered if pressed <= one["ts"] <= drawn]
    sent = [
        one for one in between if one["name"] == "ResourceSendRequest" and _data(one)["url"].endswith("/find")
    ]
    took = [one for one in between if _SERVER.fullmatch(one["name"])]
    if len(sent) != 1 or len(took) != 1:
        return {}
    named = _data(sent[0])["requestId"]
    ends = [
        one["ts"] for one in between if one["name"] == "ResourceFinish" and _data(one)["requestId"] == named
    ]
    found = _SERVER.fullmatch(took[0]["name"])
    if not ends or found is None:
        return {}
    server = float(found[1]) * 1000
    times = (
        sent[0]["ts"] - pressed,
        server,
        ends[0] - sent[0]["ts"] - server,
        drawn - ends[0],
        shown - drawn,
    )
    return {name: time / 1000 for name, time in zip(STAGES, times, strict=True)}


def _data(event: Event) -> Mapping[str, Any]:
    found: Mapping[str, Any] = event.get("args", {}).get("data", {})
    return found


# -- the rows ---------------------------------------------------------------------------------------


def _row(kind: str, keys: Mapping[int, list[Key]]) -> Row:
    row = {"typed": kind}
    for size, some in keys.items():
        row[_column(size)] = _spread([key.screen for key in some])
    *_, small, large = SIZES
    slow = {size: p95([key.screen for key in some]) for size, some in keys.items()}
    row["p95 beside answered at once"] = f"{slow[large] / slow[AT_ONCE]:.1f} ×"
    row[f"p95 beside {small:,}"] = f"{slow[large] / slow[small]:.1f} ×"
    return row


def _column(size: int) -> str:
    name = "answered at once" if size == AT_ONCE else f"{size:,} Pieces"
    return f"{name}: p50, p95, most, ms"


def _stage_rows(keys: Mapping[int, list[Key]]) -> list[Row]:
    rows = []
    for stage in STAGES:
        row = {"typed": f"of these: {stage}"}
        for size, some in keys.items():
            times = [key.stages[stage] for key in some if key.stages]
            row[_column(size)] = _spread(times) if times else ""
        rows.append(row)
    return rows


def _processor_ms(home: Path, queries: Mapping[str, list[Typed]]) -> list[float]:
    """Return the processor time that the server needs for each letter, which other work on the machine hardly changes."""
    window = window_of(home, Session.begin(0))
    filters(window.call("filters"), Nothing())  # as a window does at its start
    times = []
    for some in queries.values():
        for query in some:
            for length in range(1, len(query.text) + 1):
                began = time.thread_time()
                find(window.call("find"), _request(query, length))
                times.append((time.thread_time() - began) * 1000)
    window.close()
    return times


def _work_row(work: Mapping[int, list[float]]) -> Row:
    found = {_column(size): _spread(times) for size, times in work.items()}
    return {"typed": "processor time of the server", **found}


def _memory_row(memory: Mapping[int, float]) -> Row:
    found = {_column(size): f"{mib:.0f} MiB" for size, mib in memory.items()}
    return {"typed": "most memory of the server", **found}


def _spread(times: list[float]) -> str:
    return f"{statistics.median(times):.0f}, {p95(times):.0f}, {max(times):.0f}"


def _peak_mib(pid: int) -> float:
    found = re.search(r"VmHWM:\s+([0-9]+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def _agreement(home: Path, queries: list[Typed]) -> tuple[str, str]:
    """Return at how many letters the first page is that of ranking every match, and which share of it is right."""
    if any(query.filters.keys() - {"language", "tag"} for query in queries):
        return "", ""  # the same candidates, of which some are left out
    with Store.open(home, read_only=True) as store, Index.open(home, store) as index:
        shares = [
            _share(index, _request(query, length))
            for query in queries
            for length in range(1, len(query.text) + 1)
        ]
    same = sum(share == 1 for share in shares) / len(shares)
    return f"{same:.0%}", f"{statistics.mean(shares):.0%}"


def _request(query: Typed, length: int) -> FindRequest:
    tag, kind = query.filters.get("tag"), query.filters.get("kind")
    since = dt.datetime.now(dt.UTC) - dt.timedelta(days=366) if query.filters.get("time") else None
    return FindRequest(
        query=query.text[:length],
        language=query.filters.get("language", ""),
        tags=(tag,) if tag else (),
        kind=cast("Kind | None", kind),
        since=since.isoformat() if since else None,
        limit=ROWS,
        lines=1,
        is_counted=False,
    )


def _share(index: Index, request: FindRequest) -> float:
    """Return which share of the best matches the first page has."""
    query = typed_query(request)
    found = {ulid for ulid, _ in index.matches(query, ROWS)[:PAGE]}
    rank = partial(rank_every_match, index._connection, parse(query), PAGE)  # noqa: SLF001
    best = {ulid for ulid, _ in rank()}
    return len(found & best) / len(best) if best else float(not found)
