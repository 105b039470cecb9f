"""Pieces that are withheld from agents, because they seem to hold a secret that the owner did not allow.

The reason names the kind of secret and its place, and repeats nothing of it. A withheld Piece is never found by a
search: with prefixes, the answers would spell out the secret letter by letter.
"""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final

from satchel.errors import NotFoundError
from satchel.pieces.model import Piece
from satchel.store import Store
from satchel.suggest.allowed_values import AllowedValues
from satchel.suggest.share_checks import Finding, findings

REMEMBERED: Final = 2_000  # Pieces whose findings are kept while the server runs
SHOWN_FINDINGS: Final = 3

Stop = Callable[[], None]
"""Raises if the caller no longer waits. Called now and then in long work."""


def piece_in_view(store: Store, piece_id: str) -> Piece:
    """Return the Piece that an agent names by its id. Raise NotFoundError if there is none, or if it is withdrawn."""
    piece = store.piece(store.resolve(piece_id))
    if piece.is_withdrawn:
        raise NotFoundError("there is no such Piece", hint="search_pieces finds the Pieces")
    return piece


class Withholding:
    """Decides which Pieces an agent may see. Findings of a revision are looked for once."""

    def __init__(self, home: Path, *, allows_all: bool) -> None:
        self._home = home
        self._allows_all = allows_all
        self._known: OrderedDict[tuple[str, str, int, str], tuple[Finding, ...]] = OrderedDict()

    def reason(self, store: Store, piece: Piece, stop: Stop) -> str:
        """Return why a Piece is withheld; empty if it is not."""
        if self._allows_all:
            return ""
        found = self._findings(store, piece, stop)
        withheld = AllowedValues.read(self._home).without(found) if found else ()
        if not withheld:
            return ""
        shown = ", ".join(dict.fromkeys(_described(one) for one in withheld[:SHOWN_FINDINGS]))
        return f"it seems to hold a secret ({shown}); the owner can look with: satchel secrets {piece.id}"

    def _findings(self, store: Store, piece: Piece, stop: Stop) -> tuple[Finding, ...]:
        key = (store.store_id, piece.id, piece.revision, piece.updated.isoformat())
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]

        def advance(_done: int) -> None:
            stop()

        stop()
        found = findings(piece, store.content(piece.id), store.files(piece.id), advance=advance)
        self._known[key] = found
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found


def _described(finding: Finding) -> str:
    """Return the kind and the place, without the name of a file, which may be a secret too."""
    if finding.part:
        return f"{finding.rule} in its {finding.part}"
    return f"{finding.rule} in line {finding.line}" + (" of a further file" if finding.file else "")
