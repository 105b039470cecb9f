"""Text from files and pipes: which encoding it has, and reading it within bounds.

    text = decode_text(data, "standard input")      # SatchelError, which names the cause, unless it is text
    line = read_first_line(path, PASSWORD_FILE)      # a password, without a byte order mark or line end

The encoding is recognized only where it is certain, by these rules in this order:

1. Text contains no NUL character, and more than a mark of UTF-16 or UTF-32.
2. A byte order mark decides: UTF-8, UTF-16 or UTF-32. It is not part of the text.
3. Bytes that are valid UTF-8 are UTF-8.
4. Bytes whose NULs all lie where ASCII characters have them in UTF-16 or UTF-32 are in that encoding, if
   they decode without control characters and at least half of the characters are ASCII.
5. Anything else is not text. Legacy encodings such as Latin-1 accept every byte, so a guess could silently
   change a password or a word; the error names the first byte that is not UTF-8.
"""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from satchel.errors import NotFoundError, SatchelError, UsageError

MAX_TEXT_BYTES: Final = 64 * 1024
"""The most that is read of a text that a person typed: a password, recovery words or settings."""

# UTF-32's mark starts with UTF-16's, so it comes first.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Without a mark: bytes a character, and which of them is not NUL in ASCII text. Text in UTF-16 can pass for
# UTF-32, but not the other way round, so UTF-16 comes first.
_UNMARKED: Final = (("utf-16-le", 2, 0), ("utf-16-be", 2, 1), ("utf-32-le", 4, 0), ("utf-32-be", 4, 3))
_MIN_UNMARKED_BYTES: Final = 8  # fewer prove nothing
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f\ufffe\uffff]")
_LINE_END: Final = re.compile(r"[\r\n]")


def codec_of_mark(data: bytes) -> str | None:
    """Return the codec that a byte order mark names, whether or not the rest is in it."""
    return next((codec for mark, codec in _MARKS if data.startswith(mark)), None)


def encoding_of(data: bytes) -> str | None:
    """Return the codec of text by the rules of this module, or None if the bytes are not certainly text."""
    marked = codec_of_mark(data)
    if marked is not None:
        text = _decoded(data, marked)
        return marked if text is not None and _is_plain(text, marked) else None
    if b"\0" not in data:
        return "utf-8" if _decoded(data, "utf-8") is not None else None
    return _unmarked(data)


def decode_text(data: bytes, name: str) -> str:
    """Return text without its byte order mark. SatchelError, which calls the source `name`, if it is not text."""
    codec = encoding_of(data)
    text = _decoded(data, codec) if codec else None
    if text is None:
        raise SatchelError(f"{name} is not text: {_cause(data)}", hint="save it as UTF-8 text and try again")
    return text


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A kind of file whose first line is a secret: its name, that of the secret, and how the owner names it."""

    name: str
    secret: str
    option: str


PASSWORD_FILE: Final = SecretFile("password file", "password", "--password-file")
PASSPHRASE_FILE: Final = SecretFile("passphrase file", "passphrase", "SATCHEL_PASSPHRASE_FILE")
KEY_FILE: Final = SecretFile("key file", "key", "--key-from")


def read_first_line(path: Path, kind: SecretFile) -> str:
    """Return the first line of a file, without its line end. Raise an error that names the cause."""
    name = f"the {kind.name} {str(path)!r}"
    line = _LINE_END.split(read_text(path, name, hint=f"check {kind.option}"), maxsplit=1)[0]
    if not line:
        raise UsageError(f"{name} starts with an empty line", hint=f"put the {kind.secret} on its first line")
    return line


def read_text(path: Path, name: str, *, hint: str) -> str:
    """Return the text of a small file. Missing: NotFoundError. Not text, or too large: SatchelError."""
    try:
        with path.open("rb") as file:
            return read_text_from(file, name)
    except FileNotFoundError as exc:
        raise NotFoundError(f"{name} does not exist", hint=hint) from exc
    except IsADirectoryError as exc:
        raise UsageError(f"{name} is a folder", hint=hint) from exc
    except OSError as exc:
        raise SatchelError(f"cannot read {name}: {(exc.strerror or 'unknown').lower()}", hint=hint) from exc


def read_text_from(file: BinaryIO, name: str) -> str:
    """Return the text of an open file or pipe. SatchelError if it is not text or too large."""
    data = file.read(MAX_TEXT_BYTES + 1)
    if len(data) > MAX_TEXT_BYTES:
        limit = MAX_TEXT_BYTES >> 10
        raise SatchelError(f"{name} is larger than {limit} KiB", hint="check that it is the right one")
    return decode_text(data, name)


def _unmarked(data: bytes) -> str | None:
    """Return the encoding that bytes with NULs and no mark certainly have."""
    if len(data) < _MIN_UNMARKED_BYTES:
        return None
    for codec, width, low in _UNMARKED:
        text = _decoded(data, codec) if b"\0" not in data[low::width] else None
        if (
            text is not None
            and not _CONTROL.search(text)
            and 2 * len(text.encode("ascii", "ignore")) >= len(text)
        ):
            return codec
    return None


def _is_plain(text: str, codec: str) -> bool:
    """Tell whether decoded text has no NUL, and more than a mark of UTF-16 or UTF-32."""
    return "\0" not in text and bool(text or codec == "utf-8-sig")


def _decoded(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None


def _cause(data: bytes) -> str:
    """Say why bytes are not text, quoting no more than one byte."""
    marked = codec_of_mark(data) or "utf-8"
    if marked in {"utf-16", "utf-32"}:
        return f"its byte order mark says {marked.upper()}, but the rest does not"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as exc:
        return f"byte {exc.start + 1} is 0x{data[exc.start]:02X}, which is not UTF-8"
    return f"byte {data.index(0) + 1} is NUL"
