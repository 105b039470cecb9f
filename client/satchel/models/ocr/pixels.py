"""Pixels of an image from outside: decoded within bounds, upright, in RGB.

Only the first frame of an animation is decoded. Pillow checks the formats; it is given nothing but the four that a
Piece holds, so that none of its rarer decoders runs.
"""

import io
import struct
import warnings
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from satchel.models.ocr.dimensions import check_fullness
from satchel.models.ocr.results import UnreadableImageError

Pixels = NDArray[np.uint8]
"""Rows × columns × 3, in RGB."""

FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
MAX_PIXELS: Final = 50_000_000
MAX_SIDE: Final = 30_000
MIN_SIDE: Final = 8
# What Pillow raises for a file that is not what its header says.
_DAMAGED: Final = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError,
                   AttributeError, struct.error, ZeroDivisionError, RuntimeError)  # fmt: skip
_BOMBS: Final = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def decode_pixels(data: bytes) -> Pixels:
    """Return the pixels of an image. Raise UnreadableImageError if it is damaged or too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _check_size(*image.size)
                check_fullness(*image.size, len(data))
                return _upright(image)
    except _BOMBS as exc:
        raise _too_large() from exc
    except _DAMAGED as exc:
        raise UnreadableImageError(
            "the image is damaged or of an unknown format", hint="open it in an image viewer"
        ) from exc
    except MemoryError as exc:
        raise _too_large() from exc


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise _too_large()
    if min(width, height) < MIN_SIDE:
        raise UnreadableImageError("the image is too small to hold text", hint="use a larger screenshot")


def _too_large() -> UnreadableImageError:
    return UnreadableImageError(
        f"the image has more than {MAX_PIXELS // 1_000_000} million pixels",
        hint="cut out the part with the text",
    )


def _upright(image: Image.Image) -> Pixels:
    turned = ImageOps.exif_transpose(image)
    if turned.mode.startswith(("I", "F")):
        return _from_deep(np.asarray(turned, dtype=np.float64))
    if turned.mode in {"LA", "PA", "RGBA", "La", "RGBa"} or "transparency" in turned.info:
        return _on_background(turned.convert("RGBA"))
    return np.asarray(turned.convert("RGB"))


def _from_deep(values: NDArray[Any]) -> Pixels:
    """Return the pixels of one channel with more than 8 bits."""
    scale = 255 / 65535 if values.max(initial=0) > 255 else 1.0
    grey = np.clip(values * scale, 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _on_background(image: Image.Image) -> Pixels:
    """Put a transparent image on white, or on black if its visible part is light."""
    visible = np.asarray(image.getchannel("A")) > 127
    lightness = np.asarray(image.convert("L"))[visible]
    is_light = bool(lightness.size) and not visible.all() and float(lightness.mean()) > 160
    background = Image.new("RGBA", image.size, "black" if is_light else "white")
    background.alpha_composite(image)
    return np.asarray(background.convert("RGB"))
