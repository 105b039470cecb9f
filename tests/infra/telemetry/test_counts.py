"""What an endpoint keeps: counts by month, and nothing that a document had together."""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from unittest import mock

import apsw
import msgspec
import pytest

from satchel_infra.errors import ConfigurationError, UnavailableError
from satchel_infra.telemetry import counts as module
from satchel_infra.telemetry.counts import FILE_NAME, Counts, Month
from satchel_infra.telemetry.report import FEW, lines_of, report_of
from satchel_wire.telemetry import CrashReport, TelemetryDocument, encode_document

GOLDEN: Final = Path(__file__).parents[2] / "golden/telemetry"
NOW: Final = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
LATER: Final = datetime(2026, 12, 1, tzinfo=UTC)
DOCUMENT: Final = msgspec.json.decode((GOLDEN / "telemetry-1.json").read_bytes(), type=TelemetryDocument)
REPORT: Final = msgspec.json.decode((GOLDEN / "crash-1.json").read_bytes(), type=CrashReport)


def device(number: int, **changes: object) -> TelemetryDocument:
    return msgspec.structs.replace(DOCUMENT, id=f"{number:032x}", **changes)


def count(counts: Counts, document: TelemetryDocument | CrashReport, now: datetime = NOW) -> bool:
    return counts.count(document, encode_document(document), now)


def november(counts: Counts) -> Month:
    found = counts.month("2026-11")
    assert found is not None
    return found


def test_values_are_counted_one_by_one(tmp_path: Path) -> None:
    with Counts.open(tmp_path) as counts:
        assert count(counts, device(1))
        assert count(counts, device(2, system="linux", extras=()))
        found = november(counts)
    assert (found.devices, found.documents, found.reports) == (2, 2, 0)
    assert found.tallies["system"] == {"linux": (1, 1), "macos": (1, 1)}
    assert found.tallies["extra"] == {"models": (1, 1), "ocr": (1, 1)}
    assert found.tallies["command"] == {"list": (2, 4), "save": (2, 2), "show": (2, 2)}
    assert found.tallies["exit code"] == {"0": (2, 4), "3": (2, 2)}


def test_a_device_counts_once_and_so_does_a_second_delivery(tmp_path: Path) -> None:
    with Counts.open(tmp_path) as counts:
        assert count(counts, device(1))
        assert not count(counts, device(1))
        assert count(counts, device(1, day="2026-11-29"))
        assert (november(counts).devices, november(counts).documents) == (1, 2)
    with Counts.open(tmp_path) as counts:
        assert not count(counts, device(1))


def test_crash_reports_are_counted_by_what_tells_faults_apart(tmp_path: Path) -> None:
    with Counts.open(tmp_path) as counts:
        assert [count(counts, REPORT) for _ in range(2)] == [True, True]
        found = november(counts)
    assert (found.devices, found.documents, found.reports) == (0, 0, 2)
    assert found.tallies["crash"] == {
        "apsw.SQLError at satchel.index.query:Query.<lambda>:118, satchel 0.1.0 search": (2, 2)
    }


def test_the_files_hold_no_id_no_body_and_no_key_of_a_past_month(tmp_path: Path) -> None:
    with Counts.open(tmp_path) as counts:
        for number in range(40):
            count(counts, device(number + (7 << 100)))
        keys: list[Any] = counts._connection.execute("SELECT key FROM present").fetchall()
        key: bytes = keys[0][0]
        rows: list[Any] = counts._connection.execute("SELECT digest FROM seen").fetchall()
        seen: list[bytes] = [digest for (digest,) in rows]
        assert len(seen) == 80
        kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert all(digest in kept for digest in seen)
        counts.forget_past(LATER)
        kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert key not in kept
    assert not [digest for digest in seen if digest in kept]
    for number in range(40):
        identifier = device(number + (7 << 100)).id
        assert identifier.encode() not in kept
        assert bytes.fromhex(identifier) not in kept
    assert not re.search(rb"satchel-telemetry/1|127\.0\.0\.1|2026-11-30", kept)


