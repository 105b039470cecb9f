"""`satchel status`: show the home, its keys and the cloud."""

from typing import Any

from satchel.cli.app import App
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.output import Document
from satchel.cli.terminal.text import Column, format_size
from satchel.cli.views import moment

COLUMNS = (Column("", dim=True), Column(""))


@command(
    "status",
    examples=[
        ("satchel status", "show the status"),
        ("satchel status --json", "show it for a program"),
    ],
)
@pass_app
def status(app: App, /) -> None:
    """Show what is in the home: the Pieces, the keys, and whether a cloud is connected.

    This does not contact the cloud; satchel backups shows what it holds.
    """
    document = _document(app)
    app.out.table(lambda: document, COLUMNS, _rows(document))


def _document(app: App) -> dict[str, Any]:
    with app.open_store(read_only=True) as store:
        newest = next(store.pieces(limit=1), None)
        return {
            "home": str(app.home),
            "store_id": store.store_id,
            "pieces": store.count(),
            "newest": moment(newest.created) if newest else None,
            "store_bytes": store.path.stat().st_size,
            "keys": _keys(app),
            "cloud": _cloud(app),
        }


def _keys(app: App) -> dict[str, str] | None:
    vault = app.vault()
    if not vault.exists():
        return None
    description = vault.describe()
    return {"kept": description.kept, "owner": description.owner_id, "detail": str(description)}


def _cloud(app: App) -> dict[str, str] | None:
    if not (app.home / "cloud.json").exists():
        return None
    # The cloud client costs over 20 ms, and only connected homes need it.
    from satchel.cloud.connection import read_connection  # noqa: PLC0415

    connection = read_connection(app.home)
    return {"url": str(connection.origin), "device_id": connection.device_id}


def _rows(document: Document) -> list[tuple[str, str]]:
    keys, cloud = document["keys"], document["cloud"]
    return [
        ("home", str(document["home"])),
        ("Pieces", f"{document['pieces']:,}"),
        ("store", f"{format_size(float(str(document['store_bytes'])))}, id {document['store_id']}"),
        (
            "keys",
            str(keys["detail"]) if isinstance(keys, dict) else "none: satchel recovery use, or satchel init",
        ),
        ("cloud", str(cloud["url"]) if isinstance(cloud, dict) else "not connected"),
    ]
