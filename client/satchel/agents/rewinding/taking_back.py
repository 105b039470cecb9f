"""Undoing what an agent wrote: a preview, and the change itself in one transaction (docs/spec/store.md, section 2).

plans = plan(store, "claude", since_ms)
take_back(store, "claude", since_ms, plans)     # raises if anything changed meanwhile
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import apsw

from satchel.agents.rewinding.replay import Replayed, State, Step, replay
from satchel.errors import SatchelError
from satchel.pieces.model import Changes, Clock, Entropy, Revision, WholeFile, system_entropy, utc_now
from satchel.pieces.suggested import after_return
from satchel.store import Store, writes
from satchel.store.database import rows
from satchel.store.files import files_of
from satchel.store.queries import StoredRevision, content_at, head_of, key_of, revisions_of
from satchel.store.rows import to_ms

Outcome = Literal["withdrawn", "changed", "kept"]
"""What happens to a Piece: it goes out of view, it gets a revision without the agent's, or nothing."""

_WRITTEN_BY: Final = (
    "SELECT DISTINCT p.id, p.ulid FROM revisions AS r JOIN pieces AS p ON p.id = r.piece"
    " WHERE r.agent = ? AND r.at >= ? ORDER BY p.id"
)
_AGENTS: Final = "SELECT DISTINCT agent FROM revisions WHERE agent IS NOT NULL ORDER BY agent"


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen to one Piece. `revisions` are the numbers of those that are taken back.

    `fields` names what changes, and `conflicts` the fields in which something of the agent may be left; for a Piece
    that the agent made and somebody else has edited since, this is "the whole Piece".
    """

    piece_id: str
    title: str
    outcome: Outcome
    revisions: tuple[int, ...]
    fields: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    head: str = ""
    state: State | None = field(default=None, repr=False)


def agents_of(store: Store) -> list[str]:
    """Return the agents that made revisions of this store."""
    with store.snapshot() as connection:
        return [str(row[0]) for row in rows(connection, _AGENTS)]


def plan(store: Store, agent: str, since_ms: int, *, with_edited: bool = False) -> list[Plan]:
    """Return what taking back an agent's writes since a time would do to each Piece that it wrote.

    With `with_edited`, Pieces that it made are withdrawn even if somebody else has edited them since.
    """
    with store.snapshot() as connection:
        return list(_plans(connection, agent, since_ms, with_edited=with_edited))


def take_back(
    store: Store,
    agent: str,
    since_ms: int,
    plans: Sequence[Plan],
    *,
    with_edited: bool = False,
    clock: Clock = utc_now,
    entropy: Entropy = system_entropy,
) -> None:
    """Carry out plans, all or nothing. SatchelError if the store has changed so that they would be others."""
    with store.transaction() as connection:
        if list(_plans(connection, agent, since_ms, with_edited=with_edited)) != list(plans):
            raise SatchelError(
                "Pieces have changed since this was shown; nothing was taken back",
                hint="run satchel rewind again",
            )
        for one in plans:
            _apply(connection, one, to_ms(clock()), entropy)


def _plans(connection: apsw.Connection, agent: str, since_ms: int, *, with_edited: bool) -> Iterator[Plan]:
    for key, piece_id in rows(connection, _WRITTEN_BY, agent, since_ms):
        stored = revisions_of(connection, key)
        if stored[-1].revision.is_withdrawn:
            continue
        taken = [_is_taken_back(one.revision, agent, since_ms) for one in stored]
        replayed = replay(_steps(connection, stored, taken))
        numbers = tuple(one.revision.number for one, is_taken in zip(stored, taken, strict=True) if is_taken)
        current = stored[-1].revision
        base = Plan(str(piece_id), current.title, "kept", numbers, head=current.id)
        decided = _decide(base, replayed, _state(connection, stored[-1]), with_edited=with_edited)
        if decided.outcome != "kept" or decided.conflicts:
            yield decided


def _decide(base: Plan, replayed: Replayed, current: State, *, with_edited: bool) -> Plan:
    if replayed.is_made_back and (with_edited or not replayed.is_adopted):
        return replace(base, outcome="withdrawn")
    conflicts = ("the whole Piece",) if replayed.is_made_back else replayed.conflicts
    changed = tuple(
        name for name in State.__slots__ if getattr(replayed.state, name) != getattr(current, name)
    )
    if not changed:
        return replace(base, conflicts=conflicts)
    return replace(base, outcome="changed", fields=changed, conflicts=conflicts, state=replayed.state)


def _is_taken_back(revision: Revision, agent: str, since_ms: int) -> bool:
    author = revision.author
    return author is not None and author.agent == agent and to_ms(revision.at) >= since_ms


def _steps(
    connection: apsw.Connection, stored: Sequence[StoredRevision], taken: Sequence[bool]
) -> Iterator[Step]:
    """Yield the revisions with their contents, one after the other."""
    for one, is_taken_back in zip(stored, taken, strict=True):
        revision = one.revision
        yield Step(_state(connection, one), is_taken_back, revision.is_withdrawn, revision.suggested)


def _state(connection: apsw.Connection, stored: StoredRevision) -> State:
    revision = stored.revision
    return State(
        content=content_at(connection, stored.content),
        media_type=revision.media_type,
        title=revision.title,
        description=revision.description,
        language=revision.language or "",
        tags=revision.tags,
        links=revision.links,
        files=tuple(
            WholeFile(
                one.file.name,
                content_at(connection, one.content),
                one.file.language or "",
                one.file.media_type,
            )
            for one in files_of(connection, stored.seq)
        ),
    )


def _apply(connection: apsw.Connection, plan: Plan, now_ms: int, entropy: Entropy) -> None:
    if plan.outcome == "kept":
        return
    key = key_of(connection, plan.piece_id)
    head = head_of(connection, key)
    if plan.outcome == "withdrawn":
        writes.withdraw(connection, key, head, now_ms=now_ms, entropy=entropy)
    elif plan.state is not None:
        changes = _changes(head.revision, plan.state)
        writes.apply_changes(connection, key, head, changes, now_ms=now_ms, entropy=entropy)


def _changes(current: Revision, state: State) -> Changes:
    """Return the changes that lead to a state, as an edit by the owner."""
    goal = replace(
        current,
        title=state.title,
        description=state.description,
        language=state.language or None,
        tags=state.tags,
        links=state.links,
    )
    return Changes(
        content=state.content,
        media_type=state.media_type,
        title=state.title,
        description=state.description,
        language=state.language,
        tags=state.tags,
        links=state.links,
        files=state.files,
        suggested=after_return(current, goal),
    )
