"""Bare addresses in a text, by the rules of GitHub's Markdown (autolinks, extended)."""

import re
from collections.abc import Iterator
from typing import Final

MAX_ADDRESS_CHARS: Final = 2_000
_START: Final = re.compile(r"(?<![\w/])(?:https?://|www\.)", re.IGNORECASE)
_BODY: Final = re.compile(r"[^\s<]{1,2100}")
_CODE_BODY: Final = re.compile(r"[^\s<>\"'`\\|{}^]{1,2100}")
_DOMAIN: Final = re.compile(
    r"(?:[\w.-]+@)?(?:[\w-]+\.)+[\w-]*\w|localhost|[\w-]+(?=[:/]|$)|\[[0-9a-fA-F:.]+\]"
)
_ENTITY: Final = re.compile(r"&[A-Za-z0-9]{2,12};$")
_TRAILING: Final = "?!.,:*_~'\";"


def addresses_in(text: str, *, is_code: bool = False) -> Iterator[tuple[int, str]]:
    """Yield the place and text of each address: trailing punctuation and unbalanced brackets are no part of it.

    In code, quotes and braces end an address too.
    """
    end = 0
    for match in _START.finditer(text):
        if match.start() < end:
            continue
        body = (_CODE_BODY if is_code else _BODY).match(text, match.start())
        if body is None:
            continue
        address = trimmed(body[0])
        if len(address) <= MAX_ADDRESS_CHARS and _has_domain(address):
            end = match.start() + len(address)
            yield match.start(), address


def trimmed(address: str) -> str:
    """Return an address without what ends a sentence or a bracket around it."""
    while address:
        last = address[-1]
        if last == ";" and (entity := _ENTITY.search(address[-16:])):
            address = address[: -len(entity[0])]
        elif (
            last in _TRAILING
            or (last == ")" and address.count(")") > address.count("("))
            or (last == "]" and address.count("]") > address.count("["))
        ):
            address = address[:-1]
        else:
            return address
    return address


def _has_domain(address: str) -> bool:
    _, scheme, rest = address.partition("://")
    host = rest if scheme else address
    match = _DOMAIN.match(host)
    if match is None:
        return False
    parts = match[0].rpartition("@")[2].split(".")
    return (bool(scheme) or len(parts) > 1) and not any("_" in part for part in parts[-2:])
