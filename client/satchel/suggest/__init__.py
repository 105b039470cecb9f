"""Suggestions for a Piece by the models of this device, and checks before a Piece is shared.

    draft = fill_quickly(draft)  # title and language from the file's name or the first line

Nothing here opens a socket or a store.
"""

from satchel.pieces.model import Draft
from satchel.suggest.filling import describe, fill, quick_models, subject_of
from satchel.suggest.share_checks import SHARE_CHECKS, Finding, ShareCheck, findings

__all__ = [
    "SHARE_CHECKS",
    "Finding",
    "ShareCheck",
    "describe",
    "fill",
    "fill_quickly",
    "findings",
    "quick_models",
    "subject_of",
]


def fill_quickly(draft: Draft) -> Draft:
    """Fill the empty title and language of a draft from its file's name or its first line."""
    return fill(draft, describe(subject_of(draft), quick_models()))
