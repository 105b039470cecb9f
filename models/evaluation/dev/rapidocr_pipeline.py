"""The package rapidocr as its authors run it, beside which the decision for our own pipeline is measured.

Its boxes are put in lines from top to bottom, the boxes of one line joined by a space. Left sides of boxes, in widths
of a character, give the indentation.
"""

import io
from functools import cache
from statistics import median
from typing import Any, Final

import numpy as np
from PIL import Image

from satchel.models.onnx import load_onnxruntime

_SAME_LINE: Final = 0.5  # of the height


@cache
def _engine() -> Any:  # noqa: ANN401 - the package has no types
    load_onnxruntime()  # switches off what the package would send
    from rapidocr import RapidOCR  # noqa: PLC0415 - takes long to import

    return RapidOCR(params={"Global.use_cls": False, "Global.log_level": "critical"})


def read(image: bytes) -> str:
    """Return the text of an image, with indentation by the boxes' left sides."""
    pixels = np.asarray(Image.open(io.BytesIO(image)).convert("RGB"))[:, :, ::-1]
    found = _engine()(pixels)
    if found.boxes is None:
        return ""
    boxes = [
        (
            float(box[:, 1].mean()),
            float(box[:, 0].min()),
            float(np.ptp(box[:, 0])),
            float(np.ptp(box[:, 1])),
            text,
        )
        for box, text in zip(found.boxes, found.txts, strict=True)
        if text
    ]
    height, width = median(box[3] for box in boxes), median(box[2] / len(box[4]) for box in boxes)
    left = min(box[1] for box in boxes)
    lines: list[list[tuple[float, float, float, float, str]]] = []
    for box in sorted(boxes):
        if lines and box[0] - lines[-1][0][0] < _SAME_LINE * height:
            lines[-1].append(box)
        else:
            lines.append([box])
    texts = []
    for line in lines:
        ordered = sorted(line, key=lambda box: box[1])
        indentation = round((ordered[0][1] - left) / width)
        texts.append(" " * indentation + " ".join(box[4] for box in ordered))
    return "\n".join(texts)
