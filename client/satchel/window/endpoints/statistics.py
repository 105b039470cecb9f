"""The view See: how the store grew, and what is in it."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from satchel.pieces.model import moment
from satchel.store.database import Row, rows
from satchel.window.calls import Call
from satchel.window.messages.pieces import Counted
from satchel.window.messages.records import Growth, LanguageShare, Statistics, StatisticsRequest

MAX_TAGS: Final = 50
# Each period with the revisions that were made in it: how many, how many of them first ones, and their size.
_GROWTH: Final = (
    "SELECT {period} AS period, count(*), sum(r.number = 1), sum(r.size_bytes)"
    " FROM revisions AS r GROUP BY 1 ORDER BY 1"
)
_PERIODS: Final[dict[str, str]] = {
    "day": "date(r.at / 1000, 'unixepoch')",
    "week": "date(r.at / 1000, 'unixepoch', '-6 days', 'weekday 1')",
    "month": "date(r.at / 1000, 'unixepoch', 'start of month')",
}


def statistics(call: Call, request: StatisticsRequest) -> Statistics:
    """Return how the store grew, and what is in it."""
    core = call.core
    with core.open_store(read_only=True) as store:
        call.window.catalogue.refresh(store)
        with store.snapshot() as connection:
            periods = rows(connection, _GROWTH.format(period=_PERIODS[request.by]))
    growth = tuple(_growth(periods))
    _, tags, kinds = call.window.catalogue.counts()
    return Statistics(
        pieces=len(call.window.catalogue),
        revisions=sum(each.revisions for each in growth),
        content_bytes=sum(entry.size_bytes for entry in call.window.catalogue.entries()),
        store_bytes=_size(core.home / "store.db"),
        index_bytes=_size(core.home / "index.db"),
        oldest=growth[0].start if growth else None,
        growth=growth,
        languages=_languages(call),
        kinds=_counted(kinds, len(kinds)),
        tags=_counted(tags, MAX_TAGS),
    )


def _growth(periods: Iterable[Row]) -> Iterable[Growth]:
    """Yield the periods with something new, and how many Pieces were saved until their end."""
    total = 0
    for start, revisions, pieces, size_bytes in periods:
        total += pieces
        at = dt.datetime.fromisoformat(start).replace(tzinfo=dt.UTC)
        yield Growth(start=moment(at), pieces=pieces, revisions=revisions, total=total, bytes=size_bytes)


def _languages(call: Call) -> tuple[LanguageShare, ...]:
    pieces, sizes = Counter[str | None](), Counter[str | None]()
    for entry in call.window.catalogue.entries():
        pieces[entry.language] += 1
        sizes[entry.language] += entry.size_bytes
    ordered = sorted(pieces.items(), key=lambda one: (-one[1], one[0] or ""))
    return tuple(LanguageShare(language=name, pieces=count, bytes=sizes[name]) for name, count in ordered)


def _counted(found: Counter[str], most: int) -> tuple[Counted, ...]:
    ordered = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Counted(name=name, count=count) for name, count in ordered[:most])


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
