"""Reading the code in an image that is saved: the text becomes the content, the image a further file."""

from dataclasses import replace
from typing import Final

from satchel.cli.app import App
from satchel.errors import MissingExtraError, SatchelError
from satchel.models.ocr import ImageText, NoReaderError, UnreadableImageError, read_image
from satchel.store import Draft, Source, WholeFile, is_image, sniff

HOW: Final = ("read", "keep")
"""What to do with an image: read the code in it, or keep it as the content."""
MAX_NAMES: Final = 100


class ImageReader:
    """Reads the images among the drafts of one command, and says what it did."""

    def __init__(self, app: App, how: str) -> None:
        self._out = app.out
        self._is_on = how == "read"

    def with_text(self, draft: Draft) -> Draft:
        """Return a draft whose content is the code in its image, or the same draft if it is no image with code."""
        if not self._is_on or not is_image(sniff(draft.content)):
            return draft
        name = _image_name(draft)
        try:
            read = read_image(draft.content)
        except (UnreadableImageError, NoReaderError, MissingExtraError) as exc:
            self._explain(name, exc)
            return draft
        if not read.is_code:
            return draft
        self._out.note(_summary(name, read))
        return _draft_of(draft, read, name)

    def _explain(self, name: str, exc: SatchelError) -> None:
        self._out.note(f"saving {name} as an image: {exc.message}")
        if exc.hint:
            self._out.note(f"hint: {exc.hint}")


def _summary(name: str, read: ImageText) -> str:
    numbers = ", without their numbers" if read.numbers_removed else ""
    lines = f"{len(read.lines)} line{'' if len(read.lines) == 1 else 's'}"
    return (
        f"read {lines} in {name}{numbers} ({read.engine}, {read.confidence:.0%} sure); "
        "the image is a file of the Piece. --image-only saves it unread"
    )


def _draft_of(draft: Draft, read: ImageText, name: str) -> Draft:
    """Return the draft of the text. Its source has no file name: that of the image would tell a wrong language."""
    source = draft.source
    return replace(
        draft,
        content=f"{read.text}\n".encode(),
        media_type=None,
        source=Source("image", source.location if source else ""),
        files=(WholeFile(name, draft.content), *draft.files),
    )


def _image_name(draft: Draft) -> str:
    """Return the image's file name, or one that says its format and that no other file has."""
    if draft.source is not None and draft.source.base_name:
        return draft.source.base_name
    kind = sniff(draft.content).partition("/")[2]
    taken = {file.name for file in draft.files}
    names = ("image", *(f"image-{number}" for number in range(2, MAX_NAMES)))
    return next(f"{name}.{kind}" for name in names if f"{name}.{kind}" not in taken)
