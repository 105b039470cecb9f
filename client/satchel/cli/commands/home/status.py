"""`satchel status`: what is here, and how it is kept."""

from typing import Any

from satchel.cli.app import App
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.output import Column, Document
from satchel.cli.terminal.units import format_size

_COLUMNS = (Column("", dim=True), Column(""))


@command(
    "status",
    examples=[
        ("satchel status", "what is here"),
        ("satchel status --json", "for a program"),
    ],
)
@pass_app
def status(app: App, /) -> None:
    """Show what is in the home: the Pieces, the keys, and whether a cloud is connected.

    Nothing is asked of the cloud; see satchel backups for what it holds.
    """
    document = _document(app)
    app.out.table(lambda: document, _COLUMNS, _rows(document))


def _document(app: App) -> dict[str, Any]:
    from satchel.cli.views import moment  # noqa: PLC0415  costs SQLite

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
    """Return where the cloud is; the file is looked for first, since most of the client is loaded to read it."""
    if not (app.home / "cloud.json").exists():
        return None
    from satchel.cloud.connection import read_connection  # noqa: PLC0415  costs urllib3

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
