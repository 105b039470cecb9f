r"""Titles and descriptions, taken from the content: no text is generated.

    outline = outline_of(Subject("def parse_header(line):\n    return line.split(':')"))
    print(outline.title)        # Parse a header from the line
    print(outline.description)  # Parse a header from the line. Takes line and returns …

A comment or docstring is the best title. Without one, the name of the main declaration is put into words
(`wording`), with a parameter as its object. Other kinds of content have their own describers (`outlines`).
"""

from satchel.models.titles.outline import Outline
from satchel.models.titles.outlines import outline_of

__all__ = ["Outline", "outline_of"]
