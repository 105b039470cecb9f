"""`satchel lsp`: serve the store to an editor, over the Language Server Protocol."""

from importlib.util import find_spec

from satchel.cli.app import App
from satchel.cli.options import command, pass_app
from satchel.errors import MissingExtraError


@command("lsp", examples=[("satchel lsp", "what an editor starts: docs/guides/editors.md")])
@pass_app
def lsp(app: App, /) -> None:
    """Serve the store to an editor on standard input and output (Language Server Protocol).

    The editor can complete Pieces by the prefix of a snippet, a word of a title, or the meaning of a comment.
    It can show a Piece whose id or name is under the cursor, save a selection, find similar Pieces, and mark
    what looks like a secret. The server opens no connection.
    """
    if find_spec("pygls") is None:
        raise MissingExtraError("pygls", "lsp")
    with app.open_store():
        pass  # a missing or damaged store is an error now, not at the first key
    from satchel.editor.server import serve  # noqa: PLC0415  the index and the library cost over 20 ms

    if app.out.can_ask:
        app.out.note(
            "waiting for an editor on standard input; editors start this command: docs/guides/editors.md"
        )
    serve(app.home)
