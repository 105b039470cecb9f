r"""Suggested save: whether a text is worth saving as a Piece.

    worth_of("def area(r):\n    return 3.14 * r * r\n", "python")  # 0.8: complete, short, stands alone

A small logistic model over readable features, trained on generated examples only (`models/training/saving.py`).
`reasons_for` says in words what counts most.
"""

from satchel.models.saving.features import FEATURES, features_of
from satchel.models.saving.reasons import reasons_for
from satchel.models.saving.worth import worth_of

__all__ = ["FEATURES", "features_of", "reasons_for", "worth_of"]
