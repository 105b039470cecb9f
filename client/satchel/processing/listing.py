"""Where every model runs, as a table for anyone who wants to know.

for row in rows(Choices.read(home), find_endpoint(home)):
    row.name, row.where, row.sends
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from satchel.endpoints.endpoint import Endpoint
from satchel.models.registry import ENTRIES, Entry
from satchel.processing.blendable import BLENDABLE, LOCAL_ONLY, SENDS
from satchel.processing.choices import Choices

Runs = Literal["local", "blended"]
HERE: Final = "this device"
NOTHING: Final = "nothing"
ASK: Final = "ask"
ASK_SENDS: Final = (
    "your question and excerpts of Pieces, secrets replaced; shown first, and sent only if you agree"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One model: its version, whether it asks the endpoint, where, what it sends, and why it never may.

    `where` is "this device", or the origin of the endpoint. `only_here` is empty for a model that may be blended.
    """

    name: str
    version: int
    purpose: str
    runs: Runs
    where: str
    sends: str
    only_here: str = ""


def rows(choices: Choices, endpoint: Endpoint | None) -> Iterator[Row]:
    """Yield every model of the registry, then asking."""
    for entry in ENTRIES:
        yield _row(entry, choices, endpoint)
    if endpoint is None:
        yield Row(ASK, 1, "answers from your Pieces", "local", HERE, NOTHING)
    else:
        yield Row(ASK, 1, "answers from your Pieces", "blended", endpoint.origin, ASK_SENDS)


def _row(entry: Entry, choices: Choices, endpoint: Endpoint | None) -> Row:
    if endpoint is not None and entry.name in BLENDABLE and choices.is_blended(entry.name, endpoint):
        return Row(entry.name, entry.version, entry.purpose, "blended", endpoint.origin, SENDS)
    reason = LOCAL_ONLY.get(entry.name, "")
    return Row(entry.name, entry.version, entry.purpose, "local", HERE, NOTHING, reason)
