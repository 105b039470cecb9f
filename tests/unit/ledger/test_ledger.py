"""The ledger keeps what it was told, in every process, and shows what was changed."""

import multiprocessing
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import apsw
import pytest

from satchel.agents.receipts import record
from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.ledger import LEDGER_FILE, Ended, Ledger, LedgerRecorder, Sent
from satchel.outgoing.recording import Departure, Dialed, Exchange

PIECE: Final = "01KB3V4E8M0000000000000000"
TEXT: Final = b'{"prompt":"explain the marmalade header"}'


def sent(number: int = 1, **changes: object) -> Sent:
    values: dict[str, object] = {
        "at": 1_764_480_000_000 + number, "origin": "https://ann.example.org", "why": "satchel share",
        "kind": "share-body", "method": "PUT", "bytes": number, "sha256": "ab", "pieces": (PIECE,),
    }  # fmt: skip
    return Sent(**values | changes)  # type: ignore[arg-type]


def departure(body: bytes = b"abc") -> Departure:
    return Departure("https://ann.example.org", "", "share-body", "PUT", body, (PIECE,))


def filled(home: Path) -> Path:
    """Return a ledger with an entry that ended, one that did not, and one with a text."""
    with Ledger.create(home) as ledger:
        first = ledger.add(sent(1))
        ledger.add(Ended(entry=first, at=2, status=204, connection="1.1"))
        ledger.add(sent(2))
        ledger.add(sent(3), text=TEXT)
    return home / LEDGER_FILE


def test_a_recorded_exchange_is_read_again(tmp_path: Path) -> None:
    recorder = LedgerRecorder(tmp_path, "satchel share", clock=lambda: 7)
    exchange = Exchange(recorder.begin(departure()))
    exchange.dialed.append(Dialed("192.0.2.7", 443, 51820))
    exchange.connection, exchange.status, exchange.received_bytes = "1.1", 204, 12
    recorder.end(exchange)
    with Ledger.open(tmp_path) as ledger:
        [entry] = ledger.entries()
        assert ledger.verify()[0] == 2
    assert (entry.number, entry.sent.bytes, entry.sent.why, entry.sent.pieces) == (
        1,
        3,
        "satchel share",
        (PIECE,),
    )
    assert entry.sent.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert entry.ended is not None
    assert (entry.ended.status, entry.ended.received, entry.ended.tried[0].own_port) == (204, 12, 51820)


def test_nothing_is_created_before_something_leaves(tmp_path: Path) -> None:
    LedgerRecorder(tmp_path / "home", "satchel status")
    assert not (tmp_path / "home").exists()
    with pytest.raises(NotFoundError, match="nothing has left this device"):
        Ledger.open(tmp_path)


def test_the_file_is_private_with_any_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = filled(tmp_path / "home")
    finally:
        os.umask(before)
    for each in path.parent.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ("UPDATE records SET record = replace(record, 'ann', 'eve') WHERE number = 1", 1),
        ("UPDATE records SET record = CAST(replace(record, '204', '500') AS BLOB) WHERE number = 2", 2),
        ("UPDATE records SET digest = zeroblob(32) WHERE number = 3", 3),
        ("DELETE FROM records WHERE number = 2", 2),
        ("DELETE FROM records WHERE number = 1", 1),
        ("UPDATE records SET number = 9 WHERE number = 4", 4),
        ("UPDATE texts SET text = CAST('other' AS BLOB)", 4),
        ("DELETE FROM texts", 4),
        ("INSERT INTO texts VALUES (3, zeroblob(16), zeroblob(3))", 3),
    ],
)
def test_a_change_is_found_at_its_record(tmp_path: Path, change: str, number: int) -> None:
    path = filled(tmp_path)
    connection = apsw.Connection(str(path))
    connection.execute(change.replace("replace(record", "CAST(replace(CAST(record AS TEXT)").replace(
        "') WHERE number = 1", "') AS BLOB) WHERE number = 1"
    ) if "'ann'" in change else change)  # fmt: skip
    connection.close()
    with Ledger.open(tmp_path) as ledger, pytest.raises(IntegrityError, match=f"record {number} was changed"):
        ledger.verify()


def test_a_record_that_is_added_by_hand_is_found(tmp_path: Path) -> None:
    path = filled(tmp_path)
    connection = apsw.Connection(str(path))
    connection.execute("INSERT INTO records SELECT 5, record, digest FROM records WHERE number = 4")
    connection.close()
    with Ledger.open(tmp_path) as ledger, pytest.raises(IntegrityError, match="record 5 was"):
        ledger.verify()


