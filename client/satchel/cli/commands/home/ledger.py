"""`satchel ledger`: show what left this device and what agents read, verify the record of it, and erase texts that it keeps."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import NumberType, limit_option, since_option
from satchel.cli.options import group, pass_app
from satchel.cli.terminal.text import Column, format_count, format_moment, format_size
from satchel.cli.views import moment
from satchel.errors import NotFoundError, UsageError
from satchel.ledger import ACCESS_KINDS, Access, Entry, Ledger
from satchel.ledger.recorder import now_ms
from satchel.outgoing.recording import KINDS
from satchel.pieces.ulid import canonical, is_id

COLUMNS: Final = (
    Column("NO", right=True, dim=True),
    Column("TIME", dim=True),
    Column("TO", shrinks=True),
    Column("WHAT"),
    Column("BY"),
    Column("BYTES", right=True),
    Column("OUTCOME", shrinks=True),
)
MOST_ENTRIES: Final = 1_000_000_000
UNKNOWN: Final = "unknown"
NUMBER: Final = NumberType(MOST_ENTRIES)
SHOWN_KINDS: Final = (*KINDS, *ACCESS_KINDS)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are shown."""

    since: dt.datetime | None = None
    kinds: frozenset[str] = frozenset()
    piece: str = ""

    def accepts(self, entry: Entry | Access) -> bool:
        """Whether an entry is shown."""
        if isinstance(entry, Access):
            at, kind, pieces = entry.record.at, entry.kind, tuple(one.id for one in entry.record.pieces)
        else:
            at, kind, pieces = entry.sent.at, entry.sent.kind, entry.sent.pieces
        return (
            (self.since is None or at >= self.since.timestamp() * 1000)
            and (not self.kinds or kind in self.kinds)
            and (not self.piece or self.piece in pieces)
        )


