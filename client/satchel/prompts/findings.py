"""Where a text holds what must not leave the device: secrets, e-mail addresses, host names, home paths.

Time grows with the length of a text and not with its content.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal, get_args

from satchel.models.secrets import candidates_of
from satchel.models.secrets.texts import Plain
from satchel.prompts import hosts

Kind = Literal["secret", "email", "home", "host"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""In the order in which they win where they overlap."""

MAX_CANDIDATES: Final = 20_000
"""Of secrets in one pass over a text; the next pass finds the others."""

_EMAIL_NAME: Final = re.compile(r"[\w.%+-]{1,64}\Z")
_EMAIL_HOST: Final = re.compile(
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,10}(?P<top>[^\W\d_]{2,24})(?![\w(-]|\.\w)"
)
_USER_OF_URL: Final = re.compile(r"://[^\s/@:]*:?\Z")
"""What stands before the user or the password of a URL, whose parts are a host and perhaps a secret."""
_NAME_CHARS: Final = 64
_NO_PERSON: Final = frozenset({"git", "hg", "svn"})
"""Names in addresses of repositories: `git@github.com:team/project`."""

_SEPARATOR: Final = r"(?:\\{1,2}|/)"
_USER: Final = r"[\w@+-](?:[\w.@+-]{0,62}[\w@+-])?"
_HOME: Final = re.compile(
    rf"(?:(?<![\w.~/%+-])|(?<=file://))(?:/mnt/[a-z]|/[a-z])?/(?:home|Users|var/home)/(?!Shared\b|Public\b){_USER}"
    rf"|(?<![A-Za-z0-9])[A-Za-z]:{_SEPARATOR}(?:Users|Documents and Settings){_SEPARATOR}"
    rf"(?:[\w.@+-][\w.@+ -]{{0,63}}(?=[\\/])|{_USER})"
)

# Private keys: the scanner tells where one begins.
_KEY_END: Final = re.compile(r"-----END [A-Z0-9 ]{0,40}-----|Private-MAC: ?[0-9a-fA-F]{0,128}")
_KEY_BODY: Final = re.compile(r"(?:\\[nr]|[\s\"'`,+\\]|[A-Za-z0-9+/=:,.-]){0,32768}")
_KEY_CHARS: Final = 32_768


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A place of a text, what stands there, and for secrets the kind in words."""

    start: int
    end: int
    kind: Kind
    what: str = ""


def secrets_in(text: str) -> Iterator[Finding]:
    """Yield the secrets of a text, the ones that the owner allowed included: the text may be somebody else's."""
    plain = Plain(text)
    for one in islice(candidates_of(plain.text), MAX_CANDIDATES):
        start, end = one.start, one.end
        if one.rule == "private-key":
            end = _end_of_key(plain.text, end)
        if end > start:
            yield Finding(plain.original(start), plain.original(end - 1) + 1, "secret", one.what)


def _end_of_key(text: str, begun: int) -> int:
    """Return where a private key ends: behind its last line, or behind what still looks like its body."""
    limit = begun + _KEY_CHARS
    marked = _KEY_END.search(text, begun, limit)
    next_key = text.find("-----BEGIN ", begun, limit)
    if marked and not 0 <= next_key < marked.start():
        return marked.end()
    body = _KEY_BODY.match(text, begun, limit if next_key < 0 else next_key)
    return max(begun, body.end() if body else begun)


def emails_in(text: str) -> Iterator[Finding]:
    """Yield the e-mail addresses of a text."""
    at = text.find("@")
    while at >= 0:
        name = _EMAIL_NAME.search(text, max(0, at - _NAME_CHARS), at)
        host = _EMAIL_HOST.match(text, at + 1)
        if name and host and hosts.is_top_level(host["top"]) and name[0].lower() not in _NO_PERSON:
            start = name.start() + len(name[0]) - len(name[0].lstrip(".-"))
            if start < at and not _USER_OF_URL.search(text, max(0, start - _NAME_CHARS), start):
                yield Finding(start, host.end(), "email")
        at = text.find("@", at + 1)


def homes_in(text: str, own: str = "") -> Iterator[Finding]:
    """Yield the paths of home directories in a text, without what follows them; `own` is that of this device."""
    for found in _HOME.finditer(text):
        yield Finding(*found.span(), "home")
    if len(own) > len("/a"):
        for found in re.finditer(rf"(?<![\w.~-]){re.escape(own)}(?![\w-])", text):
            yield Finding(*found.span(), "home")


def hosts_in(text: str, own: str = "") -> Iterator[Finding]:
    """Yield the host names and addresses in a text; `own` is the name of this device."""
    for start, end in hosts.places(text, own):
        yield Finding(start, end, "host")
