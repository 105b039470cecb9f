"""`satchel audit`: show the cloud's audit log, and verify that nothing in it was changed or removed."""

import datetime as dt
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import MOMENT, limit_option, since_option
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import Column, format_count, format_moment
from satchel.cli.views import moment
from satchel.cloud.audit_heads import AuditHeads, Head
from satchel.cloud.audit_log import AuditReading, BrokenLogError
from satchel.cloud.client import CloudClient
from satchel.cloud.pairing import NamedDevice, named_devices
from satchel.errors import UsageError
from satchel_wire.audit import START, Event
from satchel_wire.messages import AuditEntry

COLUMNS: Final = (
    Column("NO", right=True, dim=True, spare=True),
    Column("TIME", dim=True),
    Column("WHAT"),
    Column("WHO", shrinks=True),
    Column("TARGET"),
    Column("OUTCOME"),
    Column("ADDRESS", dim=True, spare=True),
)
FEWEST_DIGITS: Final = 4  # of a device's id
SHORT_ID: Final = 8
LONG_ID: Final = 32
EVENTS: Final = tuple(event.code for event in Event)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are shown. `device` is the beginning of an id, in lowercase hex."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    device: str = ""
    events: frozenset[str] = frozenset()

    def accepts(self, entry: AuditEntry) -> bool:
        """Whether an entry is shown."""
        is_of_device = entry.actor == "device" and entry.actor_id.startswith(self.device)
        return (
            (self.since is None or entry.time >= self.since)
            and (self.until is None or entry.time < self.until)
            and (not self.device or is_of_device or entry.target.startswith(self.device))
            and (not self.events or entry.event in self.events)
        )


@command(
    "audit",
    examples=[
        ("satchel audit", "show the latest entries"),
        ("satchel audit --since 7d --device laptop", "what one device did in the last week"),
        ("satchel audit --event wrong-code --event wrong-token", "refused attempts"),
        ("satchel audit --verify", "only verify the log"),
    ],
)
@since_option("Only entries since a date, or a duration such as 7d.")
@click.option(
    "--until", type=MOMENT, metavar="TIME", help="Only entries before a date, or a duration such as 7d."
)
@click.option(
    "--device", metavar="NAME", help="Only entries by or about a device: its name or the start of its id."
)
@click.option(
    "--event",
    "events",
    metavar="EVENT",
    multiple=True,
    type=click.Choice(EVENTS),
    help="Only this event; repeatable.",
)
@limit_option(50, "entries")
@click.option("--verify", is_flag=True, help="Verify the log and show no entries.")
@click.option("--accept", is_flag=True, help="Accept a log that was rolled back or replaced, as it is now.")
@pass_app
def audit(
    app: App,
    /,
    *,
    since: dt.datetime | None,
    until: dt.datetime | None,
    device: str | None,
    events: tuple[str, ...],
    limit: int,
    verify: bool,
    accept: bool,
) -> None:
    """Show what happened in your cloud, newest last, and verify it.

    Every entry contains a hash of all entries before it, and this device remembers the latest entry. The exit
    code is 5 if an entry was changed or removed, or if the log differs from what this device has seen before.
    The entries up to that point are still shown.
    """
    if verify and (since or until or device or events):
        raise UsageError(
            "--verify verifies the whole log and shows no entries",
            hint="leave out --since, --until, --device, --event",
        )
    client = app.cloud()
    devices = named_devices(client, app.owner().identity)
    chosen = Filter(since, until, find_device_id(devices, device), frozenset(events))
    heads, cloud = AuditHeads(app.home), str(client.origin)
    known = heads.find(cloud)
    found = read(client, chosen, limit, known=None if accept else known)
    if found.problem is None:
        now = dt.datetime.now(dt.UTC)
        (heads.replace if accept else heads.advance)(cloud, found.reading.head, now)
    _print(app, found, devices, verify=verify)
    if found.problem is not None:
        raise found.problem
    if not found.reading.can_compare and known is not None:
        app.out.note(
            f"entry {known.number:,}, which this device saw on {format_moment(known.seen)}, has been deleted by now: "
            "the log can no longer be compared with it"
        )


