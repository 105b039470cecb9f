"""`satchel rewind`: show what an agent wrote, and take it back."""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import MOMENT
from satchel.cli.memory_forgetting import forget_events
from satchel.cli.memory_opening import find_memory, open_memory
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import Column, format_count, one_line
from satchel.errors import SatchelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from satchel.agents.rewinding import Plan
    from satchel.memory import Event

COLUMNS: Final = (
    Column("ID", dim=True),
    Column("TITLE", shrinks=True),
    Column("OUTCOME"),
    Column("REVISIONS"),
    Column("CONFLICTS", shrinks=True),
)


@command(
    "rewind",
    examples=[
        ("satchel rewind --agent claude --since 2h", "show what it wrote in the last two hours, then ask"),
        ("satchel rewind --agent claude --since 2026-11-30 --yes", "take it back without asking"),
        ("satchel history 01KB3 --restore 2", "bring one of its revisions back"),
    ],
)
@click.option("--agent", metavar="NAME", required=True, help="The agent, by its name in the ledger.")
@click.option(
    "--since", type=MOMENT, metavar="TIME", required=True, help="Since a date, or a duration such as 7d."
)
@click.option(
    "--with-edited", is_flag=True, help="Also withdraw Pieces that it made and somebody else edited."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def rewind(app: App, /, *, agent: str, since: dt.datetime, with_edited: bool, yes: bool) -> None:
    """Take back exactly what one agent wrote since a time, and show it first.

    Pieces that the agent made are hidden, its edits are undone, and its notes in the memory are forgotten.
    Anything that you or other agents wrote since then stays; where the two overlap, the later edit wins and
    is listed as a conflict. Everything stays in the history of each Piece.
    """
    from satchel.agents.rewinding import agents_of, plan  # noqa: PLC0415  the index costs over 20 ms

    since_ms = int(since.timestamp() * 1000)
    with app.open_store(read_only=True) as store:
        plans, known = plan(store, agent, since_ms, with_edited=with_edited), agents_of(store)
    notes = _notes(app, agent, since_ms)
    is_needed = bool(notes) or any(one.outcome != "kept" for one in plans)

    def carry_out() -> None:
        _take_back(app, agent, since_ms, plans, notes, with_edited=with_edited)

    if is_needed and yes:
        carry_out()
    document = _document(agent, plans, notes, is_done=is_needed and yes)
    app.out.table(lambda: document, COLUMNS, [_row(one) for one in plans])
    _explain(app, plans, notes, known, is_needed=is_needed)
    if is_needed and not yes:
        _ask(app, carry_out)


def _ask(app: App, carry_out: Callable[[], None]) -> None:
    if not app.out.can_ask:
        app.out.note("nothing was taken back yet; to take it back: --yes")
    elif app.out.confirm("take this back?"):
        carry_out()
        app.out.note("taken back")
    else:
        raise SatchelError("cancelled; nothing was taken back")


def _take_back(
    app: App,
    agent: str,
    since_ms: int,
    plans: "Sequence[Plan]",
    notes: "Sequence[Event]",
    *,
    with_edited: bool,
) -> None:
    from satchel.agents.rewinding import take_back  # noqa: PLC0415

    with app.open_store() as store:
        take_back(store, agent, since_ms, plans, with_edited=with_edited)
    if notes:
        with open_memory(app) as memory:
            forget_events(app, memory, notes)


def _notes(app: App, agent: str, since_ms: int) -> "list[Event]":
    from satchel.agents.recalling import notes_of  # noqa: PLC0415

    memory = find_memory(app)
    if memory is None:
        return []
    with memory:
        return notes_of(memory, agent, since_ms)


def _row(plan: "Plan") -> tuple[str, ...]:
    numbers = ",".join(map(str, plan.revisions))
    return (plan.piece_id, one_line(plan.title), plan.outcome, numbers, ", ".join(plan.conflicts))


def _document(
    agent: str, plans: "Sequence[Plan]", notes: "Sequence[Event]", *, is_done: bool
) -> dict[str, Any]:
    return {
        "agent": agent,
        "is_done": is_done,
        "pieces": [
            {
                "id": one.piece_id,
                "title": one.title,
                "outcome": one.outcome,
                "revisions": list(one.revisions),
                "fields": list(one.fields),
                "conflicts": list(one.conflicts),
            }
            for one in plans
        ],
        "notes": len(notes),
    }


def _explain(
    app: App, plans: "Sequence[Plan]", notes: "Sequence[Event]", known: "Sequence[str]", *, is_needed: bool
) -> None:
    if not is_needed:
        names = ", ".join(map(one_line, known)) or "none"
        app.out.note(f"there is nothing to take back; agents that have written: {names}")
    if notes:
        app.out.note(f"also {format_count(len(notes), 'note')} in the memory, and the episodes made of them")
    if any(one.conflicts for one in plans):
        app.out.note(
            "conflicts: later edits stay, and may contain some of the agent's text; see satchel history ID"
        )
