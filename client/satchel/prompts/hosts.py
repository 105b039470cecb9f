"""Host names and addresses in texts and code.

A host is found where it stands in a URL or a login (`ssh ann@build7`), as an IP address, or as a name with dots whose
ending tells that it is one. Names in code have dots too (`os.path.join`, `threading.local()`), so endings that are
words or file name extensions count only in URLs and logins. Well-known public hosts are no secret, and what a model
knows of them helps it to answer; they are left as they are.
"""

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

LEAST_OWN_CHARS: Final = 3
_LEAST_TOP_CHARS: Final = 2

# Endings of names that nobody outside can look up.
_PRIVATE: Final = frozenset(
    "internal intranet corp lan local localdomain private home arpa consul".split()  # noqa: SIM905
)
_GENERIC: Final = frozenset("com net org edu gov mil".split())  # noqa: SIM905  shorter than a list
_COUNTRIES: Final = frozenset("de fr uk nl se fi dk jp cn ru eu ch br au nz at be".split())  # noqa: SIM905
# Endings that also stand in code; a name with one has three parts or more.
_NEW: Final = frozenset(
    "io dev ai co cloud xyz tech online site app biz us ca in es pl cz kr za sg hk tw il ie no pt".split()  # noqa: SIM905
)
# What follows the last dot of names with an @ that are no addresses: pictures (`logo@2x.png`) and units of systemd.
_NO_ENDS: Final = frozenset(
    "png jpg jpeg gif webp avif svg ico service socket timer target mount automount slice scope swap".split()  # noqa: SIM905
)
_DOTTED_ENDS: Final = "|".join(sorted(_PRIVATE | _GENERIC | _COUNTRIES | _NEW))
# First parts of dotted names in code, and of names of packages (com.example.app).
_CODE: Final = frozenset(
    """self this cls super os sys np pd torch threading module package request req res response ctx config settings
    app args options com org net io java javax kotlin scala android dev""".split()  # noqa: SIM905  shorter than a list
)
_SPECIAL: Final = frozenset(
    {"localhost", "localhost.localdomain", "host.docker.internal", "asp.net", "vb.net", "ado.net"}
)
_PUBLIC: Final = frozenset(
    """apache.org anthropic.com crates.io debian.org developer.mozilla.org docker.com docs.rs example.com example.net
    example.org freedesktop.org git-scm.com github.com gitlab.com gnu.org golang.org go.dev ietf.org json-schema.org
    kernel.org kubernetes.io linux.org man7.org microsoft.com mozilla.org nodejs.org npmjs.com npmjs.org openai.com
    opensource.org owasp.org pkg.go.dev postgresql.org pypi.org python.org pythonhosted.org raw.githubusercontent.com
    readthedocs.io rfc-editor.org ruby-lang.org rubygems.org rust-lang.org schema.org sqlite.org stackexchange.com
    stackoverflow.com swift.org typescriptlang.org ubuntu.com unicode.org w3.org wikipedia.org xkcd.com""".split()  # noqa: SIM905
)
_PUBLIC_PARTS: Final = frozenset("www docs developer wiki en api registry doc learn static".split())  # noqa: SIM905

_HOST: Final = r"[^\W_](?:[\w-]{0,62}[^\W_])?(?:\.[^\W_](?:[\w-]{0,62}[^\W_])?){0,10}"
_IN_URL: Final = re.compile(
    rf"://(?:[^\s/@\"'<>`]{{1,160}}(?:<[A-Z]+_\d+>)?@)?(?P<host>\[[0-9A-Fa-f:.%\w]{{2,64}}\]|{_HOST})"
    rf"(?![^\s/@\"'`]{{0,160}}@)"
)
_IN_LOGIN: Final = re.compile(rf"(?<=[\w>]@)(?P<host>{_HOST})(?=:)")
_SHELL: Final = re.compile(r"\b(?:ssh|scp|sftp|rsync|mosh|ssh-copy-id)[ \t]")
_SHELL_CHARS: Final = 200
_SHELL_HOST: Final = re.compile(rf"(?<=[\w>]@)(?P<host>{_HOST})")
_DOTTED: Final = re.compile(
    rf"(?<![\w\\-])(?<!\w[./])(?<![~.]/)(?P<host>(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.){{1,10}}(?:{_DOTTED_ENDS}))(?![\w(@-]|\.\w)"
)
_IPV4: Final = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)")
_IPV6: Final = re.compile(
    r"(?<![\w:.])[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]{2,36}(?:(?<=:)(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])"
)
_GLOBAL_IPV6: Final = re.compile(r"(?:fe80|f[cd][0-9a-f]{2}|[23][0-9a-f]{3}):", re.IGNORECASE)
_IPV6_GROUPS: Final = 4


def is_top_level(text: str) -> bool:
    """Whether a text can be the last part of the host of an e-mail address. There are over a thousand, and private ones."""
    lower = text.lower()
    return len(lower) >= _LEAST_TOP_CHARS and lower not in _NO_ENDS


def places(text: str, own: str = "") -> Iterator[tuple[int, int]]:
    """Yield where a text names a host that is not public, perhaps several times; `own` is this device's name."""
    for found in (*_IN_URL.finditer(text), *_IN_LOGIN.finditer(text), *_in_shell_lines(text)):
        if not _is_public(found["host"].strip("[]")):
            yield found.span("host")
    yield from (found.span("host") for found in _DOTTED.finditer(text) if _is_host(found["host"]))
    yield from (found.span() for found in _IPV4.finditer(text) if _names_host(found[0]))
    yield from (found.span() for found in _IPV6.finditer(text) if _is_ipv6(found[0]))
    if len(own) >= LEAST_OWN_CHARS and own.lower() not in _SPECIAL:
        for found in re.finditer(rf"(?<![\w-])(?<!\w\.){re.escape(own)}(?![\w-])", text, re.IGNORECASE):
            yield found.span()


def _is_ipv6(text: str) -> bool:
    """Whether a run of digits and colons is an address, rather than a name in code (`a::b`) or a time."""
    groups = [group for group in text.split(":") if group]
    is_likely = len(groups) >= _IPV6_GROUPS or _GLOBAL_IPV6.match(text) is not None
    return is_likely and _names_host(text)


def _in_shell_lines(text: str) -> Iterator[re.Match[str]]:
    done = 0
    for command in _SHELL.finditer(text):
        if command.end() < done:
            continue
        end = text.find("\n", command.end(), command.end() + _SHELL_CHARS)
        done = end if end >= 0 else command.end() + _SHELL_CHARS
        yield from _SHELL_HOST.finditer(text, command.end(), done)


def _is_host(name: str) -> bool:
    """Whether a dotted name is that of a host, rather than of something in code, and not public."""
    first, *_, last = name.split(".")
    if first in _CODE or (last in _NEW and name.count(".") < 2):
        return False
    return not _is_public(name)


def _is_public(name: str) -> bool:
    """Whether everyone knows a host, or it is this device by any name."""
    lower = name.lower().rstrip(".")
    first, _, rest = lower.partition(".")
    if lower in _SPECIAL or lower in _PUBLIC or (first in _PUBLIC_PARTS and rest in _PUBLIC):
        return True
    return _address(lower) is not None and not _names_host(lower)


def _names_host(text: str) -> bool:
    """Whether a text is an IP address of a host, and no mask, other than the loopback and unspecified ones."""
    address = _address(text)
    return address is not None and not (
        address.is_loopback or address.is_unspecified or text.startswith("255.")
    )


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IP address that a text is; None if it is none."""
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
