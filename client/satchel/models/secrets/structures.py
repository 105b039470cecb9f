"""Secrets that are recognized by their surroundings: private keys, URLs with a password, headers, `.netrc`, webhooks."""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from satchel.models.secrets import guards
from satchel.models.secrets.found import Candidate
from satchel.models.secrets.randomness import entropy

_SHORT_PASSWORD: Final = 8
_LONG_PASSWORD: Final = 12

_PEM: Final = "-----BEGIN "
_PUTTY: Final = "PuTTY-User-Key-File-"
_OPENSSH: Final = "b3BlbnNzaC1rZXktdjE"  # "openssh-key-v1" in base64
_KEY_MARKS: Final = (_PEM, _PUTTY, _OPENSSH)
_KEY_KINDS: Final = {_PEM: "", _PUTTY: "PuTTY", _OPENSSH: "OPENSSH"}
_PRIVATE_KEY: Final = re.compile(
    rf"{_PEM}(?P<kind>[A-Z0-9 ]{{0,30}}?) ?PRIVATE KEY(?: BLOCK)?-----|{_PUTTY}\d|{_OPENSSH}"
)
_KEY_BODY: Final = re.compile(r"[A-Za-z0-9+/]{30}")
_ACRONYMS: Final = frozenset({"RSA", "DSA", "EC", "PGP", "PuTTY", "SSH2"})
_KEY_CHARS: Final = 600  # headers of a key may precede its body
_PUTTY_CHARS: Final = 4_000
_KEY_VALUE_CHARS: Final = 200

_URL: Final = re.compile(
    r"://(?P<user>[^\s:/@\"'<>`,]{0,80}):(?P<value>[^\s/@\"'<>`]{3,80})@(?P<host>[\w.\[\]-]{0,80})"
)
_PASSWORDS: Final = (
    (
        "login",
        re.compile(
            r"login\s{1,8}(?P<user>\S{1,80})\s{1,8}(?:account\s{1,8}\S{1,80}\s{1,8})?password\s{1,8}(?P<value>\S{4,80})",
            re.IGNORECASE,
        ),
        "netrc",
        "password of a .netrc file",
    ),
    *(
        (
            mark,
            re.compile(mark + r"[\s=]{1,4}[\"']?(?P<user>[\w.@+-]{1,60}):(?P<value>[^\s\"']{4,80})"),
            "user-option",
            "password in a user option",
        )
        for mark in (" -u", "--user")
    ),
    *(
        (
            mark,
            re.compile(
                mark.replace("*", r"\*")
                + r"(?P<base>[\w*-]{1,60}):(?P<user>[\w*-]{1,60}):(?P<value>[^\s:]{6,80})$",
                re.MULTILINE,
            ),
            "pgpass",
            "password of a .pgpass file",
        )
        for mark in (":5432:", ":*:")
    ),
)
_BASIC_MARKS: Final = ("basic ", 'auth"', "auth'", "auth:", "auth =", "auth=")
_BASIC: Final = re.compile(
    r"(?i:basic\s{1,4}|auth[\"']?\s{0,4}[:=]\s{0,4}[\"']?)(?P<value>[A-Za-z0-9+/]{8,400}={0,2})"
)
_JWT: Final = re.compile(
    r"eyJ[A-Za-z0-9_-]{10,2000}\.(?P<claims>eyJ[A-Za-z0-9_-]{10,8000})\.[A-Za-z0-9_-]{16,2000}"
)
_SAMPLE_CLAIMS: Final = ("John Doe", '"1234567890"')
_WEBHOOK_MARKS: Final = ("hook", "chat.googleapis", "logic.azure")
_WEBHOOK: Final = re.compile(
    r"https://(?:(?P<slack>hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/[A-Z0-9]{6,14}/[A-Za-z0-9/]{20,80})|"
    r"(?P<discord>(?:canary\.|ptb\.)?discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/\d{15,21}/[\w-]{50,90})|"
    r"(?P<teams>[\w-]{1,60}\.webhook\.office\.com/webhookb2/[\w@-]{60,100}/IncomingWebhook/[0-9a-f]{32}/[\w-]{36,80})|"
    r"(?P<zapier>hooks\.zapier\.com/hooks/catch/\d{4,12}/[A-Za-z0-9]{5,12})|"
    r"(?P<google>chat\.googleapis\.com/v1/spaces/[\w-]{5,40}/messages\?key=[\w-]{30,45}&token=[\w%=-]{30,80})|"
    r"(?P<azure>[\w.-]{5,90}\.logic\.azure\.com(?::443)?/[\w/.?=&%-]{20,300}sig=[\w%-]{40,60}))"
)
_WEBHOOKS: Final = {
    "slack": "Slack webhook URL",
    "discord": "Discord webhook URL",
    "teams": "Microsoft Teams webhook URL",
    "zapier": "Zapier webhook URL",
    "google": "Google Chat webhook URL",
    "azure": "Azure Logic Apps URL",
}
_WEAK: Final = frozenset(
    """pass password passwd pwd secret user username admin root guest test postgres mysql mongo redis rabbitmq changeme
    token pw p hunter2 foo bar baz qux hello world default letmein qwerty demo mypass mypassword mysecret passwort
    x-oauth-basic x-token-auth oauth2 git nobody none null localhost host port key value string apikey""".split()  # noqa: SIM905  shorter than a list
)
_STEMS: Final = ("pass", "secret", "test", "admin", "user", "pwd", "root", "guest")
_EXAMPLE_HOST: Final = re.compile(
    r"example\.|\.example|\.test$|\.invalid$|^host|^domain|^server|^proxy|^foo|^bar|^my|^your"
)


