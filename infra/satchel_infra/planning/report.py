"""A plan as text for people and as a document for programs. Every line names the rows that it rests on."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from satchel_infra.planning.plans import Line, Part, Plan, Raise
from satchel_infra.planning.tables import Row, Table

NAMES: Final = {"cloudrun": "Cloud Run", "knative": "Knative", "box": "Linux machines"}
STORED: Final = {
    "bucket": "a bucket each",
    "prefix": "a prefix each",
    "volume": "a volume each",
    "disk": "on the disk of their machine",
}
HEADINGS: Final = {
    Part.RESOURCES: "Resources",
    Part.STORAGE: "Storage: the choices",
    Part.TIME: "Time",
    Part.COST: "Cost a month, USD",
}
NAME_WIDTH: Final = 38
VALUE_WIDTH: Final = 15


def as_text(plan: Plan, table: Table, *, explain: bool = False) -> str:
    """Return the plan for people. With `explain`, each line says how it was computed."""
    notes = numbered(plan, table)
    request = plan.request
    title = f"Plan for {request.users:,} clouds on {NAMES[request.platform]}: {request.profile} use, "
    parts = [title + STORED[request.stored_in]]
    for part in Part:
        lines = [text for line in plan.of(part) for text in line_text(line, notes, explain=explain)]
        if lines:
            sums = total_text(plan) if part is Part.COST else []
            parts.append("\n".join([HEADINGS[part], *lines, *sums]))
    raises = [raise_text(each, table, notes) for each in plan.raises] or ["  none"]
    parts.append("\n".join(["Quotas to raise", *raises]))
    warnings = [f"  {each.text}{marks(each.rests_on, notes)}" for each in plan.warnings] or ["  none"]
    parts.append("\n".join(["Warnings", *warnings]))
    parts += rests_on_text([(number, table.row(row_id)) for row_id, number in notes.items()])
    return "\n\n".join(parts) + "\n"


def rests_on_text(rows: Sequence[tuple[int, Row]]) -> list[str]:
    """Return the numbered rows, and their sources under letters."""
    letters = {
        source: letter(place) for place, source in enumerate(dict.fromkeys(row.source for _, row in rows))
    }
    listed = [f"  [{number}] {row_text(row)} ({letters[row.source]})" for number, row in rows]
    sources = [f"  ({name}) {source}" for source, name in letters.items()]
    return ["\n".join(["Rests on", *listed]), "\n".join(["Sources", *sources])]


def letter(place: int) -> str:
    """Return a … z, aa, ab …"""
    first, last = divmod(place, 26)
    return (chr(ord("a") + first - 1) if first else "") + chr(ord("a") + last)


def numbered(plan: Plan, table: Table) -> dict[str, int]:
    """Return a number for each row that the plan rests on, in the order of the table."""
    used = plan.rests_on()
    found = [row.id for row in table.rows() if row.id in used]
    return {row_id: number for number, row_id in enumerate(found, 1)}


def line_text(line: Line, notes: Mapping[str, int], *, explain: bool) -> list[str]:
    """Return a line, and how it was computed."""
    value, unit = shown(line)
    first = f"  {line.name:<{NAME_WIDTH}}{value:>{VALUE_WIDTH}} {unit}".rstrip()
    first += marks(line.figure.rests_on, notes)
    return [first, f"      = {line.how}"] if explain else [first]


def shown(line: Line) -> tuple[str, str]:
    """Return the value and the unit of a line."""
    if line.part is Part.COST:
        return f"{line.figure.value:,.2f}", "USD"
    if line.unit == "s":
        return span(line.figure.value)
    if line.unit.startswith("USD"):
        return f"{line.figure.value:,.2f}", line.unit
    value = f"{line.figure.value:,.0f}"
    return value, line.unit.removesuffix("s") if value == "1" else line.unit


def span(seconds: float) -> tuple[str, str]:
    """Return a time in the largest unit that leaves at least one of it."""
    for unit, each in (("years", 31_557_600), ("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= each:
            return f"{seconds / each:,.1f}", unit
    return f"{seconds:,.1f}", "seconds"


def total_text(plan: Plan) -> list[str]:
    """Return the sum of the costs, and the cost of one cloud."""
    usd = plan.monthly_usd.value
    return [
        f"  {'total':<{NAME_WIDTH}}{usd:>{VALUE_WIDTH},.2f} USD",
        f"  {'per cloud':<{NAME_WIDTH}}{usd / plan.request.users:>{VALUE_WIDTH},.4f} USD",
    ]


def raise_text(each: Raise, table: Table, notes: Mapping[str, int]) -> str:
    """Return a quota to raise: which, from what, to what, and for what."""
    row = table.row(each.row_id)
    verb = "raise" if row.raisable else "exceeds the limit"
    rests_on = each.have.rests_on | each.need.rests_on
    return (
        f"  {verb}: {row.unit}, from {each.have.value:,.0f} to {each.need.value:,.0f} {each.scope}"
        f"{marks(rests_on, notes)}"
    )


def marks(rests_on: frozenset[str], notes: Mapping[str, int]) -> str:
    """Return the numbers of the rows, with runs as ranges."""
    spans: list[list[int]] = []
    for number in sorted(notes[row_id] for row_id in rests_on):
        if spans and number == spans[-1][-1] + 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    shown = [f"{run[0]}" if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in spans]
    return f"  [{', '.join(shown)}]" if shown else ""


def row_text(row: Row) -> str:
    """Return a row of the table without its source, in one line."""
    return f"{row.id} = {row.value:,.10g} {row.unit}" + (f"; {row.note}" if row.note else "")


def as_document(plan: Plan, table: Table) -> dict[str, Any]:
    """Return the plan for programs. Times are seconds, costs USD a month."""
    request = plan.request
    return {
        "platform": request.platform,
        "users": request.users,
        "profile": request.profile,
        "storage": request.stored_in,
        "regions": request.regions,
        "lines": [line_document(line) for line in plan.lines],
        "monthly_usd": plan.monthly_usd.value,
        "raise": [
            {
                "row": each.row_id,
                "from": each.have.value,
                "to": each.need.value,
                "scope": each.scope,
                "raisable": table.row(each.row_id).raisable,
                "rests_on": sorted(each.have.rests_on | each.need.rests_on),
            }
            for each in plan.raises
        ],
        "warnings": [{"text": each.text, "rests_on": sorted(each.rests_on)} for each in plan.warnings],
        "rows": {row.id: row_document(row) for row in table.rows() if row.id in plan.rests_on()},
    }


def line_document(line: Line) -> dict[str, Any]:
    """Return a line for programs."""
    return {
        "part": line.part.value,
        "name": line.name,
        "value": line.figure.value,
        "unit": line.unit,
        "how": line.how,
        "rests_on": sorted(line.figure.rests_on),
    }


def row_document(row: Row) -> dict[str, Any]:
    """Return a row of the table for programs."""
    return {
        "value": row.value,
        "unit": row.unit,
        "note": row.note,
        "raisable": row.raisable,
        "source": row.source.title,
        "url": row.source.url,
        "how": row.source.how.value,
        "read": row.source.read.isoformat() if row.source.read else None,
    }
