"""The view See: the ledger of what left this device, and the audit log of the cloud."""

import datetime as dt
from typing import Final

from satchel.errors import IntegrityError, NotFoundError
from satchel.ledger import ACCESS_KINDS, Access, Entry, Ledger
from satchel.ledger.recorder import now_ms
from satchel.outgoing.recording import KINDS
from satchel.pieces.model import moment
from satchel.window.calls import Call
from satchel.window.core import WHY, command
from satchel.window.documents import shown
from satchel.window.messages.base import Nothing
from satchel.window.messages.records import (
    AuditLog,
    AuditRequest,
    ByNumber,
    ForgetRequest,
    Forgotten,
    LedgerEntry,
    LedgerPage,
    LedgerRequest,
    LedgerText,
    LedgerVerified,
)
from satchel.window.operations import BY_NAME
from satchel.window.times import milliseconds
from satchel_wire.audit import Event

ALL_KINDS: Final = (*KINDS, *ACCESS_KINDS)


def ledger(call: Call, request: LedgerRequest) -> LedgerPage:
    """Return entries of the ledger before a number, newest first."""
    since_ms = 0 if request.since is None else milliseconds("since", request.since)
    chosen = [
        each
        for each in _entries(call)
        if (request.before is None or each.number < request.before)
        and (not request.kinds or each.kind in request.kinds)
        and (request.piece is None or request.piece in each.pieces)
        and (not since_ms or milliseconds("time", each.time) >= since_ms)
    ]
    newest = chosen[::-1]
    return LedgerPage(
        entries=tuple(newest[: request.limit]), has_more=len(newest) > request.limit, kinds=ALL_KINDS
    )


def ledger_text(call: Call, request: ByNumber) -> LedgerText:
    """Return the exact text that an entry keeps."""
    with Ledger.open(call.core.home) as opened:
        found = next((each for each in opened.entries() if each.number == request.number), None)
    if found is None:
        raise NotFoundError(f"entry {request.number} keeps no text", hint="only prompts do")
    return LedgerText(
        number=found.number,
        text=None if found.text is None else found.text.decode("utf-8", "replace"),
        forgotten=None if found.forgotten is None else _time(found.forgotten.at),
    )


def verify_ledger(call: Call, _request: Nothing) -> LedgerVerified:
    """Prove that no record was changed, removed or inserted. IntegrityError if one was."""
    try:
        with Ledger.open(call.core.home) as opened:
            count, digest = opened.verify()
    except NotFoundError:
        return LedgerVerified(records=0, sha256="")
    return LedgerVerified(records=count, sha256=digest.hex())


def forget_ledger(call: Call, request: ForgetRequest) -> Forgotten:
    """Erase texts that the ledger keeps. The entries stay."""
    with Ledger.open(call.core.home) as opened:
        done = opened.forget(request.numbers, at=now_ms(), why=f"{WHY}{call.operation}")
    return Forgotten(forgotten=tuple(done))


def audit_log(call: Call, request: AuditRequest) -> AuditLog:
    """Return the latest entries of the cloud's audit log, verified."""
    options = {"limit": request.limit, "since": request.since, "device": request.device}
    words = ("audit", *(f"--event={event}" for event in request.events))
    events = tuple(event.code for event in Event)
    try:
        found = call.core.run(*command(*words, options=options))
    except IntegrityError as exc:
        return AuditLog(
            entries=(),
            verified=0,
            first=0,
            last=0,
            comparable=False,
            intact=False,
            problem=exc.message,
            events=events,
        )
    return shown(found, AuditLog, entries=found["entries"][::-1], events=events)


def _entries(call: Call) -> list[LedgerEntry]:
    try:
        with Ledger.open(call.core.home) as opened:
            found: list[Entry | Access] = [*opened.entries(), *opened.accesses()]
    except NotFoundError:  # nothing has left yet
        return []
    ordered = sorted(found, key=lambda each: each.number)
    return [_access(each) if isinstance(each, Access) else _sent(each) for each in ordered]


def _sent(entry: Entry) -> LedgerEntry:
    sent, ended = entry.sent, entry.ended
    outcome = None if ended is None else ended.failure or f"answered {ended.status}"
    operation = BY_NAME.get(sent.why.removeprefix(WHY)) if sent.why.startswith(WHY) else None
    return LedgerEntry(
        number=entry.number,
        time=_time(sent.at),
        kind=sent.kind,
        to=sent.origin,
        command=sent.why,
        bytes=sent.bytes,
        sha256=sent.sha256 or None,
        pieces=sent.pieces,
        outcome=outcome,
        status=(ended.status or None) if ended else None,
        proxy=sent.through or None,
        has_text=entry.text is not None,
        is_from_window=operation is not None,
        same_command=operation.command if operation else "",
    )


def _access(access: Access) -> LedgerEntry:
    one = access.record
    client = " ".join(part for part in (one.client, one.version) if part)
    return LedgerEntry(
        number=access.number,
        time=_time(one.at),
        kind=access.kind,
        to=f"{one.agent} ({client})" if client else one.agent,
        command=f"satchel mcp {one.tool}",
        bytes=one.bytes,
        sha256=one.sha256,
        pieces=tuple(piece.id for piece in one.pieces),
        outcome=None,
        agent=one.agent,
    )


def _time(at_ms: int) -> str:
    return moment(dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC))
