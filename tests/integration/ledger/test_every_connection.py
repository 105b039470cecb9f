"""The two-way proof: every connection that the kernel saw has an entry in a ledger, and every entry its connection.

A whole life of two devices, a friend and a cloud runs under strace, then a sign-in. Name look-ups (UDP) and local
sockets are exempt. A proxy of the tests counts the requests that really arrived.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from tests.security.canaries.life import Life, live
from tests.support.service import ServiceProcess
from tests.support.traced import connections, dialed, opened_below, traced
from tests.support.wiretap import Wiretap

from satchel.ledger import Entry, Ledger

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.tool("strace")]

_REQUEST: Final = re.compile(rb"(GET|PUT|POST|PATCH|DELETE) /\S* HTTP/1\.1\r\n")


@dataclass(frozen=True)
class Traced:
    """What a life left behind."""

    life: Life
    log: Path
    requests: bytes
    entries: Mapping[str, list[Entry]]

    @property
    def all_entries(self) -> list[Entry]:
        """The entries of every home."""
        return [entry for entries in self.entries.values() for entry in entries]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    """Live a life under strace."""
    folder = tmp_path_factory.mktemp("traced")
    log = folder / "calls"
    with ServiceProcess(folder / "cloud") as service, Wiretap(service.url) as tap:
        life = live(folder, service, tap, command=traced(log))
        entries = {}
        for name, home in life.homes.items():
            if (home / "ledger.db").exists():
                with Ledger.open(home) as ledger:
                    ledger.verify()
                    entries[name] = ledger.entries()
        yield Traced(life, log, tap.sent, entries)


def test_every_connection_has_an_entry_and_every_entry_its_connection(seen: Traced) -> None:
    found = connections(seen.log)
    assert found.total() > 40
    assert dialed(seen.all_entries) == found
    for name, entries in seen.entries.items():
        by_number = {entry.number: entry for entry in entries}
        for entry in entries:
            assert entry.ended is not None, (name, entry)
            if entry.ended.connection:
                number, place = map(int, entry.ended.connection.split("."))
                carrier = by_number[number].ended
                assert carrier is not None
                assert carrier.tried[place - 1].own_port, (name, entry)
            else:
                assert entry.ended.failure, (name, entry)
                assert not any(one.own_port for one in entry.ended.tried), (name, entry)


def test_every_request_that_arrived_has_an_entry(seen: Traced) -> None:
    arrived = Counter(method.decode() for method in _REQUEST.findall(seen.requests))
    recorded = Counter(entry.sent.method for entry in seen.all_entries if entry.ended and entry.ended.status)
    assert arrived == recorded
    bodies = [entry.sent.bytes for entry in seen.all_entries if entry.ended and entry.ended.status]
    assert sum(bodies) == sum(map(int, re.findall(rb"(?i)\r\ncontent-length: (\d+)", seen.requests)))


def test_homes_that_sent_nothing_have_no_ledger(seen: Traced) -> None:
    assert {"owner", "laptop", "friend"} <= seen.entries.keys()
    assert "protected" not in seen.entries


def test_entries_say_what_left_and_why(seen: Traced) -> None:
    said = {(entry.sent.kind, entry.sent.why) for entry in seen.all_entries}
    assert {
        ("backup-part", "satchel backup"),
        ("share-body", "satchel share"),
        ("download", "satchel restore"),
        ("download", "satchel get"),
        ("message", "satchel sync"),
        ("message", "satchel devices add"),
    } <= said
    shared = [entry for entry in seen.entries["owner"] if entry.sent.kind == "share-body"]
    assert sum(bool(entry.sent.pieces) for entry in shared) >= 2
    assert {entry.sent.why for entry in shared} <= {"satchel share", "satchel shares update"}


def test_without_consent_nothing_of_telemetry_is_opened(seen: Traced) -> None:
    for name, home in seen.life.homes.items():
        opened = opened_below(seen.log, home)
        assert len(opened) > 5, name
        assert [path for path in opened if re.search("telemetry|crash", path)] == [], name
        assert [path for path in home.rglob("*") if re.search("telemetry|crash", path.name)] == [], name
