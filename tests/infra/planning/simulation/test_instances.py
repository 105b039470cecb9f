"""The books of one instance, compared with a second, slower account of the same arrivals."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from satchel_infra.planning.simulation.arrivals import HOUR_US, KINDS, Act
from satchel_infra.planning.simulation.instances import BILLED_US, serve
from satchel_infra.planning.simulation.tally import Tally

HOURS = 3
END_US = HOURS * HOUR_US


@dataclass
class Account:
    """What the slow account finds. Spans are pairs of times."""

    awake: list[tuple[int, int]] = field(default_factory=list)
    busy: list[tuple[int, int]] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)


def slow_account(
    arrivals: list[tuple[int, int]], acts: list[Act], idle_us: int, starts: list[int]
) -> Account:
    """Follow each act on its own: list when it is in progress, then derive the spans from the list."""
    found, drawn, free = Account(), iter(starts), 0
    progress: list[tuple[int, int]] = []
    began: list[int] = []
    for time_us, kind in arrivals:
        asleep = not progress or time_us >= max(end for _, end in progress) + idle_us
        if asleep:
            began.append(len(progress))
            free = time_us + next(drawn)
        begins = max(time_us, free)
        free = begins + acts[kind].work_us
        found.waits.append(begins - time_us)
        progress.append((time_us, max(begins + acts[kind].caller_us, free)))
    for first, following in pairwise([*began, len(progress)]):
        spans = progress[first:following]
        found.awake.append((spans[0][0], max(end for _, end in spans) + idle_us))
        found.busy += union(spans)
    return found


def union(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans in which anything is in progress. Spans that touch are one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


TIMES = st.lists(st.integers(0, END_US - 1), max_size=40)
ACTS = st.lists(
    st.builds(Act, st.integers(1, 9), st.integers(0, 400_000_000), st.integers(0, 90_000_000)),
    min_size=KINDS,
    max_size=KINDS,
)


@settings(max_examples=200, deadline=None)
@given(
    TIMES, ACTS, st.integers(0, 900_000_000), st.lists(st.integers(0, 60_000_000), min_size=40, max_size=40)
)
def test_the_books_agree_with_the_slow_account(
    times: list[int], acts: list[Act], idle_us: int, starts: list[int]
) -> None:
    arrived = [(time_us, place % KINDS) for place, time_us in enumerate(sorted(times))]
    expected = slow_account(arrived, acts, idle_us, starts)
    tally, drawn = Tally(HOURS), iter(starts)
    serve(
        [time_us * KINDS + kind for time_us, kind in arrived],
        acts,
        idle_us=idle_us,
        start=lambda: next(drawn),
        tally=tally,
    )
    assert tally.acts == len(arrived)
    assert tally.requests == sum(acts[kind].requests for _, kind in arrived)
    assert tally.cold_starts == len(expected.awake)
    assert tally.awake_us == sum(min(end, END_US) - start for start, end in expected.awake)
    assert tally.busy_us == sum(end - start for start, end in expected.busy)
    assert tally.billed_us == sum(-(-(end - start) // BILLED_US) * BILLED_US for start, end in expected.busy)
    assert tally.waited_us == sum(expected.waits)
    assert +tally.waits_ms == Counter(-(-wait // 1000) for wait in expected.waits if wait)
    assert tally.awake_peak <= 1


@settings(max_examples=100, deadline=None)
@given(TIMES, st.integers(0, 900_000_000))
def test_hours_add_up_to_the_whole(times: list[int], idle_us: int) -> None:
    tally = Tally(HOURS)
    arrived = [time_us * KINDS for time_us in sorted(times)]
    serve(arrived, [Act(2, 5, 5)] * KINDS, idle_us=idle_us, start=lambda: 7, tally=tally)
    assert sum(tally.acts_by_hour) == tally.acts
    assert sum(tally.starts_by_hour) == tally.cold_starts
    assert sum(tally.awake_us_by_hour) == tally.awake_us
    assert all(0 <= each <= HOUR_US for each in tally.awake_us_by_hour)
    assert tally.acts - tally.waits_ms.total() <= tally.acts - tally.cold_starts
