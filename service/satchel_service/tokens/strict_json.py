"""JSON and base64url as signed data needs them: one meaning for each text, or none."""

import base64
import binascii
import json
import re
from typing import Any, Final, NoReturn

_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


class TokenError(Exception):
    """A token or a set of keys is not acceptable. The message names the check, never the content."""


def decode_base64url(text: str, what: str) -> bytes:
    """Decode base64url without padding. Raise TokenError for other characters, wrong lengths and stray bits."""
    if _BASE64URL.fullmatch(text) is None or len(text) % 4 == 1:
        raise TokenError(f"{what} is not base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as exc:
        raise TokenError(f"{what} is not base64url") from exc
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != text:
        raise TokenError(f"{what} has stray bits")
    return data


def decode_object(data: bytes, what: str) -> dict[str, Any]:
    """Decode a JSON object. Raise TokenError for anything else, and for repeated names and numbers that are none."""
    try:
        value = json.loads(
            data.decode(), object_pairs_hook=_without_repeated_names, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as exc:
        raise TokenError(f"{what} is not strict JSON") from exc
    if not isinstance(value, dict):
        raise TokenError(f"{what} is not a JSON object")
    return value


def _without_repeated_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is repeated")
    return found


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("not a number of JSON")