def candidates(text: str, lower: str) -> Iterator[Candidate]:
    """Yield the secrets of a text that their surroundings give away. `lower` is the text in lower case.

    Every search begins at a mark that is rare in texts, so a text without marks costs little.
    """
    yield from _private_keys(text)
    if "://" in text:
        yield from _urls(text)
        yield from _webhooks(text)
    for mark, expression, rule, what in _PASSWORDS:
        for found in _beside(mark, lower, expression, text):
            if is_password(found["value"], found["user"]):
                yield _candidate(rule, what, found, 0.85)
    for mark in _BASIC_MARKS:
        for found in _beside(mark, lower, _BASIC, text):
            user, colon, value = decoded(found["value"]).partition(":")
            if colon and is_password(value, user):
                yield _candidate("basic-auth", "user and password in base64", found, 0.9)
    yield from _jwts(text)


def _candidate(rule: str, what: str, found: re.Match[str], confidence: float) -> Candidate:
    start, end = found.span("value")
    return Candidate(rule, what, start, end, confidence, value=found["value"])


def _beside(mark: str, searched: str, expression: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield the matches that begin at a mark. It is looked up in `searched`, the text perhaps in lower case."""
    at = searched.find(mark)
    while at >= 0:
        found = expression.match(text, at)
        if found:
            yield found
        at = searched.find(mark, at + len(mark))


def _private_keys(text: str) -> Iterator[Candidate]:
    for mark in _KEY_MARKS:
        for found in _beside(mark, text, _PRIVATE_KEY, text):
            body = text[found.end() : found.end() + _KEY_CHARS]
            if mark == _PEM:
                body = body.partition("-----END")[0]
            if mark != _PUTTY and not _KEY_BODY.search(body):
                continue
            if mark == _PUTTY and "Private-Lines:" not in text[found.end() : found.end() + _PUTTY_CHARS]:
                continue
            kind = found["kind"] or _KEY_KINDS[mark]
            what = " ".join(word if word in _ACRONYMS else word.capitalize() for word in kind.split())
            yield Candidate("private-key", f"{what.replace('Openssh', 'OpenSSH')} private key".strip(), found.start(),
                            found.end(), 0.98, value=found[0] + body[:_KEY_VALUE_CHARS])  # fmt: skip


def _urls(text: str) -> Iterator[Candidate]:
    for found in _beside("://", text, _URL, text):
        is_example = bool(_EXAMPLE_HOST.search(found["host"].lower()))
        if is_password(found["value"], found["user"], is_example=is_example):
            yield _candidate("url-password", "password in a URL", found, 0.85)


def is_password(value: str, user: str = "", *, is_example: bool = False) -> bool:
    """Whether a value beside a user's name is a real password, and not a word that stands for one."""
    lower = value.lower()
    if lower in _WEAK or lower == user.lower() or guards.is_placeholder(value) or guards.is_code(value):
        return False
    if any(lower.startswith(word) and len(lower) <= len(word) + 4 for word in _STEMS):
        return False
    if len(value) >= _LONG_PASSWORD and guards.looks_random(value):
        return True
    if len(value) < _SHORT_PASSWORD or is_example:
        return False
    return guards.is_strong_password(value) or (
        any(char.isdigit() for char in value)
        and any(char.isalpha() for char in value)
        and not value.isidentifier()
        and entropy(value) >= 2.5
    )


def _jwts(text: str) -> Iterator[Candidate]:
    for found in _beside("eyJ", text, _JWT, text):
        claims = decoded(found["claims"])
        if claims and not any(sample in claims for sample in _SAMPLE_CLAIMS):
            yield Candidate("jwt", "JSON web token", found.start(), found.end(), 0.9, "eyJ", found[0])


def _webhooks(text: str) -> Iterator[Candidate]:
    for mark in _WEBHOOK_MARKS:
        if mark not in text:
            continue
        for found in _beside("https://", text, _WEBHOOK, text):
            kind = str(found.lastgroup)
            path = found[0].rpartition("/")[2]
            if not guards.is_placeholder(path) and entropy(path) >= 2.5:
                yield Candidate(
                    f"{kind}-webhook", _WEBHOOKS[kind], found.start(), found.end(), 0.95, value=found[0]
                )
        return


def decoded(value: str) -> str:
    """Return the text that is encoded in base64; empty if it is no printable ASCII text."""
    data = value.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        raw = base64.b64decode(data + "=" * (-len(data) % 4), validate=True)
        text = raw.decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    return text if text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable() else ""
