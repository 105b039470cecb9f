"""Undoing what chat, mail and office programs do to a link: `plain_link(text)` returns it as satchel wrote it.

They put it in brackets and quotes, end the sentence behind it, break it over lines, add campaign parameters, encode its
`#`, or wrap it in a link of their own. Only what cannot change the meaning is removed: origin and id are compared with
the cloud, and the key has a checksum. Like the parser, nothing here quotes the text (docs/spec/share.md, section 2).
"""

import base64
import html
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote

from satchel.errors import UsageError

MAX_TEXT_CHARS: Final = 8192  # wrapped links take up to 2,000
_MAX_WRAPPERS: Final = 3
_KEY_CHARS: Final = 58

# Spaces, line breaks, and characters that are invisible: zero-width, soft hyphen, byte order mark, directions.
_BLANK: Final = re.compile(r"[\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_SOFT_BREAK: Final = re.compile(r"=\r?\n|\r?\n>+ ?")  # quoted-printable, and a quoted mail
_SCHEME: Final = re.compile(r"https?:", re.IGNORECASE)
_AROUND: Final = "<>()[]{}\"'`*_|.,;!?\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb\u2026"
_MARKDOWN: Final = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)>\s]+)>?[^)]*\)")
# The key, a place, and anything that begins with a character of neither.
_FRAGMENT: Final = re.compile(
    r"(?P<key>[A-Za-z0-9]*)(?P<place>(?::f[0-9]{1,3})?(?::L[0-9]{1,8}(?:-L[0-9]{1,8})?)?)(?:(?:[^A-Za-z0-9:]|:~:).*)?"
)
_PROOFPOINT: Final = re.compile(r"/v3/__(?P<link>.+?)__;(?P<replaced>[A-Za-z0-9_-]{0,400}=*)!")


class _Form:
    """The patterns of one kind of links: `s` for shares, `r` for requests."""

    def __init__(self, letter: str) -> None:
        self.path = f"/{letter}/"
        self.start = re.compile(rf"{self.path}[0-9a-f]{{32}}(?![0-9a-f])")
        self.whole = re.compile(
            rf"(?P<scheme>[A-Za-z]{{4,5}}:/{{1,3}})?(?P<host>[^/?#\s]+){self.path}(?P<id>[^/?#]*)/?(?P<query>\?[^#]*)?"
            r"(?:#(?P<fragment>.*))?"
        )


SHARES: Final = _Form("s")
REQUESTS: Final = _Form("r")


@dataclass(frozen=True)
class PlainLink:
    """A link without decorations. `seen_by`: the hosts whose wrapped links contained it, and which know its key."""

    text: str
    seen_by: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "PlainLink(hidden)"


def plain_link(text: str, form: _Form = SHARES) -> PlainLink:
    """Return the link in a text. What is no link is returned without decorations, for the parser to refuse.

    `form` is SHARES or REQUESTS.

    Raise UsageError for a text that is too long, and for several links.
    """
    if len(text) > MAX_TEXT_CHARS:
        raise UsageError("this is too long for a link", hint="give only the link, in quotes")
    if len(set(form.start.findall(unquote(text)))) > 1:
        raise UsageError("the text contains several links", hint="give one of them")
    found, seen_by = _undecorated(text, form), list[str]()
    while len(seen_by) < _MAX_WRAPPERS and (inner := _wrapped(found, form)) is not None:
        seen_by.append(_host_of(found))
        found = _undecorated(inner, form)
    return PlainLink(_assembled(found, form), tuple(seen_by))


def _undecorated(text: str, form: _Form) -> str:
    """Return the link in a text without what surrounds it, spaces and line breaks."""
    if "&" in text:
        text = html.unescape(text)
    markdown = _MARKDOWN.search(text)
    if markdown is not None:
        text = markdown[1]
    text = _SOFT_BREAK.sub("", text.strip())
    words = [word for word in _BLANK.split(text) if form.path in word and "#" in word]
    joined = _BLANK.sub("", text)
    # A line break inside the link leaves no word that is complete; text around it leaves one.
    whole = [word for word in words if len(word.strip(_AROUND).partition("#")[2]) >= _KEY_CHARS]
    chosen = whole[0] if whole else joined
    scheme = _SCHEME.search(chosen)
    chosen = chosen[scheme.start() if scheme else 0 :].strip(_AROUND)
    if "#" not in chosen and "%23" in chosen and "?" not in chosen:
        chosen = unquote(chosen)
    if "://" not in chosen and "%3a%2f%2f" in chosen.lower():
        chosen = unquote(chosen)
    return chosen


def _wrapped(link: str, form: _Form) -> str | None:
    """Return the link in a parameter of another link, with a fragment that was left outside."""
    address, _, fragment = link.partition("#")
    if form.whole.fullmatch(address.partition("?")[0]):
        return None
    proofpoint = _PROOFPOINT.search(link)
    if proofpoint is not None:
        return _with_replaced(proofpoint["link"], proofpoint["replaced"])
    for _, value in parse_qsl(address.partition("?")[2], max_num_fields=100):
        if form.start.search(unquote(unquote(value))):
            return value if "#" in value or not fragment else f"{value}#{fragment}"
    return None


def _with_replaced(link: str, replaced: str) -> str | None:
    """Return a link in which Proofpoint put `*` for some characters, which it lists in base64."""
    try:
        characters = base64.urlsafe_b64decode(replaced + "=" * (-len(replaced) % 4)).decode()
    except ValueError:
        return None
    start, *others = link.split("*")
    if len(characters) != len(others):
        return None
    return start + "".join(map(str.__add__, characters, others))


def _host_of(link: str) -> str:
    return link.partition("://")[2].partition("/")[0].partition("?")[0][:253]


def _assembled(link: str, form: _Form) -> str:
    """Return a link in the form that satchel writes: lowercase scheme and host, no query, nothing after the key."""
    parts = form.whole.fullmatch(link)
    if parts is None:
        return link
    scheme = (parts["scheme"] or "https://").lower().partition(":")[0]
    address = f"{scheme}://{parts['host'].lower()}{form.path}{parts['id'].strip(_AROUND)}"
    if parts["fragment"] is None:
        return address
    return f"{address}#{_fragment(parts['fragment'])}"


def _fragment(text: str) -> str:
    """Return the key and the place in a fragment. UsageError if something else follows them."""
    text = unquote(text)
    parts = _FRAGMENT.fullmatch(text)
    if parts is None:
        return text
    excess = len(parts["key"]) - _KEY_CHARS
    if excess > 0:  # not quoted: a character too many may be at its start
        raise UsageError(
            f"the link's key has {excess} character{'' if excess == 1 else 's'} too many",
            hint=f"a key has {_KEY_CHARS} characters; remove what follows it, and put the link in quotes",
        )
    return parts["key"] + parts["place"]
