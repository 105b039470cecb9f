"""Suggestions for a new Piece (title, language, tags), and checks before a Piece is shared.

`DEFAULT` suggests from the file's name and the first line. Nothing here opens a socket or a store.
"""

from satchel.suggest.share_checks import SHARE_CHECKS, Finding, ShareCheck, findings
from satchel.suggest.suggester import FromFileName, FromFirstLine, Suggester, Suggestion, chain, fill

DEFAULT: Suggester = chain(FromFileName(), FromFirstLine())

__all__ = [
    "DEFAULT",
    "SHARE_CHECKS",
    "Finding",
    "FromFileName",
    "FromFirstLine",
    "ShareCheck",
    "Suggester",
    "Suggestion",
    "chain",
    "fill",
    "findings",
]
