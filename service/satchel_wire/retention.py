"""Which backups a retention keeps: a decision from times alone, because the service cannot read a backup.

The service applies it; the client uses it to say which backup goes next.

    kept = select_kept(Policy(last=7, daily=7, weekly=4, monthly=12), backups)

The retention applies to each device's backups separately. Days, ISO weeks and months are those of UTC.
"""

from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class Policy(NamedTuple):
    """How many backups are kept: the last ones, and the newest of so many days, weeks and months with backups."""

    last: int
    daily: int
    weekly: int
    monthly: int


class Dated(NamedTuple):
    """A backup and its time of commit, in milliseconds since 1970."""

    created: int
    id: str


# The last ones keep several backups of one day; with one a day, they are the daily ones.
DEFAULT: Final = Policy(last=7, daily=7, weekly=4, monthly=12)


def select_kept(policy: Policy, backups: Iterable[Dated]) -> frozenset[str]:
    """Return the ids of the backups of one device that the retention keeps. The newest is always one of them.

    Pruning after every backup keeps the same backups as pruning once at the end.
    """
    newest_first = sorted(backups, reverse=True)
    kept = {backup.id for backup in newest_first[: max(1, policy.last)]}
    for count, period in ((policy.daily, _day), (policy.weekly, _week), (policy.monthly, _month)):
        kept |= _newest_of_periods(newest_first, count, period)
    return frozenset(kept)


def select_displaced(policy: Policy, backups: Iterable[Dated], at: int) -> str | None:
    """Return the id of the first backup of one device that another one, committed at a time, would displace.

    The time is in milliseconds since 1970. None if nothing would go.
    """
    existing = sorted(backups)
    kept = select_kept(policy, [*existing, Dated(at, "")])
    return next((backup.id for backup in existing if backup.id not in kept), None)


def _newest_of_periods(
    newest_first: list[Dated], count: int, period: Callable[[datetime], Hashable]
) -> set[str]:
    """Return the newest backup of each of the last `count` periods that have one."""
    found: dict[Hashable, str] = {}
    for backup in newest_first:
        key = period(_EPOCH + backup.created * _MILLISECOND)
        if key not in found:
            if len(found) == count:
                break
            found[key] = backup.id
    return set(found.values())


def _day(time: datetime) -> Hashable:
    return time.date()


def _week(time: datetime) -> Hashable:
    return time.isocalendar()[:2]


def _month(time: datetime) -> Hashable:
    return time.year, time.month
