"""`satchel recovery`: the 24 words that bring everything back."""

import click

from satchel.cli.app import App
from satchel.cli.options import group, pass_app
from satchel.errors import RefusedError, SatchelError, UsageError

_COLUMNS = 4


@group(
    "recovery",
    examples=[
        ("satchel recovery show", "the 24 words, to write down"),
        ("satchel recovery use", "use them on another computer"),
    ],
)
def recovery() -> None:
    """Show the recovery words, or use them.

    Who has the words can read every backup and share; without them and without this computer nobody can.
    """


@recovery.subcommand(
    "show",
    examples=[
        ("satchel recovery show", "the 24 words, to write down"),
        ("satchel recovery show --age > key.txt", "a key for the age program"),
    ],
)
@click.option("--age", is_flag=True, help="Show the identity that the age program takes, instead.")
@pass_app
def show(app: App, /, *, age: bool) -> None:
    """Show the 24 words, to be written down on paper."""
    from satchel.keys import derive_owner_keys, to_phrase  # noqa: PLC0415  costs cryptography

    root = app.vault().load(app.passphrase)
    if age:
        identity = str(derive_owner_keys(root).identity)
        app.out.answer({"identity": identity}, identity, brief=identity)
        return
    words = to_phrase(root)
    app.out.answer({"words": words}, _grid(words.split()), brief=words)
    if app.out.is_terminal:
        app.out.note("write them down on paper, in this order; whoever has them can read your backups")


@recovery.subcommand(
    "use",
    examples=[
        ("satchel recovery use", "type the words; satchel restore comes next"),
        ("satchel recovery use < words.txt", "read them from a file"),
    ],
)
@click.option("--passphrase", is_flag=True, help="Protect the root secret with a passphrase.")
@click.option("--replace", is_flag=True, help="Forget the root secret that is here now.")
@pass_app
def use(app: App, /, *, passphrase: bool, replace: bool) -> None:
    """Make the root secret from the 24 words, on a new computer.

    The words are read from the terminal or from standard input, never from the command line, where
    others could see them.
    """
    from satchel.keys import from_phrase, owner_id  # noqa: PLC0415  costs cryptography

    vault = app.vault()
    if vault.exists() and not replace:
        raise RefusedError(
            f"there is a root secret in {app.home} already",
            hint="--replace forgets it: write its words down first (satchel recovery show)",
        )
    root = from_phrase(_read_words(app))
    kept = vault.create(root, app.new_passphrase() if passphrase else None, replace=replace)
    app.out.answer(
        {"home": str(app.home), "owner": owner_id(root), "kept": kept.kept},
        f"the words are right; the root secret is {kept}",
    )
    app.out.note("next: satchel restore brings the Pieces back, satchel init makes a new store")


def _read_words(app: App) -> str:
    if app.streams.stdin_is_terminal:
        if not app.out.can_ask:
            raise UsageError("the words cannot be asked for", hint="give them on standard input")
        return app.out.ask_secret("the 24 words (not shown)")
    try:
        return app.streams.stdin.read(65_536).decode("utf-8")
    except UnicodeDecodeError as exc:
        raise SatchelError("standard input is not text") from exc


def _grid(words: list[str]) -> str:
    """Return the words numbered, in columns to be read downwards."""
    rows = len(words) // _COLUMNS
    numbered = [f"{number:>2} {word:<10}" for number, word in enumerate(words, 1)]
    return "\n".join("  ".join(numbered[row::rows]).rstrip() for row in range(rows))
