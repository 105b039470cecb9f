"""Appending to the audit log. Everything here runs inside the transaction of the change that it records."""

from collections.abc import Collection
from contextvars import ContextVar
from typing import Final, NamedTuple

import apsw

from satchel_wire.audit import START, Actor, Entry, Event, Link, Outcome, hash_of

LISTED_EACH: Final = 20  # beyond this, one entry counts what a single transaction did to many objects

WITHOUT_ADDRESS: Final = frozenset({Event.ANSWER_RECEIVED})
"""Events of people who were promised that no address is kept (docs/spec/request.md)."""

INSERT: Final = """
INSERT INTO audit(number, time, event, actor, actor_id, target, outcome, occurrences, request, address, sha256)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
SELECT_HEAD: Final = "SELECT number, sha256 FROM audit ORDER BY number DESC LIMIT 1"
SELECT_ANCHOR: Final = "SELECT number, sha256 FROM audit_anchor"


class Who(NamedTuple):
    """The actor of an entry."""

    actor: Actor
    id: str = ""


OPERATOR: Final = Who(Actor.OPERATOR)
ANYONE: Final = Who(Actor.ANYONE)
CLOUD: Final = Who(Actor.CLOUD)


def by_device(device_id: str) -> Who:
    """Return a connected device as an actor."""
    return Who(Actor.DEVICE, device_id)


def by_subject(subject_id: str) -> Who:
    """Return an account of the issuer as an actor."""
    return Who(Actor.SUBJECT, subject_id)


class Trace(NamedTuple):
    """The request that a write belongs to: its id, and the client's address if the operator wants addresses logged."""

    request: str = ""
    address: str = ""


NO_TRACE: Final = Trace()
TRACE: Final[ContextVar[Trace]] = ContextVar("audit-trace", default=NO_TRACE)
"""The current request. `Database.write` runs a write in the context of its caller."""


def record(
    db: apsw.Connection,
    event: Event,
    who: Who,
    *,
    now: int,
    target: str = "",
    outcome: Outcome = Outcome.DONE,
    occurrences: int = 1,
) -> None:
    """Append one entry. `now` is milliseconds since 1970; `target` is an id, never content, a label or a title."""
    trace = TRACE.get()
    is_request = not event.is_counted  # a counted event stands for many requests
    has_address = is_request and who.actor is not Actor.CLOUD and event not in WITHOUT_ADDRESS
    address = trace.address if has_address else ""
    head = read_head(db)
    entry = Entry(
        number=head.number + 1,
        time_ms=now,
        event=event.code,
        actor=who.actor.value,
        actor_id=who.id,
        target=target,
        outcome=outcome.value,
        occurrences=occurrences,
        request=trace.request if is_request else "",
        address=address,
    )
    db.execute(INSERT, (*entry, hash_of(head.digest, entry)))


def record_each(db: apsw.Connection, event: Event, who: Who, targets: Collection[str], *, now: int) -> None:
    """Append an entry for each target, or a single one with their count if they are many."""
    if len(targets) > LISTED_EACH:
        record(db, event, who, now=now, occurrences=len(targets))
        return
    for target in targets:
        record(db, event, who, now=now, target=target)


def read_head(db: apsw.Connection) -> Link:
    """Return the number and the hash of the latest entry."""
    found = db.execute(SELECT_HEAD).fetchone()
    return read_anchor(db) if found is None else Link(*found)


def read_anchor(db: apsw.Connection) -> Link:
    """Return the number and the hash of the last entry that was deleted; the beginning if none was."""
    found = db.execute(SELECT_ANCHOR).fetchone()
    return START if found is None else Link(*found)
