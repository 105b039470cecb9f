r"""The outline of code: its imports, declarations and calls, in one form for every language.

    outline = outline_of("import os\n\ndef home():\n    return os.getcwd()\n", "python")
    outline.imports       # (Import(module="os", bindings=(Binding("os", "os"),), first_line=1, last_line=1),)
    outline.declarations  # (Declaration(kind="function", name="home", first_line=3, last_line=4, ...),)
    outline.calls         # (Call(name="os.getcwd", line=4),)

The extra `models` brings the grammars of tree-sitter; each is loaded when its language is first met. Without them,
patterns find imports and declarations (`Outline.is_parsed` tells). No text makes it fail, and
the work is bounded: the first `EXAMINED_CHARS` characters of a text, and so many parts of each kind.
"""

from satchel.models.parsing.languages import language_of
from satchel.models.parsing.outline import Binding, Call, Declaration, Import, Kind, Outline
from satchel.models.parsing.reading import outline_of

__all__ = ["Binding", "Call", "Declaration", "Import", "Kind", "Outline", "language_of", "outline_of"]
