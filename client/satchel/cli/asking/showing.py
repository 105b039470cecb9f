"""What is about to be sent to an endpoint, and to whom: as text for people, and as fields."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from satchel.asking import Prepared
from satchel.asking.materials import Reference
from satchel.cli.terminal.text import format_count, one_line
from satchel.store import Store

if TYPE_CHECKING:
    from satchel.endpoints import Endpoint


@dataclass(frozen=True, slots=True)
class Sending:
    """A request that is not sent yet: where it goes, its exact body, and what the body was made of."""

    endpoint: "Endpoint"
    body: bytes = field(repr=False)
    prepared: Prepared
    store: Store


def fields(sending: Sending) -> dict[str, Any]:
    """Return what is sent as fields of JSON, without the body itself."""
    prepared = sending.prepared
    return {
        "origin": sending.endpoint.origin,
        "model": sending.endpoint.model,
        "bytes": len(sending.body),
        "tokens_at_most": prepared.prompt.tokens,
        "pieces": list(prepared.prompt.pieces),
        "replaced": [
            {"placeholder": one.placeholder, "kind": one.kind, "what": one.what}
            for one in prepared.filtered.replaced
        ],
    }


def draw(sending: Sending) -> str:
    """Return what is sent as text to read: to whom, how much, of what, and every value of the body."""
    prompt, replaced = sending.prepared.prompt, sending.prepared.filtered.replaced
    lines = [
        f"to        {sending.endpoint.origin}, to the model {sending.endpoint.model}",
        f"size      {len(sending.body):,} bytes, at most {format_count(prompt.tokens, 'token')}",
        *_block("quotes", [name_of(sending.store, one) for one in sending.prepared.references]),
        *_block(
            "replaced",
            [f"{one.placeholder}  {one.what or one_line(one.value)}" for one in replaced] or ["nothing"],
        ),
        "",
        *_values(json.loads(sending.body)),
    ]
    return "\n".join(lines)


def name_of(store: Store, reference: Reference) -> str:
    """Return a reference as a line: its number, the short id, and the title."""
    short = store.short_ids([reference.id]).get(reference.id, "") if reference.source == "piece" else "memory"
    return f"[{reference.number}] {short}  {one_line(reference.title) or '(untitled)'}"


def _block(name: str, values: list[str]) -> list[str]:
    return [f"{name if at == 0 else '':<10}{value}" for at, value in enumerate(values)]


def _values(value: object, place: str = "") -> list[str]:
    """Return every value of a document with its place in it, texts as they are."""
    if isinstance(value, dict):
        return [
            line for key, each in value.items() for line in _values(each, f"{place}.{key}" if place else key)
        ]
    if isinstance(value, list):
        return [line for at, each in enumerate(value) for line in _values(each, f"{place}[{at}]")]
    if isinstance(value, str) and ("\n" in value or len(value) > 60):
        return [f"{place}:", *(f"  {line}" for line in value.split("\n"))]
    return [f"{place}: {value if isinstance(value, str) else json.dumps(value)}"]
