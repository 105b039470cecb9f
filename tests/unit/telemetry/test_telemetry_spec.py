"""docs/spec/telemetry.md and the golden documents match the code."""

import re
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from tests.support.telemetry import COMMANDS, FACTS, TODAY, identity

from satchel.cli.consent_question import ASKED_AFTER, REAL_USE_PIECES
from satchel.telemetry.counting import MAX_COUNTS_BYTES
from satchel.telemetry.crash_files import MOST_KEPT
from satchel.telemetry.crash_report import MOST_EXCEPTIONS, MOST_FRAMES
from satchel.telemetry.document import LONGEST_DAYS, make_document
from satchel.telemetry.facts import EXTRAS
from satchel.telemetry.runs import runs_in
from satchel_infra.telemetry.counts import APPLICATION_ID, FORMAT, MOST_SEEN, MOST_VALUES
from satchel_infra.telemetry.report import LEAST
from satchel_wire.telemetry import (
    CRASH_REPORTS,
    DOCUMENTS,
    MAX_DOCUMENT_BYTES,
    MAX_REPORT_BYTES,
    SIZES,
    STEPS,
    CrashException,
    CrashReport,
    TelemetryDocument,
    encode_document,
    round_down,
)

ROOT: Final = Path(__file__).resolve().parents[3]
PAGE: Final = (ROOT / "docs/spec/telemetry.md").read_text("utf-8")
GOLDEN: Final = ROOT / "tests/golden/telemetry"


def test_the_lines_of_the_page_make_the_golden_document() -> None:
    lines = PAGE.split("```")[1].strip("\n").encode()
    made = make_document(identity(), TODAY, FACTS, runs_in(lines), COMMANDS)
    assert made == (GOLDEN / "telemetry-1.json").read_bytes()


@pytest.mark.parametrize(
    ("name", "kind"), [("telemetry-1.json", TelemetryDocument), ("crash-1.json", CrashReport)]
)
def test_golden_documents_are_read_and_written_the_same(
    name: str, kind: type[TelemetryDocument | CrashReport]
) -> None:
    data = (GOLDEN / name).read_bytes()
    assert encode_document(msgspec.json.decode(data, type=kind)) == data


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("## 3.", TelemetryDocument),
        ("## 4.", CrashReport),
        ("Each of `exceptions`", CrashException),
    ],
)
def test_the_fields_of_the_page_are_those_of_the_documents(part: str, kind: type[msgspec.Struct]) -> None:
    table = PAGE.split(part)[1].split("\n\n|")[1].split("\n\n")[0]
    named = [
        name
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    ]
    assert named == [field.name for field in msgspec.structs.fields(kind)]


def test_the_rounded_numbers_of_the_page() -> None:
    rows = re.findall(r"^\| (\d+) \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)
    assert len(rows) >= 7
    for number, step, size in rows:
        assert (round_down(int(number)), round_down(int(number), SIZES)) == (int(step), int(size))


def test_the_limits_of_the_page() -> None:
    listed = ", ".join(map(str, STEPS[:-1])) + f" or {STEPS[-1]}"
    said: list[Any] = [
        f"down to {listed}", f"newest {MOST_KEPT}", f"at least {REAL_USE_PIECES} Pieces", f"more than {LONGEST_DAYS} days",
        f"at {MAX_COUNTS_BYTES >> 20} MiB", f"at most {MAX_DOCUMENT_BYTES >> 10} KiB", f"at most {MAX_REPORT_BYTES >> 10} KiB",
        f"first; at most {MOST_FRAMES}", f"first; at most {MOST_EXCEPTIONS}", DOCUMENTS, CRASH_REPORTS,
        f"At most {MOST_VALUES} values", f"After {MOST_SEEN:,} hashes", f"at least {LEAST} documents",
        f"`0x{APPLICATION_ID:x}` and `user_version` {FORMAT}",
        *(f"`{name}`" for name in (*ASKED_AFTER, *EXTRAS)),
        ", ".join(map(str, SIZES[:-1])) + f" or {SIZES[-1]}",
    ]  # fmt: skip
    assert [text for text in said if text not in PAGE] == []
