"""What a Piece could be called, written in and tagged with, and what speaks against sharing it.

Today a file's name and the first line of a text are asked; whatever guesses better later is one more
`Suggester` in `DEFAULT`. Nothing here opens a socket or a store.
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
