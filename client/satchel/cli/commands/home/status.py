"""`satchel status`: show the home, its keys, its backups and the cloud."""

import datetime as dt
from typing import Any

import click

from satchel.cli.app import App
from satchel.cli.memory_state import memory_fields, memory_rows
from satchel.cli.options import command, pass_app
from satchel.cli.protection.assessment import Finding, assess
from satchel.cli.protection.gathering import gather
from satchel.cli.protection.report import protection_fields, protection_rows
from satchel.cli.terminal.text import Column, format_size
from satchel.cli.views import moment
from satchel.store import Store

COLUMNS = (Column("", dim=True), Column("", shrinks=True))


@command(
    "status",
    examples=[
        ("satchel status", "show the status"),
        ("satchel status --offline", "do not contact the cloud"),
        ("satchel status --json", "show it for a program, such as your monitoring"),
    ],
)
@pass_app
def status(app: App, /) -> None:
    """Show what is in the home and how well it is protected.

    If a cloud is connected, satchel asks it what it holds and waits a few seconds at most. The exit code is 1
    if you should act: there is no backup or an old one, the cloud cannot be reached, its audit log differs
    from what this device has seen, another device is deleting backups, a scheduled run failed, you never
    confirmed the recovery words, or the disk is nearly full.
    """
    now = dt.datetime.now(dt.UTC)
    with app.open_store(read_only=True) as store:
        document = _document(app, store)
        facts = gather(app, store, now, ask_cloud=app.may_ask_in_passing())
    urgent = [finding for finding in assess(facts, now) if finding.verdict == "failed"]
    document |= protection_fields(facts, now)
    document |= {"healthy": not urgent, "attention": [_attention(finding) for finding in urgent]}
    app.out.table(lambda: document, COLUMNS, [*_rows(document), *protection_rows(facts, now)])
    for finding in urgent:
        app.out.note(f"{finding.name}: {finding.detail}" + (f"; {finding.hint}" if finding.hint else ""))
    if urgent:
        raise click.exceptions.Exit(1)


def _document(app: App, store: Store) -> dict[str, Any]:
    newest = next(store.pieces(limit=1), None)
    return {
        "home": str(app.home),
        "store_id": store.store_id,
        "pieces": store.count(),
        "newest": moment(newest.created) if newest else None,
        "store_bytes": store.path.stat().st_size,
        "keys": _keys(app),
        "memory": memory_fields(app),
    }


def _keys(app: App) -> dict[str, str] | None:
    vault = app.vault()
    if not vault.exists():
        return None
    description = vault.describe()
    return {"kept": description.kept, "owner": description.owner_id, "detail": str(description)}


def _attention(finding: Finding) -> dict[str, str]:
    return {"name": finding.name, "detail": finding.detail, "hint": finding.hint}


def _rows(document: dict[str, Any]) -> list[tuple[str, str]]:
    keys = document["keys"]
    return [
        ("home", document["home"]),
        ("Pieces", f"{document['pieces']:,}"),
        ("store", f"{format_size(document['store_bytes'])}, id {document['store_id']}"),
        ("keys", keys["detail"] if keys else "none: satchel recovery use, or satchel init"),
        *memory_rows(document["memory"]),
    ]
