"""Telemetry: what a device reads of its own files and of an endpoint, and what an endpoint reads of strangers."""

import json
from pathlib import Path
from typing import Final

import msgspec
from tests.security.fuzzing.table import JSON_SYNTAX, Target, require
from tests.security.fuzzing.targets.home_files import at, home
from tests.support.telemetry import COMMANDS, FACTS, TODAY

from satchel.errors import IntegrityError, RefusedError, UsageError
from satchel.outgoing.transport import Response
from satchel.telemetry.counting import COUNTS_FILE
from satchel.telemetry.crash_files import read_report
from satchel.telemetry.document import is_recent, make_document
from satchel.telemetry.identity import ID_FILE, monthly_identity
from satchel.telemetry.runs import runs_in
from satchel.telemetry.sending import Endpoint, capabilities_in
from satchel.telemetry.waiting import PENDING_FILE, opened
from satchel_infra.telemetry.application import decode_document
from satchel_service.problems import ProblemError
from satchel_wire.telemetry import SIZES, STEPS, CrashReport, TelemetryDocument, encode_document

GOLDEN: Final = Path(__file__).parents[3] / "golden" / "telemetry"
DOCUMENT: Final = (GOLDEN / "telemetry-1.json").read_bytes()
REPORT: Final = (GOLDEN / "crash-1.json").read_bytes()
LINES: Final = b"2026-11-30 list 0\n2026-11-02 save 3\n"


def folder() -> Path:
    """Return the folder of telemetry of this process's home, empty but for what the target writes."""
    found = home() / "telemetry"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def counts(data: bytes) -> None:
    """Any lines make a document that an endpoint accepts, with nothing of theirs but names of commands."""
    with opened(at(folder() / Path(COUNTS_FILE).name, data).parents[1]) as waiting:
        made = waiting.document(TODAY, FACTS, COMMANDS)
    document = msgspec.json.decode(made, type=TelemetryDocument)
    require(set(document.commands) <= set(COMMANDS), "a command that satchel does not have")
    require(all(is_recent(run.day, run.day) for run in runs_in(data) if run.day == TODAY), "no day")


def pending(data: bytes) -> None:
    """A pending document is sent as it is, or made anew."""
    at(folder() / PENDING_FILE, data)
    try:
        with opened(home()) as waiting:
            found = waiting.document(TODAY, FACTS, COMMANDS)
    finally:
        (folder() / PENDING_FILE).unlink()
    msgspec.json.decode(found, type=TelemetryDocument)


def identity(data: bytes) -> None:
    """A damaged id is replaced by a new one."""
    at(folder() / ID_FILE, data)
    found = monthly_identity(folder(), TODAY)
    require(found.month == TODAY[:7], "an id of another month")
    make_document(found, TODAY, FACTS, (), COMMANDS)


def report(data: bytes) -> None:
    """A report that is read holds to the schema."""
    at(folder() / "crashes" / "1.json", data)
    _keep_to_schema(encode_document(read_report(home(), 1).report))


def endpoint(data: bytes) -> None:
    """An address is that of an origin."""
    found = str(Endpoint.parse(data.decode("utf-8", "replace"), home() / "nowhere").origin)
    require(str(Endpoint.parse(found, home() / "nowhere").origin) == found, "another address")


def received(data: bytes) -> None:
    """What an endpoint accepts of a stranger has few values and no text of its own."""
    document = decode_document(data, TelemetryDocument)
    assert isinstance(document, TelemetryDocument)
    require(
        {document.days, *document.commands.values(), *document.outcomes.values()} <= set(STEPS), "a number"
    )
    require({document.sizes.pieces, document.sizes.store_mib} <= set(SIZES), "a size")
    _keep_to_schema(encode_document(document))


def received_report(data: bytes) -> None:
    """What an endpoint accepts as a report has no line ends, blanks or paths in its names."""
    _keep_to_schema(encode_document(decode_document(data, CrashReport)))


def _keep_to_schema(data: bytes) -> None:
    def texts(value: object) -> list[str]:
        if isinstance(value, dict):
            return [text for pair in value.items() for each in pair for text in texts(each)]
        if isinstance(value, list):
            return [text for each in value for text in texts(each)]
        return [value] if isinstance(value, str) else []

    for text in texts(json.loads(data)):
        require(text.isascii() and text.isprintable() and " " not in text, "a text")
        require("/" not in text or text in ("satchel-telemetry/1", "satchel-crash/1"), "a path")


WORDS: Final = (*JSON_SYNTAX, b"satchel-telemetry/1", b"other", b"1000", b"list", b"\\n")
TARGETS: Final = (
    Target(
        "telemetry-counts",
        counts,
        lambda: (LINES, b"2026-02-31 list 0\n"),
        words=(b" 0\n", b"list", b"2026-11-30"),
    ),
    Target("telemetry-pending", pending, lambda: (DOCUMENT,), words=WORDS),
    Target(
        "telemetry-id",
        identity,
        lambda: (
            b'{"format":"satchel-telemetry-id/1","id":"000102030405060708090a0b0c0d0e0f","month":"2026-11","sent":"2026-11-30"}',
        ),
        words=JSON_SYNTAX,
    ),
    Target("crash-report-file", report, lambda: (REPORT,), raises=(IntegrityError,), words=WORDS),
    Target(
        "telemetry-endpoint",
        endpoint,
        lambda: (b"https://telemetry.example.org", b"http://127.0.0.1:80/"),
        raises=(UsageError, RefusedError),
        words=(b"https://", b":443", b"/", b"[::1]"),
    ),
    Target(
        "telemetry-capabilities",
        lambda data: capabilities_in(Response(200, {}, data)),
        lambda: (b'{"capabilities":["telemetry"]}',),
        words=JSON_SYNTAX,
    ),
    Target("telemetry-document", received, lambda: (DOCUMENT,), raises=(ProblemError,), words=WORDS),
    Target("crash-report", received_report, lambda: (REPORT,), raises=(ProblemError,), words=WORDS),
)
