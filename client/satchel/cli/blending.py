"""Blended models in commands: after a Piece is saved, and among the suggestions for kept Pieces.

    blending = open_blending(app)                 # None if every model runs on this device
    piece = blending.refined(store, piece)        # never fails, and never waits long

A Piece is saved before the endpoint is asked, so that nothing about the endpoint can keep it from being saved.
"""

from typing import TYPE_CHECKING

from satchel.cli.app import App
from satchel.errors import SatchelError
from satchel.pieces.suggested import held_values, taken
from satchel.suggest.filling import FIELDS_OF_PIECE, Described, subject_of
from satchel.suggest.refilling import owners_draft, refilled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from satchel.processing.asking import Asked, Asking
    from satchel.processing.blendable import Blendable
    from satchel.store import Draft, Piece, Store

CHOICES: str = "processing.json"


def open_blending(app: App) -> "Blending | None":
    """Return the blended models of a home; None if there are none, or if their files cannot be read."""
    if not (app.home / CHOICES).exists():  # most homes, which import nothing for this
        return None
    import platform  # noqa: PLC0415

    from satchel.endpoints.endpoint import find_endpoint  # noqa: PLC0415
    from satchel.processing.asking import Asking  # noqa: PLC0415
    from satchel.processing.blendable import blended  # noqa: PLC0415
    from satchel.processing.choices import Choices  # noqa: PLC0415
    from satchel.prompts import Filter  # noqa: PLC0415

    try:
        models = blended(Choices.read(app.home), find_endpoint(app.home))
    except SatchelError as exc:
        app.out.warn(f"{exc.message}; {exc.hint}")
        return None
    if not models:
        return None
    filters = Filter(home=app.environment.variables.get("HOME", ""), host=platform.node())
    return Blending(app, models, Asking(app.chat, filters))


class Blending:
    """The blended models of a home, in one run of a command."""

    def __init__(self, app: App, models: "Sequence[Blendable]", asking: "Asking") -> None:
        self._app = app
        self._models = tuple(models)
        self._asking = asking
        self._told: set[str] = set()

    def refined(self, store: "Store", piece: "Piece") -> "Piece":
        """Return a Piece that was just saved, with the suggestions of the endpoint in the fields that models fill.

        What goes wrong is told in a note. Ctrl-C stops asking; the Piece stays as it was saved.
        """
        from satchel.processing.asking import WHILE_SAVING_S  # noqa: PLC0415  imported by now

        try:
            draft = owners_draft(piece, store.content(piece.id))
            asked = self._ask(draft, piece.id, WHILE_SAVING_S)
            changes = refilled(piece, draft, asked.described) if asked.described else None
            return piece if changes is None else store.edit(piece.id, changes, based_on=piece.revision)
        except SatchelError as exc:
            self._app.out.note(f"suggestions of the endpoint were not saved: {exc.message}")
        except KeyboardInterrupt:
            self._app.out.note(
                "stopped asking the endpoint; the Piece is saved with what this device suggests"
            )
        return piece

    def described(self, draft: "Draft", piece: "Piece") -> tuple[list[Described], set[str]]:
        """Return the suggestions for a kept Piece, and the names in labels of those that stay for want of an answer."""
        from satchel.processing.asking import SUGGESTING_S  # noqa: PLC0415  imported by now

        asked = self._ask(draft, piece.id, SUGGESTING_S)
        names = {one.model.rpartition("/")[0] for one in taken(piece)}
        return asked.described, {name for name in names if name.partition(":")[0] in asked.failures}

    def _ask(self, draft: "Draft", piece_id: str, budget_s: float) -> "Asked":
        held = held_values(draft)
        wanted = [model for model in self._models if not held[FIELDS_OF_PIECE[model.field]]]
        asked = self._asking.ask(subject_of(draft), piece_id, wanted, budget_s=budget_s)
        for reason in dict.fromkeys(asked.failures.values()):
            names = [name for name, why in asked.failures.items() if why == reason]
            if reason not in self._told:
                self._told.add(reason)
                self._app.out.note(f"{', '.join(names)} ran on this device: {reason}")
        return asked
