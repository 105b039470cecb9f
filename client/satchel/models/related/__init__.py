r"""Related links: the documentation of what a Piece imports and calls.

    documentation_of("import os.path\nos.path.join(a, b)\n", "python")
    # [Documentation("https://docs.python.org/3/library/os.path.html#os.path.join", "calls os.path.join", 0.9)]

Addresses are made from tables and patterns. Nothing is fetched, so an address can be out of date.
"""

from satchel.models.related.documentation import Documentation, documentation_of
from satchel.models.related.related_model import open_model

__all__ = ["Documentation", "documentation_of", "open_model"]
