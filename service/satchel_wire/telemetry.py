"""The documents that a device may send to an organisation's telemetry endpoint, and the operations of that endpoint.

A personal cloud never serves these operations, and the endpoint serves no others: it names the capability `telemetry`
in `GET /v1/capabilities`. docs/spec/telemetry.md explains every field.
"""

from datetime import date
from typing import Annotated, Final, Literal

import msgspec

from satchel_wire.messages import Message
from satchel_wire.operations import Operation

TELEMETRY: Final = "telemetry"  # among the names that `GET /v1/capabilities` lists
DOCUMENTS: Final = "/v1/telemetry"
CRASH_REPORTS: Final = "/v1/crash-reports"
MAX_DOCUMENT_BYTES: Final = 16 * 1024
MAX_REPORT_BYTES: Final = 64 * 1024

STEPS: Final = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""The numbers that a document may hold: a count is rounded down to one of them, and 1000 stands for any larger one."""
SIZES: Final = (0, 1, 10, 100, 1000, 10_000, 100_000)
"""The same for sizes, whose exact values would differ from device to device."""


def _text(
    pattern: str, longest: int, description: str | None = None, *, shortest: int | None = None
) -> msgspec.Meta:
    """Return the bounds of a text that matches a pattern as a whole."""
    whole = rf"^{pattern}$(?!\n)"  # `$` alone matches before a line end too
    return msgspec.Meta(pattern=whole, min_length=shortest, max_length=longest, description=description)


DeviceId = Annotated[
    str, _text("[0-9a-f]{32}", 32, "128 random bits in lowercase hex, new in every month", shortest=32)
]
Day = Annotated[str, _text("20[0-9]{2}-[01][0-9]-[0-3][0-9]", 10, "a date in UTC", shortest=10)]
Release = Annotated[str, _text(r"(?:[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}|other)", 11, "a released version")]
PythonVersion = Annotated[str, _text(r"(?:3\.[0-9]{1,2}|other)", 5, "without the patch level")]
System = Literal["linux", "macos", "windows", "other"]
Word = Annotated[str, _text("[a-z][a-z0-9-]{0,19}", 20, shortest=1)]
ExitCode = Annotated[str, _text("(?:0|[1-9][0-9]{0,2})", 3, shortest=1)]
Step = Literal[0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
Size = Literal[0, 1, 10, 100, 1000, 10_000, 100_000]


class Sizes(Message, frozen=True, kw_only=True):
    """How large the store is: its Pieces, and its file in MiB."""

    pieces: Size
    store_mib: Size


class TelemetryDocument(Message, frozen=True, kw_only=True):
    """`POST /v1/telemetry`: how often commands were used since the last document, and the versions that ran them.

    `days` counts the days on which a command ran. `commands` counts runs by the name of the command, `outcomes` by the
    exit code.
    """

    format: Literal["satchel-telemetry/1"]
    id: DeviceId
    day: Day
    satchel: Release
    python: PythonVersion
    system: System
    extras: Annotated[tuple[Word, ...], msgspec.Meta(max_length=16)]
    sizes: Sizes
    days: Step
    commands: Annotated[dict[Word, Step], msgspec.Meta(max_length=100)]
    outcomes: Annotated[dict[ExitCode, Step], msgspec.Meta(max_length=20)]

    def __post_init__(self) -> None:
        """Check what a pattern cannot. Raise ValueError, which msgspec reports as an invalid field."""
        date.fromisoformat(self.day)
        if list(self.extras) != sorted(set(self.extras)):
            raise ValueError("extras are not sorted, or one is named twice")


Frame = Annotated[
    str,
    _text(
        r"satchel(?:\.[a-z0-9_]{1,40}){0,8}:[A-Za-z_<][A-Za-z0-9_.<>]{0,119}:[0-9]{1,7}",
        480,
        "a place in satchel's own code: module, function and line",
    ),
]
TypeName = Annotated[str, _text("[A-Za-z_][A-Za-z0-9_.]{0,99}", 100, shortest=1)]
FrameCount = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Relation = Literal["raised", "cause", "context", "member"]


class CrashException(Message, frozen=True, kw_only=True):
    """One exception: its type, and where it passed through satchel, the outermost place first.

    `relation` is to an earlier exception of the list. With `is_subclass`, the type is the closest base class whose name
    is known. `others` counts the frames of other code, and `left_out` satchel's own frames beyond the limit.
    """

    relation: Relation
    type: TypeName
    is_subclass: bool
    frames: Annotated[tuple[Frame, ...], msgspec.Meta(max_length=20)]
    others: FrameCount
    left_out: FrameCount


class CrashReport(Message, frozen=True, kw_only=True):
    """`POST /v1/crash-reports`: an unexpected exception, without its message, its values and any path."""

    format: Literal["satchel-crash/1"]
    day: Day
    satchel: Release
    python: PythonVersion
    system: System
    command: Annotated[str, _text("(?:[a-z][a-z0-9-]{0,19})?", 20)]
    in_thread: bool
    exceptions: Annotated[tuple[CrashException, ...], msgspec.Meta(min_length=1, max_length=12)]

    def __post_init__(self) -> None:
        """Check what a pattern cannot. Raise ValueError, which msgspec reports as an invalid field."""
        date.fromisoformat(self.day)


TELEMETRY_OPERATIONS: Final = (
    Operation(
        "count_document",
        "POST",
        DOCUMENTS,
        "Count a telemetry document",
        204,
        "TelemetryDocument",
        public=True,
    ),
    Operation(
        "count_crash_report",
        "POST",
        CRASH_REPORTS,
        "Count a crash report",
        204,
        "CrashReport",
        public=True,
    ),
)


def encode_document(document: TelemetryDocument | CrashReport) -> bytes:
    """Return the bytes of a document: indented JSON with a newline at its end, fields in the order of the class."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def round_down(number: int, steps: tuple[int, ...] = STEPS) -> int:
    """Return the largest step that does not exceed a number; 0 for a negative one."""
    return max((step for step in steps if step <= number), default=0)
