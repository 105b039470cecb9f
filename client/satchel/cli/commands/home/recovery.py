"""`satchel recovery`: show, check or use the 24 recovery words."""

import hmac

import click

from satchel.cli.app import App
from satchel.cli.options import group, pass_app
from satchel.cli.recovery_words import confirm, draw_words, knows_some
from satchel.errors import RefusedError, SatchelError, UsageError
from satchel.keys import RootSecret, derive_owner_keys, from_phrase, owner_id, to_phrase
from satchel.text_files import read_text_from


@group(
    "recovery",
    examples=[
        ("satchel recovery show", "show the 24 words, to write them down"),
        ("satchel recovery check", "check that you can read what you wrote down"),
        ("satchel recovery use", "use them on another computer"),
    ],
)
def recovery() -> None:
    """Show the recovery words, check them, or use them.

    Anyone with the words can read every backup and share. Without the words and without this computer,
    nobody can.
    """


@recovery.subcommand(
    "show",
    examples=[
        ("satchel recovery show", "show the 24 words, to write them down"),
        ("satchel recovery show --age > key.txt", "write a key for the age program"),
    ],
)
@click.option("--age", is_flag=True, help="Show the identity for the age program instead.")
@pass_app
def show(app: App, /, *, age: bool) -> None:
    """Show the 24 words. Write them down on paper."""
    root = app.vault().load(app.passphrase)
    if age:
        identity = str(derive_owner_keys(root).identity)
        app.out.answer({"identity": identity}, identity, brief=identity)
        return
    words = to_phrase(root)
    app.out.answer({"words": words}, draw_words(words.split()), brief=words)
    if app.out.is_terminal:
        app.out.note(
            "write them down on paper, in this order; anyone with the words can read your backups\n"
            "next: satchel recovery check"
        )


@recovery.subcommand(
    "check",
    examples=[
        ("satchel recovery check", "type three of the words, from the paper"),
        ("satchel recovery check < words.txt", "check all 24, off a terminal"),
    ],
)
@pass_app
def check(app: App, /) -> None:
    """Check that you have the 24 words, and record the date for `status` and `doctor`.

    On a terminal this asks for three of the words, chosen at random. Otherwise it reads all 24 from standard
    input. Words are never read from the command line, where other users could see them, and never printed.
    """
    root = app.vault().load(app.passphrase)
    is_right = knows_some(app, root) if app.streams.stdin_is_terminal else _knows_all(app, root)
    if not is_right:
        raise SatchelError(
            "these are not the recovery words of this home; nothing was recorded",
            hint="compare each word and its number with the paper; satchel recovery show shows the words",
        )
    app.out.answer(
        {"confirmed": confirm(app, root)}, "the words are right: you can restore your backups with them"
    )


def _knows_all(app: App, root: RootSecret) -> bool:
    """Read 24 words from standard input. Every way of being wrong gives the same answer."""
    text = _read_words(app)
    if not text.strip():
        raise UsageError("there are no words on standard input", hint="pipe in all 24 words, in their order")
    try:
        typed = from_phrase(text)
    except UsageError:
        return False
    return hmac.compare_digest(bytes(typed), bytes(root))


@recovery.subcommand(
    "use",
    examples=[
        ("satchel recovery use", "type the words; next: satchel restore"),
        ("satchel recovery use < words.txt", "read them from a file"),
        ("satchel recovery use --replace", "replace the root secret of this home"),
    ],
)
@click.option("--passphrase", is_flag=True, help="Protect the root secret with a passphrase.")
@click.option("--replace", is_flag=True, help="Replace the root secret in this home.")
@pass_app
def use(app: App, /, *, passphrase: bool, replace: bool) -> None:
    """Recreate the root secret from the 24 words, on a new computer.

    The words are read from the terminal or standard input, never from the command line, where other users
    could see them.
    """
    vault = app.vault()
    if vault.exists() and not replace:
        raise RefusedError(
            f"{app.home} already has a root secret",
            hint="write down its words first (satchel recovery show); then --replace replaces it",
        )
    root = from_phrase(_read_words(app))
    kept = vault.create(root, app.new_passphrase() if passphrase else None, replace=replace)
    confirm(app, root)  # all 24 were right
    app.out.answer(
        {"home": str(app.home), "owner": owner_id(root), "kept": kept.kept},
        f"the words are valid; the root secret is {kept}",
    )
    app.out.note("next: restore your Pieces (satchel restore) or create a new store (satchel init)")


def _read_words(app: App) -> str:
    if app.streams.stdin_is_terminal:
        if not app.out.can_ask:
            raise UsageError(
                "there is no terminal to ask for the words on", hint="pipe them to standard input"
            )
        return app.out.ask_secret("the 24 words (not shown)")
    return read_text_from(app.streams.stdin, "standard input")
