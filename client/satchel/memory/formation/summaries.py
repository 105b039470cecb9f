"""Days and weeks in a few lines, made from the titles and outcomes of their episodes."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final

from satchel.memory.model import Episode, Summary, SummaryKind

MOST_TITLES: Final = 6  # of a repository in a day
ELSEWHERE: Final = "elsewhere"
_LATEST_MS: Final = 253_370_764_800_000  # 9999-01-01: the calendar ends with that year


def summarize(episodes: Iterable[Episode], zone: dt.tzinfo) -> list[Summary]:
    """Return the summaries of the days and weeks in which episodes began, by the calendar of a time zone."""
    days: dict[dt.date, list[Episode]] = {}
    for episode in sorted(episodes, key=lambda one: (one.start_ms, one.end_ms, one.title)):
        days.setdefault(day_of(episode.start_ms, zone), []).append(episode)
    weeks: dict[dt.date, list[Episode]] = {}
    for day, found in days.items():
        weeks.setdefault(day - dt.timedelta(days=day.weekday()), []).extend(found)
    return [
        *(_summary("day", day, 1, found, zone) for day, found in days.items()),
        *(_summary("week", day, 7, found, zone) for day, found in weeks.items()),
    ]


def day_of(at_ms: int, zone: dt.tzinfo) -> dt.date:
    """Return the day of a time; the nearest that has a week around it for a clock that was far off."""
    return dt.datetime.fromtimestamp(min(max(at_ms, 0), _LATEST_MS) / 1000, zone).date()


def weight_of(episode: Episode) -> float:
    """Return how much an episode matters among others: commits, commands, and what was finished."""
    commits, commands = len(episode.commits), len(episode.commands)
    return 3 * commits + commands + len(episode.events) / 20 + (episode.outcome == "done")


def by_repository(episodes: Iterable[Episode]) -> list[tuple[str, list[Episode]]]:
    """Return the episodes of each repository, the one with the most weight first."""
    found: dict[str, list[Episode]] = {}
    for episode in episodes:
        found.setdefault(episode.repository, []).append(episode)
    return sorted(found.items(), key=lambda item: -sum(map(weight_of, item[1])))


def name_of(repository: str) -> str:
    """Return the short name of a repository."""
    return PurePosixPath(repository).name or ELSEWHERE


def _summary(
    kind: SummaryKind, day: dt.date, days: int, episodes: Sequence[Episode], zone: dt.tzinfo
) -> Summary:
    ranked = by_repository(episodes)
    return Summary(
        kind,
        _start_ms(day, zone),
        _start_ms(day + dt.timedelta(days=days), zone),
        _title(ranked),
        "\n".join(_line(name_of(repository), found) for repository, found in ranked),
    )


def _start_ms(day: dt.date, zone: dt.tzinfo) -> int:
    return round(dt.datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)


def _title(ranked: Sequence[tuple[str, list[Episode]]]) -> str:
    names = [name_of(repository) for repository, _ in ranked]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _line(name: str, episodes: Sequence[Episode]) -> str:
    best = sorted(episodes, key=lambda one: (-weight_of(one), one.start_ms))[:MOST_TITLES]
    titles = dict.fromkeys(one.title for one in sorted(best, key=lambda one: one.start_ms))
    counts = Counter(one.outcome for one in episodes)
    failed = f" ({counts['failed']} failed)" if counts["failed"] else ""
    more = len(episodes) - len(best)
    return f"{name}: {'; '.join(titles)}{f'; {more} more' if more > 0 else ''}{failed}"
