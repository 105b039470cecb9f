"""`satchel open`: serve the window on loopback, and open it in the browser."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

from satchel.cli.app import App
from satchel.cli.arguments import complete_pieces
from satchel.cli.options import command, pass_app
from satchel.errors import SatchelError
from satchel.local_files import remove, write_private
from satchel.signin.browser import open_browser

REDIRECT: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>satchel</title>'
    '<meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0; url={url}">'
    '<p><a href="{url}">Open the window</a></p></html>\n'
)


@command(
    "open",
    examples=[
        ("satchel open", "open the window in your browser"),
        ("satchel open 01KB3", "open it at a Piece"),
        ("satchel open --no-browser", "only print the address"),
    ],
)
@click.argument("piece", metavar="[ID]", required=False, shell_complete=complete_pieces)
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=0, metavar="N", help="The port (default: a free one)."
)
@pass_app
def open_window(app: App, /, *, piece: str | None, no_browser: bool, port: int) -> None:
    """Open the window: a page in your browser for everything that the commands do.

    satchel serves the page on 127.0.0.1 while it is open. The address works once, in the first browser that
    opens it. The page sends nothing that the corresponding command would not send. Ctrl-C stops it.
    """
    from satchel.cli.window_core import cores_of  # noqa: PLC0415  only this command loads a web server
    from satchel.window.calls import Window  # noqa: PLC0415
    from satchel.window.core import Passphrase  # noqa: PLC0415
    from satchel.window.server import Listener  # noqa: PLC0415
    from satchel.window.session import Session  # noqa: PLC0415
    from satchel.window.uploads import Uploads  # noqa: PLC0415

    path = _path_of(app, piece)
    listener = Listener(port)
    session = Session.begin(listener.port)
    address = f"http://127.0.0.1:{listener.port}"
    url = f"{address}{path}#{session.token}"
    passphrase = Passphrase()
    window = Window(app.home, cores_of(app, passphrase), session, passphrase, Uploads(app.home))
    with _opening(app, url, is_wanted=not no_browser):
        app.out.answer({"address": address, "url": url}, url, brief=url)
        if app.out.is_terminal:
            app.out.note("the address works once; close the page, or press Ctrl-C, to end this")
        listener.serve(window)
    app.out.note("the window is closed")


def _path_of(app: App, piece: str | None) -> str:
    """Return the route of the page. A missing or damaged store is an error now, not in the browser."""
    with app.open_store() as store:
        return "/" if piece is None else f"/pieces/{app.find_piece(store, piece).id}"


@contextmanager
def _opening(app: App, url: str, *, is_wanted: bool) -> Iterator[None]:
    """Open the browser at a private file that leads to the address: a list of processes shows the file's name only."""
    if not is_wanted:
        yield
        return
    page = REDIRECT.format(url=escape(url)).encode()
    name = f"open-{os.urandom(8).hex()}.html"
    with ExitStack() as stack:
        path = app.home / "window" / name
        try:
            write_private(path, page)
        except SatchelError:  # a home that cannot be written
            path = Path(stack.enter_context(TemporaryDirectory(prefix="satchel-"))) / name
            write_private(path, page)
        stack.callback(remove, path)
        open_browser(path.as_uri(), app.environment.variables)
        yield
