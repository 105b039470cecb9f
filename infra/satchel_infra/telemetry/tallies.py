"""What one document adds to the tallies of a month. Each value is counted by itself: no two are ever kept together."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from satchel_wire.telemetry import CrashReport, TelemetryDocument

NOWHERE: Final = "outside satchel"


class Tally(NamedTuple):
    """One value of one field, and an amount: how often a command ran, or 1."""

    field: str
    value: str
    amount: int = 1


def tallies_of(document: TelemetryDocument | CrashReport) -> Iterator[Tally]:
    """Yield the tallies of a document, which include neither its id nor its day."""
    if isinstance(document, CrashReport):
        yield Tally("crash", _crash_of(document))
        return
    yield Tally("satchel", document.satchel)
    yield Tally("python", document.python)
    yield Tally("system", document.system)
    for extra in document.extras:
        yield Tally("extra", extra)
    yield Tally("pieces", str(document.sizes.pieces))
    yield Tally("store MiB", str(document.sizes.store_mib))
    yield Tally("days", str(document.days))
    for command, runs in document.commands.items():
        yield Tally("command", command, runs)
    for code, runs in document.outcomes.items():
        yield Tally("exit code", code, runs)


def _crash_of(report: CrashReport) -> str:
    """Return what identifies a fault: the version, the command, the type, and the innermost place."""
    first = report.exceptions[0]
    place = next((each.frames[-1] for each in report.exceptions if each.frames), NOWHERE)
    return f"{first.type} at {place}, satchel {report.satchel} {report.command}".rstrip()
