"""Drafts of the text in an image: the code becomes the content, and the image a further file.

read = read_image(draft.content)
draft = draft_of_text(draft, read, image_name(draft))
"""

from dataclasses import replace
from typing import Final

from satchel.models.ocr import ImageText
from satchel.pieces.media import sniff
from satchel.pieces.model import Draft, Source, WholeFile

MAX_NAMES: Final = 100


def draft_of_text(draft: Draft, read: ImageText, name: str) -> Draft:
    """Return the draft of the text. Its source has no file name: that of the image would tell a wrong language."""
    source = draft.source
    return replace(
        draft,
        content=f"{read.text}\n".encode(),
        media_type=None,
        source=Source("image", source.location if source else ""),
        files=(WholeFile(name, draft.content), *draft.files),
    )


def image_name(draft: Draft) -> str:
    """Return the image's file name, or one that says its format and that no other file has."""
    if draft.source is not None and draft.source.base_name:
        return draft.source.base_name
    kind = sniff(draft.content).partition("/")[2]
    taken = {file.name for file in draft.files}
    names = ("image", *(f"image-{number}" for number in range(2, MAX_NAMES)))
    return next(f"{name}.{kind}" for name in names if f"{name}.{kind}" not in taken)