def test_a_forgotten_text_leaves_no_byte_and_the_ledger_verifies(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with Ledger.open(tmp_path) as ledger:
        entry = ledger.entries()[-1]
        assert entry.text == TEXT
        assert entry.sent.sha256 == ""
        [(salt,)] = ledger.connection.execute("SELECT salt FROM texts").fetchall()
        assert isinstance(salt, bytes)
        assert ledger.forget([1, entry.number], at=9, why="satchel rm") == [entry.number]
        assert ledger.forget([entry.number], at=9, why="satchel rm") == []
        ledger.verify()
        entry = ledger.entries()[-1]
        assert entry.text is None
        assert entry.forgotten is not None
        for each in path.parent.iterdir():
            data = each.read_bytes()
            assert b"marmalade" not in data
            assert salt not in data


def record_in_threads(home: Path, times: int) -> None:
    """Record exchanges in two threads, each with a recorder of its own; an error ends the process."""

    def record(_: int) -> None:
        recorder = LedgerRecorder(home, "satchel backup")
        for _ in range(times):
            recorder.end(Exchange(recorder.begin(departure())))

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(record, range(2)))


@pytest.mark.parametrize(("rounds", "times"), [(1, 20), (30, 1)])
def test_threads_and_processes_begin_and_continue_one_chain(tmp_path: Path, rounds: int, times: int) -> None:
    context = multiprocessing.get_context("fork")
    for number in range(rounds):
        home = tmp_path / str(number)
        processes = [context.Process(target=record_in_threads, args=(home, times)) for _ in range(3)]
        for each in processes:
            each.start()
        for each in processes:
            each.join()
            assert each.exitcode == 0
        with Ledger.open(home) as ledger:
            entries = ledger.entries()
            assert len(entries) == 6 * times
            assert all(entry.ended for entry in entries)
            assert ledger.verify()[0] == 12 * times


@pytest.mark.parametrize("content", [b"rubbish" * 999, b"SQLite format 3\0" + bytes(4080)])
def test_a_damaged_ledger_lets_nothing_leave_and_is_not_touched(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LEDGER_FILE).write_bytes(content)
    with pytest.raises(IntegrityError, match=r"nothing was sent to 'ann\.example\.org'") as caught:
        LedgerRecorder(tmp_path, "satchel share").begin(departure())
    assert "move it to another place" in caught.value.hint
    assert (tmp_path / LEDGER_FILE).read_bytes() == content


def test_a_newer_ledger_lets_nothing_leave(tmp_path: Path) -> None:
    path = filled(tmp_path)
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(IntegrityError, match="has the format 2") as caught:
        LedgerRecorder(tmp_path, "satchel share").begin(departure())
    assert caught.value.hint == "update satchel"


def test_a_store_is_no_ledger(tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / LEDGER_FILE))
    connection.execute("PRAGMA application_id = 5; CREATE TABLE pieces(id)")
    connection.close()
    with pytest.raises(IntegrityError, match="no ledger"):
        Ledger.open(tmp_path)


def test_where_nothing_can_be_written_nothing_leaves(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(SatchelError, match="nothing was sent"):
        LedgerRecorder(tmp_path / "home", "satchel share").begin(departure())


def test_the_end_of_an_exchange_never_fails(tmp_path: Path) -> None:
    recorder = LedgerRecorder(tmp_path, "satchel share")
    number = recorder.begin(departure())
    connection = apsw.Connection(str(tmp_path / LEDGER_FILE))
    connection.execute("DROP TABLE records")
    connection.close()
    recorder.end(Exchange(number))


def test_only_the_texts_that_quote_a_forgotten_event_are_erased(tmp_path: Path) -> None:
    recorder = LedgerRecorder(tmp_path, "satchel ask")
    for events in ((3, 4, 5, 9), (6, 7, 8), ()):
        recorder.begin(Departure("https://ann.example.org", "", "prompt", "POST", TEXT, events=events))
    with Ledger.open(tmp_path) as ledger:
        assert [entry.sent.events for entry in ledger.entries()] == [((3, 5), (9, 9)), ((6, 8),), ()]
        assert ledger.forget_events([2, 10], at=1, why="satchel memory forget") == []
        assert ledger.forget_events([10, 4], at=1, why="satchel memory forget") == [1]
        assert ledger.forget_events([6], at=1, why="satchel memory forget") == [2]
        assert [entry.text for entry in ledger.entries()] == [None, None, TEXT]
        ledger.verify()


def test_a_receipt_of_an_agent_holds_no_text(tmp_path: Path) -> None:
    record(tmp_path, "read", "recall", TEXT, (), agent="ann", client="", version="")
    assert b"marmalade" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
