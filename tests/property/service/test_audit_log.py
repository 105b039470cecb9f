"""The audit log between the service that writes it and the device that verifies it.

The service's own code appends, prunes and pages in a database with the real schema; the client's own code verifies.
"""

from datetime import UTC
from typing import Any, Final

import apsw
import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from satchel.cloud.audit_log import PAGES_IN_PASSING, AuditReading, BrokenLogError, follow, link_of
from satchel.errors import SatchelError
from satchel_service.audit import CLOUD, Who, by_device, record
from satchel_service.audit import pages as pages_module
from satchel_service.audit.pages import read_page
from satchel_service.audit.pruning import DAY_MS, Limits, prune
from satchel_service.audit.trail import read_head
from satchel_service.database.schema import MIGRATIONS
from satchel_wire.audit import GENESIS, START, Entry, Event, Link, hash_of
from satchel_wire.messages import AuditEntry, AuditHead, AuditPage

COLUMNS: Final = tuple(name.replace("time_ms", "time") for name in Entry._fields)
NOW: Final = 1_795_971_600_000
LATEST_MS: Final = 253_402_300_799_999  # in the year 9999
EVENTS: Final = list(Event)
TEXTS: Final = [name for name in COLUMNS if name not in ("number", "time", "occurrences")]


class Cloud:
    """A cloud's database, read by devices through encoded pages. `requests` counts them."""

    def __init__(self) -> None:
        self.db = apsw.Connection(":memory:")
        for migration in MIGRATIONS:
            self.db.execute(migration)
        self.requests = 0

    def append(self, count: int, *, now: int = NOW) -> None:
        for number in range(count):
            who: Who = by_device(f"{number:032x}") if number % 3 else CLOUD
            record(self.db, EVENTS[number % len(EVENTS)], who, now=now + number, target=f"{number:032x}")

    def audit_page(self, after: int) -> AuditPage:
        self.requests += 1
        return msgspec.json.decode(msgspec.json.encode(read_page(self.db, after)), type=AuditPage)

    @property
    def head(self) -> Link:
        return read_head(self.db)


