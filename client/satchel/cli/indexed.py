"""What the index knows about texts that are not Pieces yet."""

from collections.abc import Iterable

from satchel.cli.app import App
from satchel.store import digest_of


def known_contents(app: App, texts: Iterable[str]) -> set[str]:
    """Return the texts that are the content of a Piece, with or without a line end."""
    with app.open_store(read_only=True) as store, app.open_index(store) as index:
        return {
            text
            for text in texts
            if any(
                index.find_content(digest_of(f"{text}{end}".encode(), ())) is not None for end in ("", "\n")
            )
        }
