"""`satchel init`: create a store and the owner's root secret."""

import shlex

import click

from satchel.cli.app import App
from satchel.cli.options import command, pass_app
from satchel.keys import RootSecret
from satchel.local_files import exposure, make_private
from satchel.store import STORE_FILE, Store


@command(
    "init",
    examples=[
        ("satchel init", "create a store in the default place"),
        ("satchel init --home /media/stick/satchel", "create one on a flash drive"),
    ],
)
@click.option("--passphrase", is_flag=True, help="Protect the root secret with a passphrase.")
@click.option("--no-guide", is_flag=True, help="Ask nothing about recovery words and imports.")
@pass_app
def init(app: App, /, *, passphrase: bool, no_guide: bool) -> None:
    """Create a store and the root secret.

    The root secret is stored in the operating system's keyring, or, if there is none, in a file that only you
    can read. Write down the 24 words from `satchel recovery show`: if you lose this computer, they are the
    only way to open a backup.

    On a terminal, satchel then offers to show the words and to import the snippets of other programs.
    """
    vault = app.vault()
    created: RootSecret | None = None
    is_half_created = (app.home / STORE_FILE).exists() and not vault.exists()
    chosen = app.new_passphrase() if passphrase and not vault.exists() else None
    if app.home.is_dir() and not any(app.home.iterdir()):
        make_private(app.home)
    with app.open_store() if is_half_created else Store.create(app.home) as store:
        if not vault.exists():
            created = RootSecret.generate()
            vault.create(created, chosen)
        if who := exposure(app.home):
            app.out.warn(
                f"{str(app.home)!r} {who}: they can read or replace files in it; "
                f"make it private: chmod 700 {shlex.quote(str(app.home))}"
            )
        app.out.answer({"home": str(app.home), "store_id": store.store_id}, f"created a store in {app.home}")
    app.out.note(f"the root secret is {vault.describe()}")
    if app.out.is_terminal and app.out.can_ask and not (no_guide or app.out.quiet):
        from satchel.cli.first_steps import guide  # noqa: PLC0415  on a terminal only

        guide(app, lambda: created or vault.load(app.passphrase))
    else:
        app.out.note("next: satchel recovery show, and write down the 24 words")