def verify(cloud: Any, known: Link | None, *, after: Link = START) -> AuditReading:  # noqa: ANN401  a cloud of a test
    reading = AuditReading(cloud, after=after, remembered=known)
    list(reading)
    return reading


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the service send pages of 5 entries, and the client accept them."""
    query = pages_module.SELECT_PAGE.replace(f"LIMIT {pages_module.PAGE_ENTRIES}", "LIMIT 5")
    assert query != pages_module.SELECT_PAGE
    monkeypatch.setattr(pages_module, "SELECT_PAGE", query)
    monkeypatch.setattr("satchel.cloud.audit_log.FEWEST_ENTRIES", 5)


fast = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@fast
@given(st.integers(0, 40), st.integers(0, 40))
def test_an_untouched_log_verifies_from_any_entry_that_was_seen(count: int, seen: int) -> None:
    cloud = Cloud()
    cloud.append(min(seen, count))
    known = cloud.head
    cloud.append(count - min(seen, count))
    assert verify(cloud, known).head == cloud.head
    assert verify(cloud, known, after=known).head == cloud.head
    reached = follow(cloud, known)  # type: ignore[arg-type]
    assert reached.number == min(cloud.head.number, known.number + 5 * PAGES_IN_PASSING)
    assert follow(cloud, None) == cloud.head  # type: ignore[arg-type]


@fast
@given(st.integers(1, 30), st.data())
def test_any_changed_field_is_noticed(count: int, data: st.DataObject) -> None:
    cloud = Cloud()
    cloud.append(count)
    known = cloud.head
    number, column = data.draw(st.integers(1, count)), data.draw(st.sampled_from([*COLUMNS, "sha256"]))
    value: object = (
        data.draw(st.text(max_size=8)) if column in TEXTS else data.draw(st.integers(1, LATEST_MS))
    )
    if column == "sha256":
        value = data.draw(st.binary(min_size=32, max_size=32))
    old = cloud.db.execute(f"SELECT {column} FROM audit WHERE number = ?", (number,)).get
    assume(value != old)
    assume(column != "number" or value > count)  # type: ignore[operator]
    cloud.db.execute(f"UPDATE audit SET {column} = ? WHERE number = ?", (value, number))
    with pytest.raises(SatchelError) as raised:
        verify(cloud, known)
    assert raised.value.exit_code in (5, 6)


@fast
@given(st.integers(1, 30), st.data())
def test_any_removed_entries_are_noticed(count: int, data: st.DataObject) -> None:
    cloud = Cloud()
    cloud.append(count)
    known = cloud.head
    gone = data.draw(st.sets(st.integers(1, count), min_size=1))
    cloud.db.executemany("DELETE FROM audit WHERE number = ?", ((number,) for number in gone))
    with pytest.raises(BrokenLogError):
        verify(cloud, known)


@fast
@given(st.integers(2, 30), st.data())
def test_any_two_exchanged_entries_are_noticed(count: int, data: st.DataObject) -> None:
    cloud = Cloud()
    cloud.append(count)
    known = cloud.head
    one, other = data.draw(st.lists(st.integers(1, count), min_size=2, max_size=2, unique=True))
    exchange = "UPDATE audit SET number = ? WHERE number = ?"
    cloud.db.executemany(exchange, [(-1, one), (one, other), (other, -1)])
    with pytest.raises(BrokenLogError):
        verify(cloud, known)


@fast
@given(st.integers(1, 30), st.data())
def test_a_log_whose_hashes_are_computed_anew_is_noticed_up_to_what_was_seen(
    count: int, data: st.DataObject
) -> None:
    """An attacker who changes, removes or inserts an entry, numbers the rest and chains it again."""
    cloud = Cloud()
    cloud.append(count)
    known = cloud.head
    cloud.append(data.draw(st.integers(0, 5)), now=NOW + 1000)
    rows = list(cloud.db.execute(f"SELECT {', '.join(COLUMNS)} FROM audit ORDER BY number"))
    entries = [Entry(*row) for row in rows]
    at = data.draw(st.integers(0, count - 1))
    kind = data.draw(st.sampled_from(["change", "remove", "insert"]))
    if kind == "change":
        entries[at] = entries[at]._replace(target="x")
    elif kind == "remove":
        del entries[at]
    else:
        entries.insert(at, entries[at]._replace(event="x"))
    rewrite(cloud, entries)
    with pytest.raises(BrokenLogError):
        verify(cloud, known)
    with pytest.raises(BrokenLogError):
        follow(cloud, known)  # type: ignore[arg-type]
    verify(cloud, None)  # a device that has never looked cannot know


def rewrite(cloud: Cloud, entries: list[Entry]) -> None:
    """Replace the log with these entries, numbered and chained correctly."""
    cloud.db.execute("DELETE FROM audit")
    previous = GENESIS
    for number, entry in enumerate(entries, 1):
        numbered = entry._replace(number=number)
        previous = hash_of(previous, numbered)
        places = ", ".join("?" * (len(COLUMNS) + 1))
        cloud.db.execute(f"INSERT INTO audit VALUES ({places})", (*numbered, previous))


@fast
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 20)), min_size=1, max_size=12), st.integers(10, 60)
)
def test_pruning_never_breaks_the_verification(steps: list[tuple[int, int]], entries: int) -> None:
    cloud, now, seen = Cloud(), NOW, [START]
    limits = Limits(retention_ms=10 * DAY_MS, entries=entries)
    for count, days in steps:
        cloud.append(count, now=now)
        now += days * DAY_MS
        prune(cloud.db, now, limits)
        seen.append(cloud.head)
        for known in seen:
            reading = verify(cloud, known)
            assert reading.head == cloud.head
            assert reading.can_compare == (known.number >= reading.start.number)
    assert cloud.head.number - verify(cloud, None).start.number <= entries + 1


@fast
@given(st.integers(1, 30), st.data())
def test_a_fork_is_noticed(count: int, data: st.DataObject) -> None:
    """Two clouds with the same past: what a device saw of one is not in the other."""
    common = data.draw(st.integers(0, count))
    one, other = Cloud(), Cloud()
    one.append(common)
    other.append(common)
    one.append(count - common + 1, now=NOW + 1)
    other.append(count - common + 5, now=NOW + 2)
    with pytest.raises(BrokenLogError):
        verify(other, one.head)


class Hostile:
    """Sends any pages, for ever."""

    def __init__(self, made: list[AuditPage]) -> None:
        self._pages = made
        self.requests = 0

    def audit_page(self, _: int) -> AuditPage:
        self.requests += 1
        return self._pages[min(self.requests, len(self._pages)) - 1]


numbers = st.integers(0, 40) | st.integers(0, 2**53 - 1)
digests = st.sampled_from([GENESIS, b"\x01" * 32]) | st.binary(min_size=32, max_size=32)
heads = st.builds(AuditHead, number=numbers, sha256=digests)
hostile_entries = st.builds(
    AuditEntry,
    number=st.integers(1, 40),
    time=st.datetimes(timezones=st.just(UTC)),
    event=st.text(max_size=5),
    actor=st.text(max_size=5),
    sha256=digests,
)
hostile_pages = st.builds(
    AuditPage, start=heads, entries=st.lists(hostile_entries, max_size=4).map(tuple), head=heads
)


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(hostile_pages, min_size=1, max_size=5), st.none() | heads.map(link_of))
def test_whatever_a_cloud_sends_the_reading_ends(made: list[AuditPage], known: Link | None) -> None:
    cloud = Hostile(made)
    refused: SatchelError | None = None
    reading = AuditReading(cloud, after=START, remembered=known)  # type: ignore[arg-type]
    try:
        list(reading)
    except SatchelError as exc:
        refused = exc
    assert refused is None or refused.exit_code in (5, 6)
    assert refused or known is None or reading.head == known or reading.head.number > known.number
    assert cloud.requests <= len(made) + 1


def test_the_number_of_requests_is_bounded_by_the_first_page() -> None:
    """A cloud that appends while it is read, one page a page, does not keep the device for ever."""

    class Growing(Cloud):
        def audit_page(self, after: int) -> AuditPage:
            self.append(5)
            return super().audit_page(after)

    cloud = Growing()
    cloud.append(100)
    reading = verify(cloud, None)
    assert reading.head.number == 105
    assert cloud.requests == 21
