"""What is read in an image: lines with their confidence and place, and the errors of an image that cannot be read."""

from dataclasses import dataclass, field
from typing import Final

from satchel.errors import SatchelError

LEAST_CONFIDENCE: Final = 0.75
LEAST_CHARACTERS: Final = 8
"""Below these, what was read is noise: a photo, a drawing, or a few words of a diagram."""


class UnreadableImageError(SatchelError):
    """An image is damaged, too large, or takes too long. The image itself can still be saved."""


class NoReaderError(SatchelError):
    """Nothing that reads images is installed."""

    def __init__(self) -> None:
        super().__init__(
            "nothing that reads the text in images is installed",
            hint="pipx install --force 'satchel[ocr]', or install the program tesseract",
        )


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the upright image; `right` and `bottom` are exclusive."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """The height in pixels."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """The width in pixels."""
        return self.right - self.left

    @property
    def middle(self) -> float:
        """The vertical middle."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line with text. `text` has its indentation; `confidence` is from 0 to 1."""

    text: str = field(repr=False)
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True)
class ImageText:
    """The text of an image.

    `text` has one line for each line of the image, blank ones included, and ends without a line break; it is empty
    if the image has no text. `lines` are those with text. `has_columns` tells whether the characters stand in columns
    of one width, as code does. `numbers_removed` is how many line numbers of a gutter are left out.
    """

    text: str = field(repr=False)
    lines: tuple[TextLine, ...]
    engine: str
    has_columns: bool = False
    numbers_removed: int = 0

    @property
    def confidence(self) -> float:
        """The mean confidence of the characters, from 0 to 1; 0 without text."""
        weights = [(len(line.text.strip()), line.confidence) for line in self.lines]
        total = sum(weight for weight, _ in weights)
        return sum(weight * confidence for weight, confidence in weights) / total if total else 0.0

    @property
    def is_code(self) -> bool:
        """Whether the text is worth keeping as the content of a Piece: set in columns, and read with confidence."""
        characters = sum(len(line.text.strip()) for line in self.lines)
        return self.has_columns and characters >= LEAST_CHARACTERS and self.confidence >= LEAST_CONFIDENCE
