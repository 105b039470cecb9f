"""YAML text of plain values: dictionaries, lists, texts, numbers and booleans.

Every text is quoted as in JSON, except words that no reader of YAML takes for anything else, so `no` stays a text.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
MAX_SHORT: Final = 0xFFFF
_MEANINGS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def write_documents(documents: Iterable[Mapping[str, object]]) -> str:
    """Return each document after a line of three hyphens."""
    return "".join("---\n" + "".join(f"{line}\n" for line in _write(each)) for each in documents)


def _write(value: object) -> Iterator[str]:
    """Yield the lines of a value."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _attach(_scalar(str(key)), inner)
    elif isinstance(value, list | tuple) and value:
        for inner in value:
            first, *rest = _write(inner)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield _scalar(value)


def _attach(key: str, value: object) -> Iterator[str]:
    """Put a scalar or an empty collection behind a key, and every other value below it."""
    if not value or not isinstance(value, Mapping | list | tuple):
        yield f"{key}: {_scalar(value)}"
        return
    yield f"{key}:"
    indent = "  " if isinstance(value, Mapping) else ""
    yield from (f"{indent}{line}" for line in _write(value))


def _scalar(value: object) -> str:
    if isinstance(value, str) and _WORD.fullmatch(value) and value.lower() not in _MEANINGS:
        return value
    return "".join(_escape(char) for char in json.dumps(value, ensure_ascii=False))


def _escape(char: str) -> str:
    """Escape every character beyond ASCII as YAML does, which knows no surrogates."""
    code = ord(char)
    if code < ord("\x7f"):
        return char
    return f"\\u{code:04X}" if code <= MAX_SHORT else f"\\U{code:08X}"