@group(
    "ledger",
    examples=[
        ("satchel ledger", "show the latest entries"),
        ("satchel ledger --since 7d --kind share-body", "what was shared in the last week"),
        ("satchel ledger --piece 01KB3", "what any server or agent got of a Piece"),
        ("satchel ledger show 12", "show everything about one entry"),
        ("satchel ledger verify", "prove that no entry was changed or removed"),
    ],
    alone=True,
)
@since_option("Only entries since a date, or a duration such as 7d.")
@click.option(
    "--kind",
    "kinds",
    metavar="KIND",
    multiple=True,
    type=click.Choice(SHOWN_KINDS),
    help=f"Only this kind, repeatable: {', '.join(SHOWN_KINDS)}.",
)
@click.option("--piece", metavar="ID", help="Only entries with this Piece.")
@limit_option(50, "entries")
@pass_app
def ledger(
    app: App, /, *, since: dt.datetime | None, kinds: tuple[str, ...], piece: str | None, limit: int
) -> None:
    """Show everything that left this device or was read by agents, newest last.

    Each request is recorded before its first byte is sent: when, to whom, by which command, how many bytes,
    and their SHA-256. Each answer of satchel mcp to an agent is recorded too. If a request cannot be
    recorded, it is not sent. The ledger stays on this device and is not part of any backup. A backup contains
    every Piece, so its entries do not name any.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return
    chosen = Filter(since, frozenset(kinds), _piece_id(app, piece))
    found = [entry for entry in _entries(app) if chosen.accepts(entry)][-limit:]
    app.out.table(
        lambda: {"entries": [_fields(entry) for entry in found]}, COLUMNS, [_row(entry) for entry in found]
    )


@ledger.subcommand("show", examples=[("satchel ledger show 12", "the number is in the first column")])
@click.argument("number", type=NUMBER, metavar="NUMBER")
@pass_app
def show(app: App, /, *, number: int) -> None:
    """Show one entry: what left, how it ended, and over which connection."""
    found = next((entry for entry in _entries(app) if entry.number == number), None)
    if found is None:
        raise NotFoundError(f"there is no entry {number}", hint="list them: satchel ledger")
    lines = _access_lines(found) if isinstance(found, Access) else _lines(found)
    app.out.answer(_fields(found), "\n".join(lines))


@ledger.subcommand("verify", examples=[("satchel ledger verify", "exit code 5 if anything was changed")])
@pass_app
def verify(app: App, /) -> None:
    """Verify that no record was changed, removed or inserted.

    Every record contains a hash of all records before it. The printed SHA-256 covers them all. Keep a copy of
    it elsewhere to prove later that the end was not truncated.
    """
    with Ledger.open(app.home) as opened:
        count, digest = opened.verify()
    document = {"records": count, "sha256": digest.hex()}
    app.out.answer(document, f"{format_count(count, 'record')} verified; SHA-256 {digest.hex()}")


@ledger.subcommand("forget", examples=[("satchel ledger forget 12", "the entry stays, its text goes")])
@click.argument("numbers", type=NUMBER, metavar="NUMBER…", nargs=-1, required=True)
@pass_app
def forget(app: App, /, *, numbers: tuple[int, ...]) -> None:
    """Erase the text that entries keep. The entries stay, and the ledger can still be verified.

    Prompts keep their text. `satchel rm` and `satchel memory forget` also erase the prompts that quote what
    they remove.
    """
    with Ledger.open(app.home) as opened:
        known = {entry.number: entry for entry in opened.entries()}
        without = [number for number in numbers if number not in known or known[number].text is None]
        if without:
            raise UsageError(f"entry {without[0]} has no text", hint="list them: satchel ledger")
        done = opened.forget(numbers, at=now_ms(), why=app.command)
    app.out.answer({"forgotten": done}, f"forgot {format_count(len(done), 'text')}")


def _entries(app: App) -> list[Entry | Access]:
    """Return all entries, and what agents read and wrote, in order; none if nothing has left yet."""
    try:
        with Ledger.open(app.home) as opened:
            return sorted([*opened.entries(), *opened.accesses()], key=lambda one: one.number)
    except NotFoundError:
        return []


def _piece_id(app: App, text: str | None) -> str:
    """Return the id of a Piece; a whole id may be that of a removed one."""
    if text is None:
        return ""
    try:
        with app.open_store() as store:
            return app.find_piece(store, text).id
    except NotFoundError:
        whole = canonical(text)
        if not is_id(whole):
            raise
        return whole


# -- output -----------------------------------------------------------------------------------


def _time(at_ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC)


def _outcome(entry: Entry) -> str:
    if entry.ended is None:
        return UNKNOWN
    return entry.ended.failure or f"answered {entry.ended.status}"


def _row(entry: Entry | Access) -> tuple[str, ...]:
    if isinstance(entry, Access):
        one = entry.record
        pieces = format_count(len(one.pieces), "Piece")
        middle = (_program(entry), entry.kind, f"satchel mcp {one.tool}", f"{one.bytes:,}", pieces)
        return (str(entry.number), format_moment(_time(one.at)), *middle)
    sent = entry.sent
    return (
        str(entry.number),
        format_moment(_time(sent.at)),
        sent.origin,
        sent.kind,
        sent.why,
        f"{sent.bytes:,}",
        _outcome(entry),
    )


def _program(access: Access) -> str:
    """Return the agent, with the name and version of its client."""
    one = access.record
    client = " ".join(part for part in (one.client, one.version) if part)
    return f"{one.agent} ({client})" if client else one.agent


def _access_lines(access: Access) -> Iterator[str]:
    one = access.record
    yield f"time        {format_moment(_time(one.at))}"
    yield f"agent       {_program(access)}"
    yield f"what        {access.kind} by the tool {one.tool}, {format_size(one.bytes)}"
    yield f"pieces      {', '.join(f'{piece.id} at revision {piece.revision}' for piece in one.pieces)}"
    yield f"sha256      {one.sha256}"


def _lines(entry: Entry) -> Iterator[str]:
    sent, ended = entry.sent, entry.ended
    yield f"time        {format_moment(_time(sent.at))}"
    yield f"to          {sent.origin}{f' through the proxy {sent.through}' if sent.through else ''}"
    yield f"what        {sent.kind} ({sent.method}), {format_size(sent.bytes)}"
    yield f"by          {sent.why}"
    if sent.pieces:
        yield f"pieces      {', '.join(sent.pieces)}"
    if sent.sha256:
        yield f"sha256      {sent.sha256}"
    yield f"outcome     {_outcome(entry)}"
    for one in ended.tried if ended else ():
        own = f" from port {one.own_port}" if one.own_port else ", no answer"
        yield f"dialled     {one.address} port {one.port}{own}"
    if ended and ended.connection:
        yield f"connection  {ended.connection}, dialled for entry {ended.connection.partition('.')[0]}"
    if entry.forgotten is not None:
        yield f"text        erased {format_moment(_time(entry.forgotten.at))} by {entry.forgotten.why}"
    if entry.text is not None:
        yield f"\n{entry.text.decode('utf-8', 'replace')}"


def _fields(entry: Entry | Access) -> dict[str, Any]:
    return _access_fields(entry) if isinstance(entry, Access) else _sent_fields(entry)


def _access_fields(access: Access) -> dict[str, Any]:
    one = access.record
    return {
        "number": access.number,
        "time": moment(_time(one.at)),
        "kind": access.kind,
        "command": "satchel mcp",
        "bytes": one.bytes,
        "sha256": one.sha256,
        "pieces": [piece.id for piece in one.pieces],
        "revisions": [piece.revision for piece in one.pieces],
        "agent": one.agent,
        "client": one.client,
        "client_version": one.version,
        "tool": one.tool,
    }


def _sent_fields(entry: Entry) -> dict[str, Any]:
    sent, ended = entry.sent, entry.ended
    return {
        "number": entry.number,
        "time": moment(_time(sent.at)),
        "origin": sent.origin,
        "proxy": sent.through or None,
        "kind": sent.kind,
        "command": sent.why,
        "method": sent.method,
        "bytes": sent.bytes,
        "sha256": sent.sha256 or None,
        "pieces": list(sent.pieces),
        "text": None if entry.text is None else entry.text.decode("utf-8", "replace"),
        "ended": moment(_time(ended.at)) if ended else None,
        "status": ended.status or None if ended else None,
        "received_bytes": ended.received if ended else None,
        "failure": ended.failure or None if ended else None,
        "connection": ended.connection or None if ended else None,
        "dialed": [
            {"address": one.address, "port": one.port, "own_port": one.own_port or None}
            for one in (ended.tried if ended else ())
        ],
    }
