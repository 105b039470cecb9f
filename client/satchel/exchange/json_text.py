"""JSON of other programs, also if it is damaged: documents, elements and members, one by one.

A file may hold one document, several in a row, or one a line; it may be cut off, and single items may be
invalid. `msgspec` refuses the whole text for one bad item, so a text that it refuses is split here by its
brackets and strings alone. Each part is then decoded on its own, and a bad one is one problem.

    for part in flat_elements(json_of(path)):      # the elements of every list in every document
        gist = decode_part(part, Gist)             # RejectedError for a bad one

Splitting takes time and memory linear in the text, whatever it contains.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from satchel.errors import UsageError
from satchel.exchange.limits import MAX_JSON_PARTS, MAX_JSON_TOKENS
from satchel.exchange.reading import CUT_OFF, RejectedError, decode, mend_halves, read_document
from satchel.text_files import codec_of_mark, encoding_of

T = TypeVar("T")

# A string (perhaps cut off), a bracket, a comma, a colon, or anything else up to the next of them.
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{},:]|[^"\[\]{},:]++', re.DOTALL)
_SPACE: Final = re.compile(rb"\s*+")
_BETWEEN: Final = re.compile(rb"[\s,:\]}\x1e]*+")  # between documents; closing brackets there are damage
_CLOSING: Final = {ord("["): ord("]"), ord("{"): ord("}")}
_CLOSERS: Final = frozenset(_CLOSING.values())
_COMMA: Final = ord(",")
_SEPARATORS: Final = frozenset(b",:")
_MAX_DEPTH: Final = 200  # brackets deeper than this are only counted
_MAX_LISTS: Final = 5  # lists in lists that are taken apart: pages of pages


@dataclass(frozen=True, slots=True)
class Part:
    """A value in a JSON text. One that is not whole was cut off by the end of the text.

    `fault` is the reason why an object's member cannot be used although its value can: its name is invalid.
    """

    text: memoryview
    is_whole: bool = True
    fault: str = ""

    @property
    def is_list(self) -> bool:
        """Whether this is a list."""
        return self._first() == b"["

    @property
    def is_object(self) -> bool:
        """Whether this is an object."""
        return self._first() == b"{"

    def _first(self) -> bytes:
        at = _end(_SPACE, self.text, 0)
        return bytes(self.text[at : at + 1])


def json_of(source: Path) -> bytes:
    """Return the text of a JSON file as UTF-8 without a byte order mark. RejectedError if it cannot be read.

    Bytes that are invalid in the file's encoding stay invalid, so that only the part around them is refused.
    """
    return as_utf8(read_document(source))


def as_utf8(data: bytes) -> bytes:
    """Return JSON text in UTF-8, UTF-16 or UTF-32, with or without a mark, as UTF-8 without one."""
    codec = (
        codec_of_mark(data) or encoding_of(data[: len(data) // 4 * 4]) or "utf-8"
    )  # a cut may split a unit
    if codec.startswith("utf-8"):
        return data.removeprefix(b"\xef\xbb\xbf")
    width = 2 if "16" in codec else 4
    whole = data[: len(data) // width * width]
    try:
        return whole.decode(codec, "surrogatepass").encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return whole.decode(codec, "replace").encode()


def documents(data: bytes) -> Iterator[Part]:
    """Yield the documents of a text: one, several in a row, or one a line."""
    whole = _decoded(data, msgspec.Raw)
    if whole is not None:
        yield Part(memoryview(whole))
        return
    view, at = memoryview(data), 0
    while (at := _end(_BETWEEN, view, at)) < len(view):
        if view[at] in _CLOSING:
            container = _Container(view, at)
            for _ in container.parts():
                pass
            yield Part(view[at : container.stop], container.is_whole)
            at = container.stop
        else:
            stop = _end(_TOKEN, view, at)
            yield Part(view[at:stop])
            at = stop


def require_documents(data: bytes, source: Path) -> None:
    """Raise UsageError if a text holds no JSON document at all."""
    if next(documents(data), None) is None:
        raise UsageError(f"{str(source)!r} holds no JSON", hint="omit --from to detect the format")


def flat_elements(data: bytes) -> Iterator[Part]:
    """Yield the elements of every list in every document, also of lists in lists, and all other documents.

    If the text is cut off, the last part is not whole. RejectedError after MAX_JSON_PARTS parts.
    """
    parts = (part for document in documents(data) for part in _flat(document, _MAX_LISTS))
    for number, part in enumerate(parts):
        if number == MAX_JSON_PARTS:
            raise RejectedError(f"it holds more than {MAX_JSON_PARTS:,} items")
        yield part


def elements(part: Part) -> Iterator[Part]:
    """Yield the elements of a list. If it is cut off, the last one is not whole, and may be empty."""
    whole = _decoded(part.text, list[msgspec.Raw]) if _is_small(part) else None
    if whole is not None:
        yield from (Part(memoryview(item)) for item in whole)
        return
    for number, (_, child) in enumerate(_Container(part.text, _start(part.text)).parts()):
        if number == MAX_JSON_PARTS:
            raise RejectedError(f"it holds more than {MAX_JSON_PARTS:,} items")
        yield child


def members(part: Part) -> dict[str, Part]:
    """Return the members of an object; of equal names, the last. One that is cut off is not whole."""
    whole = _decoded(part.text, dict[str, msgspec.Raw]) if _is_small(part) else None
    if whole is not None:
        return {name: Part(memoryview(value)) for name, value in whole.items()}
    found: dict[str, Part] = {}
    for name, child in _Container(part.text, _start(part.text)).parts():
        key = _decoded(name, str)
        if key is not None:
            found[key] = child
        elif name:
            found[bytes(name).decode("utf-8", "replace").strip(' "')] = replace(child, fault=_fault_of(name))
        if len(found) > MAX_JSON_PARTS:
            raise RejectedError(f"it holds more than {MAX_JSON_PARTS:,} items")
    return found


def decode_part(part: Part, shape: type[T]) -> T:
    """Decode a part. RejectedError for any error in it, or if it was cut off."""
    text = whole_text(part)
    if not _is_small(part):
        raise RejectedError("it has too many parts")
    return decode(text, shape)


def whole_text(part: Part) -> memoryview:
    """Return the text of a part. RejectedError if it was cut off or cannot be used."""
    if part.fault or not part.is_whole:
        raise RejectedError(part.fault or CUT_OFF)
    return part.text


def mended(part: Part) -> Part:
    """Return a part whose escapes of half a character are replaced by U+FFFD."""
    return Part(memoryview(mend_halves(part.text)), part.is_whole)


def value_of(value: msgspec.Raw) -> str | float | None:
    """Return a number or text; a number out of range counts as missing. RejectedError for a list or object."""
    part = Part(memoryview(value))
    if part.is_list or part.is_object:
        raise RejectedError("it does not have the expected form")
    found: str | float | None = _decoded(part.text, str | int | float | None)
    return found


def _fault_of(name: memoryview) -> str:
    try:
        decode(name, str)
    except RejectedError as exc:
        return str(exc).replace("it is", "its name is", 1).replace("its text", "its name", 1)
    return ""


def _flat(part: Part, depth: int) -> Iterator[Part]:
    if not part.is_list or depth == 0:
        yield part
        return
    for element in elements(part):
        yield from _flat(element, depth - 1)


class _Container:
    """The list or object at an offset of a text. `stop` and `is_whole` are set at the end of `parts`."""

    def __init__(self, text: memoryview, start: int) -> None:
        self.stop = len(text)
        self.is_whole = False
        self._text = text
        self._start = start
        self._is_object = text[start] == ord("{")
        self._open = [_CLOSING[text[start]]]  # the closing brackets to come, up to _MAX_DEPTH
        self._deeper = 0
        self._name = text[:0]
        self._begin = -1  # of the current child; -1 before it
        self._end = start  # of its last token

    def parts(self) -> Iterator[tuple[memoryview, Part]]:
        """Yield the name (empty in a list) and value of every child.

        A closing bracket also closes what was left open inside; one that closes nothing is ignored. So a bad
        item seldom affects the next.
        """
        for number, token in enumerate(_TOKEN.finditer(self._text, self._start + 1)):
            if number == MAX_JSON_TOKENS:
                raise RejectedError("it is damaged, and too large to be read item by item")
            at, first = token.start(), self._text[token.start()]
            is_between = len(self._open) == 1 and first in _SEPARATORS
            if first in _CLOSERS:
                self._close(first)
            elif is_between and first == _COMMA:
                yield from self._child(at)
            elif is_between and self._is_object and self._begin >= 0 and not self._name:
                self._name, self._begin = self._text[self._begin : self._end], -1
            else:
                self._extend(token, first)
            if not self._open:
                self.stop, self.is_whole = token.end(), True
                yield from self._child(at)
                return
        yield from self._cut_off()

    def _close(self, bracket: int) -> None:
        if self._deeper:
            self._deeper -= 1
        elif bracket in self._open:
            while self._open.pop() != bracket:
                pass

    def _extend(self, token: re.Match[bytes], first: int) -> None:
        if self._begin < 0 and not token[0].isspace():
            self._begin = token.start()
        self._end = token.end()
        if first not in _CLOSING:
            return
        if len(self._open) < _MAX_DEPTH:
            self._open.append(_CLOSING[first])
        else:
            self._deeper += 1

    def _child(self, end: int) -> Iterator[tuple[memoryview, Part]]:
        """Yield the current child, which ends here, if there is one."""
        if self._begin >= 0:
            yield self._name, Part(self._text[self._begin : end])
        self._name, self._begin = self._text[:0], -1

    def _cut_off(self) -> Iterator[tuple[memoryview, Part]]:
        """Yield the last child of a text that ends too early; if it is complete, an empty one after it."""
        last = self._text[self._begin :] if self._begin >= 0 else self._text[:0]
        if len(self._open) == 1 and _decoded(last, msgspec.Raw) is not None:
            yield from self._child(len(self._text))
            last = self._text[:0]
        yield self._name, Part(last, is_whole=False)


def _start(text: memoryview) -> int:
    """Return the offset of the first bracket of a list or object."""
    return _end(_SPACE, text, 0)


def _is_small(part: Part) -> bool:
    """Tell whether a list of all elements of a text fits into memory: each costs far more than its comma."""
    return len(part.text) < MAX_JSON_PARTS or bytes(part.text).count(b",") < 4 * MAX_JSON_PARTS


def _end(pattern: re.Pattern[bytes], text: memoryview, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else len(text)


def _decoded(data: bytes | memoryview, shape: Any) -> Any:  # noqa: ANN401  the type depends on `shape`
    try:
        return msgspec.json.decode(data, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
