"""The report of a month. Values that few documents have are counted together, so that it singles nobody out."""

from collections.abc import Iterator
from typing import Any, Final

from satchel_infra.telemetry.counts import Month

LEAST: Final = 5
"""How many documents must have a value for the report to name it."""
FEW: Final = "(few)"
FIELDS: Final = (
    "satchel", "python", "system", "extra", "pieces", "store MiB", "days", "command", "exit code", "crash",
)  # fmt: skip
WITH_AMOUNTS: Final = frozenset({"command", "exit code"})


def report_of(month: Month, least: int = LEAST) -> dict[str, Any]:
    """Return the report as JSON values. Values in fewer than `least` documents are counted together, unnamed."""
    fields = {
        field: list(_values(month.tallies[field], 1 if field == "crash" else least))
        for field in FIELDS
        if field in month.tallies
    }
    return {
        "month": month.name,
        "devices": month.devices,
        "documents": month.documents,
        "crash_reports": month.reports,
        "fields": fields,
    }


def _values(tallies: dict[str, tuple[int, int]], least: int) -> Iterator[dict[str, Any]]:
    few = [counted for counted in tallies.values() if counted[0] < least]
    for value, (documents, amount) in tallies.items():
        if documents >= least:
            yield {"value": value, "documents": documents, "amount": amount}
    if few:
        yield {
            "value": FEW,
            "documents": sum(documents for documents, _ in few),
            "amount": sum(amount for _, amount in few),
        }


def lines_of(report: dict[str, Any]) -> Iterator[str]:
    """Yield the report as text for people."""
    yield f"month          {report['month']}"
    yield f"devices        {report['devices']:,}"
    yield f"documents      {report['documents']:,}"
    yield f"crash reports  {report['crash_reports']:,}"
    for field, values in report["fields"].items():
        yield ""
        yield field
        width = max(len(each["value"]) for each in values)
        for each in values:
            runs = f"  {each['amount']:>9,} runs" if field in WITH_AMOUNTS else ""
            yield f"  {each['value']:<{width}}  {each['documents']:>9,}{runs}"
