"""Short passwords, which only their name reveals: `DB_PASSWORD=…`, `pwd: "…"`, `Password=…;`."""

import re
from collections.abc import Iterator
from typing import Final

from satchel.models.secrets import guards
from satchel.models.secrets.found import Candidate
from satchel.models.secrets.named import is_harmless
from satchel.models.secrets.randomness import randomness
from satchel.models.secrets.structures import is_password

_NAME: Final = re.compile(r"passw|passphrase|pwd|_pass\b|secret|token|api_?key|apikey")
_ASSIGNED: Final = re.compile(
    r"[A-Za-z0-9_.-]{0,40}[\"'`\]]{0,2}(?:\s{0,4}(?::=|=>|==?|:)\s{0,4}|\s{1,4}|>)"
    r"(?:\"(?P<double>[^\"\n]{8,80})\"|'(?P<single>[^'\n]{8,80})'|`(?P<back>[^`\n]{8,80})`|(?P<bare>[^\s\"'`,;<>]{8,80}))"
)
_NAME_CHARS: Final = 60
_COMPARED: Final = re.compile(r"==|!=")
_PLAIN: Final = re.compile(r"[A-Za-z]+|[0-9]+|[\w.\-/:]*[a-z][\w.\-/:]*\.[a-z]{1,4}")
_BARE: Final = re.compile(r"[A-Za-z0-9!@#$%^&*_+~?.-]+")
_LEAST_RANDOM: Final = 0.75


def candidates(text: str, lower: str) -> Iterator[Candidate]:
    """Yield the passwords of a text. `lower` is the text in lower case, of the same length."""
    done = 0
    for name in _NAME.finditer(lower):
        if name.start() < done:
            continue
        found = _ASSIGNED.match(text, name.end())
        if found is None or found.lastgroup is None or _COMPARED.search(found[0][:50]):
            continue
        value = found[found.lastgroup]
        is_bare = found.lastgroup == "bare"
        done = found.start(found.lastgroup)
        before = lower[
            lower.rfind("\n", max(0, name.start() - _NAME_CHARS), name.start()) + 1
            or max(0, name.start() - _NAME_CHARS) : done
        ]
        if is_harmless(before):
            continue
        if is_chosen(value, is_bare=is_bare, is_assigned=text[name.end() : done].strip(" \t\"'`]") != ""):
            yield Candidate("password", "password", done, done + len(value), 0.75, value=value)


def is_chosen(value: str, *, is_bare: bool, is_assigned: bool) -> bool:
    """Whether a value of a name for passwords is one, rather than a word, an expression or a description of it."""
    if " " in value or not is_assigned or "\\" in value or guards.is_id(value) or _PLAIN.fullmatch(value):
        return False
    if ("/" in value and "." in value) or "://" in value or value.startswith(("--", "./", "/", "#", "@")):
        return False
    if is_bare and (guards.is_code(value) or not _BARE.fullmatch(value)):
        return False
    if not is_password(value):
        return False
    has_sign = any(not char.isalnum() and char not in "_-.:/" for char in value)
    if len(value) >= 16 and not has_sign:
        return False  # judged as a named value
    return (has_sign and guards.is_strong_password(value)) or randomness(value) >= _LEAST_RANDOM
