"""Time expressions mean the spans that a person would expect, in the local time zone, and leave the rest alone."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.memory.time_expressions import find_time, local_now, local_time
from satchel.memory.time_expressions.vocabulary import MONTHS, WEEKDAYS

BERLIN: Final = ZoneInfo("Europe/Berlin")
NOW: Final = dt.datetime(2026, 11, 18, 15, 30, tzinfo=BERLIN)  # a Wednesday

# The expression, and the span: dates, or "NOW" for until now.
TABLE: Final = """
today | 2026-11-18 | 2026-11-19
yesterday | 2026-11-17 | 2026-11-18
the day before yesterday | 2026-11-16 | 2026-11-17
this morning | 2026-11-18 04:00 | 2026-11-18 12:00
this afternoon | 2026-11-18 12:00 | 2026-11-18 18:00
yesterday morning | 2026-11-17 04:00 | 2026-11-17 12:00
yesterday evening | 2026-11-17 17:00 | 2026-11-17 23:00
last night | 2026-11-17 18:00 | 2026-11-18 04:00
tonight | 2026-11-18 18:00 | 2026-11-19 04:00
3 days ago | 2026-11-15 | 2026-11-16
three days ago | 2026-11-15 | 2026-11-16
a couple of days ago | 2026-11-16 | 2026-11-17
a few days ago | 2026-11-13 | 2026-11-17
2 weeks ago | 2026-11-02 | 2026-11-09
two weeks ago | 2026-11-02 | 2026-11-09
a couple of weeks ago | 2026-11-02 | 2026-11-09
a month ago | 2026-10-01 | 2026-11-01
6 months ago | 2026-05-01 | 2026-06-01
half a year ago | 2026-05-01 | 2026-06-01
2 years ago | 2024-01-01 | 2025-01-01
3d ago | 2026-11-15 | 2026-11-16
an hour ago | 2026-11-18 13:45 | 2026-11-18 15:15
half an hour ago | 2026-11-18 14:45 | 2026-11-18 15:15
two Mondays ago | 2026-11-09 | 2026-11-10
this week | 2026-11-16 | 2026-11-23
last week | 2026-11-09 | 2026-11-16
the previous week | 2026-11-09 | 2026-11-16
the week before last | 2026-11-02 | 2026-11-09
the last week | 2026-11-11 | NOW
in the past week | 2026-11-11 | NOW
the last 3 days | 2026-11-15 | NOW
the past two weeks | 2026-11-04 | NOW
the last few days | 2026-11-14 | NOW
the last 24 hours | 2026-11-17 15:30 | NOW
the last hour | 2026-11-18 14:30 | NOW
this month | 2026-11-01 | 2026-12-01
last month | 2026-10-01 | 2026-11-01
this year | 2026-01-01 | 2027-01-01
last year | 2025-01-01 | 2026-01-01
this quarter | 2026-10-01 | 2027-01-01
last quarter | 2026-07-01 | 2026-10-01
last weekend | 2026-11-14 | 2026-11-16
over the weekend | 2026-11-14 | 2026-11-16
last Tuesday | 2026-11-17 | 2026-11-18
on Tuesday | 2026-11-17 | 2026-11-18
on Wednesday | 2026-11-11 | 2026-11-12
last Wednesday | 2026-11-11 | 2026-11-12
this Monday | 2026-11-16 | 2026-11-17
on Friday | 2026-11-13 | 2026-11-14
Friday afternoon | 2026-11-13 12:00 | 2026-11-13 18:00
Tuesday last week | 2026-11-10 | 2026-11-11
last week on Tuesday | 2026-11-10 | 2026-11-11
Thursday of last week | 2026-11-12 | 2026-11-13
the Monday before last | 2026-11-09 | 2026-11-10
last March | 2026-03-01 | 2026-04-01
in March | 2026-03-01 | 2026-04-01
in December | 2025-12-01 | 2026-01-01
in November | 2026-11-01 | 2026-12-01
last November | 2025-11-01 | 2025-12-01
in March 2025 | 2025-03-01 | 2025-04-01
March of last year | 2025-03-01 | 2025-04-01
in May | 2026-05-01 | 2026-06-01
early March | 2026-03-01 | 2026-03-11
mid-March | 2026-03-11 | 2026-03-21
at the end of March | 2026-03-22 | 2026-04-01
the beginning of last week | 2026-11-09 | 2026-11-11
the first week of March | 2026-03-01 | 2026-03-08
the last week of March | 2026-03-25 | 2026-04-01
the first Monday of March | 2026-03-02 | 2026-03-03
the first half of 2025 | 2025-01-01 | 2025-07-01
on 3 March | 2026-03-03 | 2026-03-04
on March 3rd | 2026-03-03 | 2026-03-04
on the 3rd of March | 2026-03-03 | 2026-03-04
on the third of March, 2025 | 2025-03-03 | 2025-03-04
on March 3, 2025 | 2025-03-03 | 2025-03-04
on 24 December | 2025-12-24 | 2025-12-25
on the 3rd | 2026-11-03 | 2026-11-04
on the 25th | 2026-10-25 | 2026-10-26
on Tuesday, 3 March | 2026-03-03 | 2026-03-04
on 29 February | 2024-02-29 | 2024-03-01
2025-03-03 | 2025-03-03 | 2025-03-04
on 2025-03-03 | 2025-03-03 | 2025-03-04
in 2025-03 | 2025-03-01 | 2025-04-01
2025-W10 | 2025-03-03 | 2025-03-10
on 31.12.2025 | 2025-12-31 | 2026-01-01
on 3/31/2026 | 2026-03-31 | 2026-04-01
on 12/3/2026 | 2026-03-12 | 2026-03-13
in 2025 | 2025-01-01 | 2026-01-01
in Q1 | 2026-01-01 | 2026-04-01
in Q4 2025 | 2025-10-01 | 2026-01-01
the third quarter of 2025 | 2025-07-01 | 2025-10-01
Q2 last year | 2025-04-01 | 2025-07-01
in week 10 | 2026-03-02 | 2026-03-09
last summer | 2026-06-01 | 2026-09-01
in the summer of 2025 | 2025-06-01 | 2025-09-01
the week of 3 March | 2026-03-02 | 2026-03-09
the week of March 3rd | 2026-03-02 | 2026-03-09
the week before 3 March | 2026-02-24 | 2026-03-03
two days before Christmas | 2025-12-22 | 2025-12-23
since Monday | 2026-11-16 | NOW
since yesterday | 2026-11-17 | NOW
since last week | 2026-11-09 | NOW
since March | 2026-03-01 | NOW
since 2025-03-03 | 2025-03-03 | NOW
since this morning | 2026-11-18 04:00 | NOW
from Monday on | 2026-11-16 | NOW
after 3 March | 2026-03-04 | NOW
before March | 1970-01-01 | 2026-03-01
until Monday | 1970-01-01 | 2026-11-17
between Monday and Wednesday | 2026-11-09 | 2026-11-12
between Monday and Wednesday last week | 2026-11-09 | 2026-11-12
from Monday to Friday | 2026-11-09 | 2026-11-14
from Monday to Tuesday | 2026-11-16 | 2026-11-18
from yesterday to today | 2026-11-17 | 2026-11-19
between 3 and 7 March | 2026-03-03 | 2026-03-08
between March 3 and March 7 | 2026-03-03 | 2026-03-08
March 3-7 | 2026-03-03 | 2026-03-08
from March to May 2025 | 2025-03-01 | 2025-06-01
from November to February | 2025-11-01 | 2026-03-01
between 2025-03-01 and 2025-03-15 | 2025-03-01 | 2025-03-16
2025-03-01 to 2025-03-15 | 2025-03-01 | 2025-03-16
from 3 March 2025 to 7 April | 2025-03-03 | 2025-04-08
on Monday and Tuesday | 2026-11-16 | 2026-11-18
yesterday between 2 and 4 pm | 2026-11-17 14:00 | 2026-11-17 16:00
between 2pm and 4pm yesterday | 2026-11-17 14:00 | 2026-11-17 16:00
yesterday from 9 to 11 | 2026-11-17 09:00 | 2026-11-17 11:00
yesterday at 3pm | 2026-11-17 14:30 | 2026-11-17 16:00
yesterday at 3 | 2026-11-17 14:30 | 2026-11-17 16:00
yesterday at 15:30 | 2026-11-17 15:00 | 2026-11-17 15:45
at 9am | 2026-11-18 08:30 | 2026-11-18 10:00
at 5pm | 2026-11-17 16:30 | 2026-11-17 18:00
since 9am | 2026-11-18 09:00 | NOW
before noon today | 2026-11-18 | 2026-11-18 12:00
around 3 March | 2026-03-01 | 2026-03-06
around noon yesterday | 2026-11-17 11:00 | 2026-11-17 13:00
yesterday at about 4 pm | 2026-11-17 15:00 | 2026-11-17 17:00
on Monday at around 10 | 2026-11-16 09:00 | 2026-11-16 11:00
about 15:30 yesterday | 2026-11-17 14:30 | 2026-11-17 16:30
the last working day | 2026-11-17 | 2026-11-18
the end of last month | 2026-10-22 | 2026-11-01
the end of the week | 2026-11-13 | 2026-11-16
the other day | 2026-11-11 | 2026-11-18
a fortnight ago | 2026-11-02 | 2026-11-09
the last fortnight | 2026-11-04 | NOW
this time last week | 2026-11-11 | 2026-11-12
the 15th of last month | 2026-10-15 | 2026-10-16
late last week | 2026-11-13 | 2026-11-16
last year in March | 2025-03-01 | 2025-04-01
during the summer | 2026-06-01 | 2026-09-01
two or three days ago | 2026-11-15 | 2026-11-17
2-3 weeks ago | 2026-10-26 | 2026-11-09
3-5 November | 2026-11-03 | 2026-11-06
week commencing 2 November | 2026-11-02 | 2026-11-09
yesterday after 3pm | 2026-11-17 15:00 | 2026-11-18
after 3 pm on Monday | 2026-11-16 15:00 | 2026-11-17
after 3pm last Friday | 2026-11-13 15:00 | 2026-11-14
before 10 am yesterday | 2026-11-17 | 2026-11-17 10:00
until 10:30 on 3 March | 2026-03-03 | 2026-03-03 10:30
since 3 pm yesterday | 2026-11-17 15:00 | NOW
after 2026-11-16T15:00 | 2026-11-16 15:00 | NOW
before Monday 3pm | 1970-01-01 | 2026-11-16 15:00
before 8 am | 2026-11-18 | 2026-11-18 08:00
after 11pm | 2026-11-17 23:00 | 2026-11-18
after 5pm last week | 2026-11-09 | 2026-11-16
before lunch yesterday | 2026-11-17 | 2026-11-17 12:00
yesterday after lunch | 2026-11-17 13:00 | 2026-11-18
after about 3 pm yesterday | 2026-11-17 15:00 | 2026-11-18
until lunch on Monday | 2026-11-16 | 2026-11-16 13:00
after dinner on 3 March | 2026-03-03 20:00 | 2026-03-04
before midnight last night | 2026-11-17 18:00 | 2026-11-18
after 10 pm last night | 2026-11-17 22:00 | 2026-11-18 04:00
yesterday before noon | 2026-11-17 | 2026-11-17 12:00
at 9 this morning | 2026-11-18 08:30 | 2026-11-18 10:00
at 8 yesterday evening | 2026-11-17 19:30 | 2026-11-17 21:00
from 10 to 12 this morning | 2026-11-18 10:00 | 2026-11-18 12:00
between nine and eleven yesterday | 2026-11-17 09:00 | 2026-11-17 11:00
between 9am and noon on Monday | 2026-11-16 09:00 | 2026-11-16 12:00
"""
ROWS: Final = [tuple(part.strip() for part in line.split("|")) for line in TABLE.strip().splitlines()]

NO_TIMES: Final = (
    "what did I do before the release",
    "how did I fix the last commit",
    "where is the second parser",
    "why may the build fail",
    "the march through the institutions",
    "what broke at step 3 may be the cache",
    "the error in yesterday.py and test_monday.py",
    "last time the tests ran",
    "on the 3rd attempt",
    "port 2025 is in use",
    "the last 3 commits",
    "change the sun icon, sat next to it",
    "what did the first two runs print",
    "in spring boot",
    "utf-8 decoding of 1-2 bytes",
    "the week of the release",
    "H1 heading styles",
    "the morning standup script",
    "night mode of the editor",
    "the lunch menu of the canteen",
    "about 4 bugs of the parser",
    "since v1.2 it fails",
    "between the parser and the lexer",
    "a day in the life",
    "how to use datetime.today",
    "",
)


def wall(text: str) -> dt.datetime:
    return (
        NOW + dt.timedelta(minutes=1)
        if text == "NOW"
        else dt.datetime.fromisoformat(text).replace(tzinfo=BERLIN)
    )


def shown(at_ms: int) -> str:
    return dt.datetime.fromtimestamp(at_ms / 1000, BERLIN).isoformat(" ", "minutes")


@pytest.mark.parametrize(("words", "start", "end"), ROWS, ids=[row[0] for row in ROWS])
def test_an_expression_means_its_span(words: str, start: str, end: str) -> None:
    for question in (
        words, f"what did I do {words}", f"{words}, what did I do?", f"did I fix the parser {words} in repo satchel?",
    ):  # fmt: skip
        found = find_time(question, NOW)
        assert found.span is not None, question
        got = (shown(found.span.start_ms), shown(found.span.end_ms))
        assert got == (
            shown(round(wall(start).timestamp() * 1000)),
            shown(round(wall(end).timestamp() * 1000)),
        ), question


@pytest.mark.parametrize("question", NO_TIMES)
def test_other_words_are_no_times(question: str) -> None:
    found = find_time(question, NOW)
    assert (found.span, found.words, found.rest) == (None, "", question)


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("what did I try against the flaky test last week", "what did I try against the flaky test"),
        ("last week's flaky test", "flaky test"),
        ("Yesterday, which hosts did I log in to?", "which hosts did I log in to?"),
        ("the deploy on Monday in repo shop", "the deploy in repo shop"),
        ("what broke back in March?", "what broke?"),
        ("commits since Monday so far", "commits"),
        ("what did I do between Monday and Wednesday with docker", "what did I do with docker"),
        ("the bug of last Tuesday", "the bug"),
        ("the release over the last 3 days, please", "the release, please"),
    ],
)
def test_the_rest_is_the_question_without_the_time(question: str, rest: str) -> None:
    assert find_time(question, NOW).rest == rest


@pytest.mark.parametrize(
    ("question", "now", "hours"),
    [
        ("on 29 March 2026", NOW, 23),  # clocks are set forward in Berlin
        ("on 25 October 2026", NOW, 25),
        ("yesterday", dt.datetime(2026, 3, 30, 8, tzinfo=BERLIN), 23),
        ("last week", dt.datetime(2026, 10, 26, 0, 1, tzinfo=BERLIN), 169),
        ("on 29 March 2026", NOW.astimezone(dt.UTC), 24),
    ],
)
def test_days_with_a_change_of_clocks_have_their_length(question: str, now: dt.datetime, hours: int) -> None:
    span = find_time(question, now).span
    assert span is not None
    assert span.end_ms - span.start_ms == hours * 3_600_000


@pytest.mark.parametrize(
    ("question", "now", "start"),
    [
        # clocks were set from 2:00 to 3:00
        ("the last 3 hours", "2026-03-29 04:00+02:00", "2026-03-29 00:00+01:00"),
        ("2 hours ago", "2026-03-29 04:00+02:00", "2026-03-29 00:15+01:00"),
        # clocks were set from 3:00 to 2:00
        ("the last 3 hours", "2026-10-25 04:00+01:00", "2026-10-25 02:00+02:00"),
        ("the last hour", "2026-10-25 02:30+01:00", "2026-10-25 02:30+02:00"),
        ("the last 24 hours", "2026-10-25 12:00+01:00", "2026-10-24 13:00+02:00"),
    ],
)
def test_hours_are_counted_across_a_change_of_clocks(question: str, now: str, start: str) -> None:
    asked = dt.datetime.fromisoformat(now)
    span = find_time(question, asked.astimezone(BERLIN)).span
    assert span is not None
    assert dt.datetime.fromtimestamp(span.start_ms / 1000, dt.UTC) == dt.datetime.fromisoformat(start)


def test_what_lasts_until_now_has_the_second_of_two_equal_hours() -> None:
    now = dt.datetime.fromisoformat("2026-10-25 02:30+01:00")
    for question in ("since yesterday", "today so far", "since 1:00", "earlier today"):
        span = find_time(question, now.astimezone(BERLIN)).span
        assert span is not None
        assert span.end_ms == round(now.timestamp() * 1000) + 60_000


def test_the_day_is_that_of_the_owner_and_not_of_utc() -> None:
    tokyo = dt.datetime(2026, 11, 18, 0, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    span = find_time("today", tokyo).span
    assert span is not None
    assert dt.datetime.fromtimestamp(span.start_ms / 1000, dt.UTC) == dt.datetime(
        2026, 11, 17, 15, tzinfo=dt.UTC
    )


def test_the_zone_of_the_system_is_used_with_its_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        winter = round(NOW.timestamp() * 1000)
        span = find_time("on 1 July", local_time(winter)).span
        assert span is not None
        assert shown(span.start_ms) == "2026-07-01 00:00+02:00"
        assert local_time(winter).isoformat() == NOW.isoformat()
        second = dt.datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)
        assert local_time(round(second.timestamp() * 1000)).timestamp() == second.timestamp()
        assert abs((local_now() - dt.datetime.now(dt.UTC)).total_seconds()) < 60
    finally:
        monkeypatch.undo()
        time.tzset()


_SOME: Final = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [*WEEKDAYS, *MONTHS, "may", "last", "this", "the", "of", "before", "after", "between", "and", "to", "from", "on", "week", "weeks", "day", "month", "ago", "3", "31", "2025", "2024-02-30", "99999", "first", "end", "half", "at", "3pm", "25:61", "q3", "since", "yesterday", "1/2/3", "31/31/2025", "2025-W54", "9999-12-31", "couple", "few", "10000", "years", "0", "weekend", "-", "..", "'25", "second", "quarter", "morning", "year", "christmas", "easter", "monday", "ago", "earlier", "so", "far", "late", "thing", "1.5", "hours", "just", "recent", "days", "w42", "3/4", "20261301", "14-nov-2025", "2026-11-16T15:00Z", "summer", "past", "quarter", "than", "less", "working", "today", "by", "noon", "ytd"]
    ),
)  # fmt: skip


@given(
    words=st.lists(_SOME, max_size=12),
    now=st.integers(2 * 365 * 86_400, 230 * 365 * 86_400),
    zone=st.sampled_from([BERLIN, dt.UTC]),
)
def test_any_question_is_read_without_failing(words: list[str], now: int, zone: dt.tzinfo) -> None:
    question = " ".join(words)
    found = find_time(question, dt.datetime.fromtimestamp(now, zone))
    if found.span is None:
        assert found.rest == question.strip()
    else:
        assert found.span.start_ms < found.span.end_ms
        assert found.words in question
