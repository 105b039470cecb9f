"""`satchel init`: a store and the root secret of its owner."""

import click

from satchel.cli.app import App
from satchel.cli.options import command, pass_app


@command(
    "init",
    examples=[
        ("satchel init", "make a store in the default place"),
        ("satchel init --home /media/stick/satchel", "make one on a flash drive"),
    ],
)
@click.option("--passphrase", is_flag=True, help="Protect the root secret with a passphrase.")
@pass_app
def init(app: App, /, *, passphrase: bool) -> None:
    """Make a store and the root secret.

    The root secret goes into the operating system's keyring where there is one, otherwise into a file
    that only you can read. Write down the 24 words of `satchel recovery show`: they are the only way
    back to a backup.
    """
    from satchel.keys import RootSecret  # noqa: PLC0415  costs cryptography
    from satchel.store import STORE_FILE, Store  # noqa: PLC0415  costs SQLite

    vault = app.vault()
    is_half_made = (app.home / STORE_FILE).exists() and not vault.exists()
    chosen = app.new_passphrase() if passphrase and not vault.exists() else None
    with app.open_store() if is_half_made else Store.create(app.home) as store:
        if not vault.exists():
            vault.create(RootSecret.generate(), chosen)
        app.out.answer({"home": str(app.home), "store_id": store.store_id}, f"made a store in {app.home}")
    app.out.note(f"the root secret is {vault.describe()}")
    app.out.note("next: satchel recovery show, and write the 24 words down")
