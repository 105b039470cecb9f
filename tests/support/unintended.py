"""Samples of answers, and what looks unintended in them: for `satchel answer` and for the page."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

KEY: Final = "k" * 58
"""The key of a link, which a sample contains."""


@dataclass(frozen=True)
class Sample:
    """A file of an answer, whose name is empty if it is typed, and the kinds of its findings."""

    name: str
    content: bytes
    finds: frozenset[str]

    def __str__(self) -> str:
        return f"{self.name or 'typed'}: {', '.join(sorted(self.finds)) or 'nothing'}"


def _read(each: dict[str, object]) -> Sample:
    text = each.get("text")
    content = text.encode() if isinstance(text, str) else base64.b64decode(str(each["base64"]))
    finds = each["finds"]
    assert isinstance(finds, list)
    return Sample(str(each["name"]), content.replace(b"{key}", KEY.encode()), frozenset(finds))


SAMPLES: Final = [_read(each) for each in json.loads(Path(__file__).with_suffix(".json").read_text())]