@dataclass(frozen=True, slots=True)
class Found:
    """The entries to show, oldest first, and the problem that ended the reading, if any."""

    reading: AuditReading
    entries: tuple[AuditEntry, ...]
    verified: int
    problem: BrokenLogError | None


def read(client: CloudClient, chosen: Filter, limit: int, *, known: Head | None) -> Found:
    """Read and verify the whole log; keep the last `limit` entries that the filter accepts."""
    reading = AuditReading(client, after=START, remembered=known.link if known else None)
    kept: deque[AuditEntry] = deque(maxlen=limit)
    problem = None
    verified = 0
    try:
        for entry in reading:
            verified += 1
            if chosen.accepts(entry):
                kept.append(entry)
    except BrokenLogError as exc:
        problem = exc
    return Found(reading, tuple(kept), verified, problem)


def find_device_id(devices: Iterable[NamedDevice], text: str | None) -> str:
    """Return the id of the device with this name, or the beginning of an id; it may belong to a revoked device."""
    if text is None:
        return ""
    named = {each.id for each in devices if each.label.casefold() == text.casefold()}
    if len(named) == 1:
        return named.pop()
    if len(named) > 1:
        raise UsageError(
            f"several devices are named {text!r}", hint="give the start of an id: satchel devices"
        )
    prefix = text.lower()
    if FEWEST_DIGITS <= len(prefix) <= LONG_ID and set(prefix) <= set("0123456789abcdef"):
        return prefix
    raise UsageError(
        f"{text[:LONG_ID]!r} is neither the name of a connected device nor the start of an id",
        hint=f"list them: satchel devices; an id needs at least {FEWEST_DIGITS} digits",
    )


# -- output -----------------------------------------------------------------------------------


def _print(app: App, found: Found, devices: list[NamedDevice], *, verify: bool) -> None:
    names = {each.id: each.label or each.id[:SHORT_ID] for each in devices}
    document = {
        "entries": [] if verify else [_fields(entry, names) for entry in found.entries],
        "verified": found.verified,
        "first": found.reading.start.number + 1,
        "last": found.reading.head.number,
        "sha256": found.reading.head.digest.hex(),
        "comparable": found.reading.can_compare,
        "intact": found.problem is None,
    }
    if not verify:
        app.out.table(lambda: document, COLUMNS, list(_rows(found.entries, names)))
        return
    what = format_count(found.verified, "entry", "entries")
    app.out.answer(document, f"{what} verified, up to entry {found.reading.head.number:,}")


def _fields(entry: AuditEntry, names: dict[str, str]) -> dict[str, Any]:
    return {
        "number": entry.number,
        "time": moment(entry.time),
        "event": entry.event,
        "actor": entry.actor,
        "actor_id": entry.actor_id,
        "device": names.get(entry.actor_id) if entry.actor == "device" else None,
        "target": entry.target,
        "outcome": entry.outcome,
        "occurrences": entry.occurrences,
        "request": entry.request,
        "address": entry.address,
        "sha256": entry.sha256.hex(),
    }


def _rows(entries: Iterable[AuditEntry], names: dict[str, str]) -> Iterator[tuple[str, ...]]:
    for entry in entries:
        times = f" ×{entry.occurrences:,}" if entry.occurrences > 1 else ""
        yield (
            str(entry.number),
            format_moment(entry.time),
            entry.event + times,
            _who(entry, names),
            names.get(entry.target, _short(entry.target)),
            entry.outcome,
            entry.address,
        )


def _who(entry: AuditEntry, names: dict[str, str]) -> str:
    if entry.actor == "device":
        return names.get(entry.actor_id) or f"{_short(entry.actor_id)} (revoked)"
    return entry.actor_id or {"cloud": "the cloud"}.get(entry.actor, entry.actor)


def _short(text: str) -> str:
    is_id = len(text) == LONG_ID and set(text) <= set("0123456789abcdef")
    return text[:SHORT_ID] if is_id else text
