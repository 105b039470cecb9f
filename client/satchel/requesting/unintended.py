"""What looks unintended in an answer: what people send by accident, and what nobody should ask for.

The page that answers requests looks for the same (`service/page/src/request/unintended.ts`); one file of samples tests
both. A finding is a warning, never a refusal.
"""

import itertools
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.requesting.answer import AnswerFile

MAX_SEARCHED_BYTES: Final = 1 << 20
MANY: Final = 3
"""This many named passwords or keys are "several"."""

MESSAGES: Final[dict[str, str]] = {
    "link": "contains the link that you are answering; did you copy the wrong thing?",
    "words": "looks like recovery words; never send your own: anyone with these words can access everything",
    "payment": "seems to contain a payment card number",
    "private_key": "contains a private key; send it only if it is exactly what was asked for",
    "many": "contains several passwords or keys; send only what was asked for",
    "invisible": "contains invisible characters, which often come from copying",
    "location": "is a photo that contains the place where it was taken",
    "program": "can run as a program",
    "system_file": "is usually hidden and may contain more than you want to send",
}

_INVISIBLE: Final = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_PRIVATE_KEY: Final = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|\bAGE-SECRET-KEY-1", re.ASCII
)
_NAMED_SECRET: Final = re.compile(
    r"^[ \t]{0,40}(?:export[ \t]{1,40})?[\w.-]{0,80}(?:key|token|secret|password|passwd|pwd)[\w.-]{0,80}[ \t]{0,40}[:=]\s*\S",
    re.ASCII | re.IGNORECASE | re.MULTILINE,
)
_PAYMENT: Final = re.compile(  # not within a word, such as a checksum
    r"(?<![A-Za-z0-9])(?:\d[ -]?){12,18}\d(?![A-Za-z0-9])", re.ASCII
)
_PROGRAM: Final = re.compile(
    r"\.(?:exe|msi|scr|com|bat|cmd|ps1|vbs|js|jse|wsf|hta|jar|lnk|app|dmg|apk|sh|deb|rpm)\Z", re.IGNORECASE
)
_SYSTEM_FILE: Final = re.compile(
    r"(?:\.DS_Store|Thumbs\.db|desktop\.ini|\.env(?:\..*)?|\.netrc|\.npmrc|\.bash_history|\.zsh_history)",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[a-z]{3,8}")
_GPS: Final = 0x8825  # the tag of the directory with the place, in EXIF 2.3, section 4.6.3


@dataclass(frozen=True, slots=True)
class Finding:
    """A key of `MESSAGES`, and the name of the file; empty for standard input."""

    kind: str
    file: str

    @property
    def message(self) -> str:
        """The warning, which never repeats the content."""
        return f"{repr(self.file) if self.file else 'standard input'} {MESSAGES[self.kind]}"


def find_unintended(files: Sequence[AnswerFile], link_key: str) -> list[Finding]:
    """Return the findings in the files of an answer, in their order. `link_key` is the key in the request's link."""
    return [Finding(kind, file.name) for file in files for kind in _kinds_of(file, link_key)]


def _kinds_of(file: AnswerFile, link_key: str) -> Iterator[str]:
    text = _text_of(file.content)
    holds = {
        "link": link_key in text,
        "words": _are_recovery_words(text),
        "payment": any(map(_is_payment_card, _PAYMENT.findall(text))),
        "private_key": _PRIVATE_KEY.search(text) is not None,
        "many": sum(1 for _ in itertools.islice(_NAMED_SECRET.finditer(text), MANY)) == MANY,
        "invisible": not file.name and _INVISIBLE.search(text) is not None,
        "location": _has_location(file.content),
        "program": _PROGRAM.search(file.name) is not None,
        "system_file": _SYSTEM_FILE.fullmatch(file.name) is not None,
    }
    return (kind for kind, is_found in holds.items() if is_found)


def _text_of(content: bytes) -> str:
    """Return the start of a text; empty for binary data."""
    start = content[:MAX_SEARCHED_BYTES]
    return "" if b"\0" in start else start.decode("utf-8", "replace")


def _are_recovery_words(text: str) -> bool:
    """Whether a text is nothing but 12 to 24 short lowercase words, which may be numbered."""
    words = re.split(r"[\s,]+", re.sub(r"\d+[.)]?", " ", text[:1000], flags=re.ASCII).strip())
    return len(text) < 1000 and len(words) in {12, 15, 18, 21, 24} and all(map(_WORD.fullmatch, words))


def _is_payment_card(found: str) -> bool:
    """Whether a number has the first digit of a payment card and a valid check digit (ISO/IEC 7812-1, annex B)."""
    digits = [int(character) for character in found if character.isdigit()]
    doubled = [digit * 2 if place % 2 else digit for place, digit in enumerate(reversed(digits))]
    return digits[0] in {3, 4, 5, 6} and sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


def _has_location(content: bytes) -> bool:
    """Whether the first EXIF directory of a JPEG has an entry for the place."""
    start = content.find(b"Exif\0\0", 0, 64 << 10) if content.startswith(b"\xff\xd8") else -1
    if start < 0:
        return False
    tiff = memoryview(content)[start + 6 :]
    order = "<" if bytes(tiff[:2]) == b"II" else ">"
    try:
        (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, directory)
        return any(
            struct.unpack_from(f"{order}H", tiff, directory + 2 + 12 * entry)[0] == _GPS
            for entry in range(count)
        )
    except struct.error:  # truncated
        return False
