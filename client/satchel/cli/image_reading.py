"""Reading the code in an image that is saved: the text becomes the content, the image a further file."""

from typing import Final

from satchel.cli.app import App
from satchel.errors import MissingExtraError, SatchelError
from satchel.models.ocr import ImageText, NoReaderError, UnreadableImageError, read_image
from satchel.store import Draft, is_image, sniff
from satchel.suggest.image_drafts import draft_of_text, image_name

HOW: Final = ("read", "keep")
"""What to do with an image: read the code in it, or keep it as the content."""


class ImageReader:
    """Reads the images among the drafts of one command, and says what it did."""

    def __init__(self, app: App, how: str) -> None:
        self._out = app.out
        self._is_on = how == "read"

    def with_text(self, draft: Draft) -> Draft:
        """Return a draft whose content is the code in its image, or the same draft if it is no image with code."""
        if not self._is_on or not is_image(sniff(draft.content)):
            return draft
        name = image_name(draft)
        try:
            read = read_image(draft.content)
        except (UnreadableImageError, NoReaderError, MissingExtraError) as exc:
            self._explain(name, exc)
            return draft
        if not read.is_code:
            return draft
        self._out.note(_summary(name, read))
        return draft_of_text(draft, read, name)

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