def test_the_tables_have_no_other_columns(tmp_path: Path) -> None:
    with Counts.open(tmp_path) as counts:
        found = {
            (table, column)
            for (table,) in counts._connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            for (_, column, *_rest) in counts._connection.execute(f"PRAGMA table_info({table})")
        }
    assert found == {
        ("tallies", "month"), ("tallies", "field"), ("tallies", "value"), ("tallies", "documents"), ("tallies", "amount"),
        ("months", "month"), ("months", "devices"), ("months", "documents"), ("months", "reports"),
        ("seen", "digest"), ("present", "month"), ("present", "key"), ("present", "seen"),
    }  # fmt: skip


def test_a_new_month_counts_anew_and_keeps_the_old_counts(tmp_path: Path) -> None:
    with Counts.open(tmp_path) as counts:
        count(counts, device(1))
        count(counts, device(1), LATER)
        assert counts.months() == ["2026-11", "2026-12"]
        assert november(counts).devices == 1
        assert counts.month("2026-10") is None


def test_a_flood_of_names_is_counted_together(tmp_path: Path) -> None:
    with mock.patch.object(module, "MOST_VALUES", 5), Counts.open(tmp_path) as counts:
        for number in range(9):
            count(counts, device(number, commands={f"c{number}": 1}))
        tallies = november(counts).tallies["command"]
    assert len(tallies) == 6
    assert tallies["other"] == (4, 4)


def test_a_flood_of_ids_is_bounded(tmp_path: Path) -> None:
    with mock.patch.object(module, "MOST_SEEN", 6), Counts.open(tmp_path) as counts:
        for number in range(9):
            count(counts, device(number))
        assert november(counts).documents == 9
        assert counts._connection.execute("SELECT count(*) FROM seen").fetchall() == [(6,)]


def test_processes_at_once_lose_no_document(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom tests.infra.telemetry.test_counts import Counts, count, device\n"
        f"with Counts.open(Path({str(tmp_path)!r})) as counts:\n"
        "    for number in range(25): count(counts, device(int(sys.argv[1]) + number))\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, start]) for start in ("0", "1000")]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    with Counts.open(tmp_path) as counts:
        assert (november(counts).devices, november(counts).documents) == (50, 50)


def test_a_failed_transaction_counts_nothing(tmp_path: Path) -> None:
    with Counts.open(tmp_path) as counts:
        count(counts, device(1))
        with (
            mock.patch.object(Counts, "_add", side_effect=apsw.FullError("full")),
            pytest.raises(UnavailableError),
        ):
            count(counts, device(2))
        assert november(counts).documents == 1
        assert count(counts, device(2))


@pytest.mark.parametrize("content", [b"not a database, but long enough to be none of them" * 40, None])
def test_other_files_are_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / FILE_NAME
    if content is not None:
        path.write_bytes(content)
    else:
        connection = apsw.Connection(str(path))
        connection.execute("CREATE TABLE t(x); PRAGMA user_version = 2")
        connection.close()
    before = path.read_bytes()
    with pytest.raises(ConfigurationError):
        Counts.open(tmp_path)
    assert path.read_bytes() == before


def test_the_report_names_no_value_of_a_few(tmp_path: Path) -> None:
    with Counts.open(tmp_path) as counts:
        for number in range(6):
            count(
                counts,
                device(number, commands={"list": 2, f"rare{number % 3}": 1} if number else {"list": 1}),
            )
        count(counts, REPORT)
        report = report_of(november(counts))
    assert report["fields"]["command"] == [
        {"value": "list", "documents": 6, "amount": 11},
        {"value": FEW, "documents": 5, "amount": 5},
    ]
    assert report["fields"]["crash"][0]["documents"] == 1
    text = "\n".join(lines_of(report))
    assert "rare" not in text
    assert "devices        6" in text
