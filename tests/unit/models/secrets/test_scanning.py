"""Secrets in every notation and disguise, and texts that only look like secrets.

Secrets are made when a test runs, and no failure prints one: assertions are about rules and lines.
"""

import base64
import json
from random import Random
from typing import Final

import pytest
from mnemonic import Mnemonic

from models.secrets.tokens import example_of
from satchel.models.secrets import Secret, scan, scan_text
from satchel.models.secrets.scanning import MAX_FINDINGS
from satchel.models.secrets.shapes import parse

RANDOM: Final = Random(12)


def made(shape: str, checksum: str = "") -> str:
    return example_of(parse(shape), RANDOM, checksum)


def phrase(bits: int) -> str:
    """Return the words of a recovery phrase."""
    return Mnemonic("english").to_mnemonic(RANDOM.randbytes(bits // 8))


TOKEN: Final = made("ghp_{base62:36}", "crc32")
VALUE: Final = made("{base62:32}")
PASSWORD: Final = "k" + made("{digit:2}") + "#Qx" + made("{base62:6}") + "!7"
BODY: Final = "\n".join(made("{base64:64}") for _ in range(6))


@pytest.fixture(autouse=True)
def _drawn_anew() -> None:
    """Draw the same values in a test, whichever tests ran before it."""
    RANDOM.seed(13)


def places(found: list[Secret]) -> list[tuple[str, int]]:
    return [(one.rule, one.line) for one in found]


def key(kind: str) -> str:
    """Return a PEM block with a random body."""
    name = f"{kind} PRIVATE KEY".strip()
    return f"-----BEGIN {name}-----\n{BODY}\n-----END {name}-----\n"


NAMED: Final = {
    "env": "ACME_API_KEY={}",
    "shell": "export ACME_SECRET='{}'",
    "python": 'acme_token = "{}"',
    "json": '{{"id": 1, "clientSecret": "{}"}}',
    "minified json": '{{"a":"b","apiKey":"{}","c":1}}',
    "yaml": "auth_token: {}",
    "kubernetes": "- name: ACME_API_KEY\n  value: {}",
    "xml": '<add key="AcmeApiKey" value="{}"/>',
    "element": "<apiToken>{}</apiToken>",
    "query": "https://api.example.org/v1?limit=3&api_key={}&x=1",
    "header": "curl -H 'Authorization: Bearer {}' https://example.org",
    "own header": "X-Api-Key: {}",
    "option": "acme login --token {}",
    "dockerfile": "ENV ACME_AUTH_TOKEN {}",
    "terraform": 'variable "api_token" {{\n  default = "{}"',
    "call": 'client := acme.NewClient("{}")',
    "comment": "# my acme token: {}",
    "environment": 'os.environ["ACME_API_KEY"] = "{}"',
    "ini": "[acme]\nsecret_key = {}",
}


@pytest.mark.parametrize("notation", NAMED)
def test_a_random_value_with_a_telling_name_is_found(notation: str) -> None:
    text = NAMED[notation].format(VALUE)
    found = scan_text(text)
    assert places(found) == [("named-value", text.count("\n") + 1)]


SURROUNDED: Final = {
    "pem": (key(""), "private-key"),
    "rsa": (key("RSA"), "private-key"),
    "openssh": (key("OPENSSH"), "private-key"),
    "encrypted": (key("ENCRYPTED"), "private-key"),
    "one line": (json.dumps({"private_key": key("")}), "private-key"),
    "putty": (f"PuTTY-User-Key-File-3: ssh-ed25519\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 1\n{BODY}", "private-key"),
    "pgp": (f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{BODY}\n-----END", "private-key"),
    "url": (f"postgres://app:{PASSWORD.replace('#', '_')}@db.internal:5432/app", "url-password"),
    "netrc": (f"machine git.internal\n  login ada\n  password {PASSWORD}", "netrc"),
    "pgpass": (f"db.internal:5432:app:ada:{PASSWORD}", "pgpass"),
    "user option": (f"curl -u ada:{PASSWORD} https://git.internal", "user-option"),
    "basic": (f"Authorization: Basic {base64.b64encode(f'ada:{PASSWORD}'.encode()).decode()}", "basic-auth"),
    "docker": (json.dumps({"auths": {"r.internal": {"auth": base64.b64encode(f"ada:{PASSWORD}".encode()).decode()}}}), "basic-auth"),
    "password": (f"DB_PASSWORD={PASSWORD}", "password"),
    "connection string": (f"Server=db;User Id=app;Password={PASSWORD};", "password"),
    "slack hook": (f"https://hooks.slack.com/services/T{made('{BASE36:8}')}/B{made('{BASE36:8}')}/{made('{base62:24}')}", "slack-webhook"),
    "words": (f"mnemonic: {phrase(256)}", "recovery-phrase"),
    "twelve words": (phrase(128), "recovery-phrase"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SURROUNDED)
def test_a_secret_is_known_by_what_surrounds_it(kind: str) -> None:
    text, rule = SURROUNDED[kind]
    assert rule in {one.rule for one in scan_text(f"first line\n{text}\n")}


def test_a_web_token_is_found_and_the_sample_of_its_makers_is_not() -> None:
    def encoded(document: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")

    head = encoded({"alg": "HS256", "typ": "JWT"})
    cases: list[tuple[dict[str, object], set[str]]] = [
        ({"sub": "ada", "exp": 1}, {"jwt"}),
        ({"sub": "1234567890", "name": "John Doe"}, set()),
    ]
    for claims, rules in cases:
        text = f"{head}.{encoded(claims)}.{made('{url:43}')}"
        assert {one.rule for one in scan_text(f"see {text}")} == rules


def test_satchel_finds_its_own_words_in_every_layout_and_its_age_identity() -> None:
    from satchel.age import X25519Identity
    from satchel.cli.recovery_words import draw_words

    words = phrase(256).split()
    numbered = "\n".join(f"{number}. {word}" for number, word in enumerate(words, 1))
    for text in (draw_words(words), numbered, "\n".join(words), ", ".join(words)):
        found = scan_text(f"my words:\n{text}\n")
        assert [one.what for one in found] == ["recovery phrase of 24 words"]
    assert [one.rule for one in scan_text(str(X25519Identity.generate()))] == ["age"]


def test_words_that_are_no_phrase_are_not_found() -> None:
    listed = Mnemonic("english").wordlist
    assert scan_text(" ".join(listed[:300])) == []
    assert (
        scan_text("The quick brown fox jumps over the lazy dog and then it goes home again to sleep. " * 20)
        == []
    )


HARMLESS: Final = [
    "api_key = <token>",
    "API_KEY=${ACME_API_KEY}",
    'token = "{{ acme_token }}"',
    "password = changeme-please-1",
    "secret_key: your-secret-key-goes-here-1",
    f"AKIA{'IOSFODNN7'}EXAMPLE",
    "token = get_token(request.headers['x-token'])",
    "password: str = Field(min_length=8)",
    "API_TOKEN=" + "x" * 32,
    "api_key = '0123456789abcdef0123456789abcdef'",
    "postgres://postgres:postgres@localhost:5432/app",
    "https://user:password@example.com/",
    "from cryptography.hazmat.primitives.serialization import load_pem_private_key",
    "-----BEGIN PRIVATE KEY-----",
    "key = hashlib.sha256(b'abc').hexdigest()",
]


@pytest.mark.parametrize("number", range(len(HARMLESS)))
def test_placeholders_and_code_are_not_found(number: int) -> None:
    assert scan_text(HARMLESS[number]) == []


def test_digests_and_ids_are_not_found() -> None:
    digest, integrity = made("{hex:64}"), made("{base64:86}") + "=="
    lines = [
        f"    --hash=sha256:{digest}",
        f'"integrity": "sha512-{integrity}",',
        f'checksum = "{digest}"',
        f"commit {made('{hex:40}')}",
        f"image: app@sha256:{digest}",
        f"id: {made('{uuid}')}",
        f"golang.org/x/oauth2 v0.30.0 h1:{made('{base64:43}')}=",
        f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{made('{base64:43}')} ada@laptop",
        f'src="data:image/png;base64,{made("{base64:400}")}"',
        f"const a={{etag:'{digest}'}}",
    ]
    for line in lines:
        assert scan_text(line) == [], line[:16]


DISGUISED: Final = {
    "windows line ends": (f"a\r\nb\r\nx {TOKEN}\r\n".encode(), 3),
    "old mac line ends": (f"a\rb\rx {TOKEN}".encode(), 3),
    "utf-16": (f"a\nx {TOKEN}\n".encode("utf-16"), 2),
    "utf-16 without a mark": (f"a\nx {TOKEN}\n".encode("utf-16-le"), 2),
    "utf-32": (f"a\nx {TOKEN}\n".encode("utf-32"), 2),
    "byte order mark": (b"\xef\xbb\xbf" + TOKEN.encode(), 1),
    "latin-1": (b"\xe4\xf6\n" + TOKEN.encode(), 2),
    "nul bytes": (b"\0\1\2\n" + TOKEN.encode() + b"\0\0", 2),
    "invisible characters": ("\u200b".join(TOKEN).encode(), 1),
    "soft hyphens": ("\u00ad".join(TOKEN).encode(), 1),
    "cyrillic letters": (TOKEN.translate({ord("p"): "р", ord("a"): "а", ord("e"): "е"}).encode(), 1),  # noqa: RUF001
    "wide letters": ("".join(chr(ord(c) + 0xFEE0) for c in TOKEN).encode(), 1),
    "base64": (b"x\ndata: " + base64.b64encode(f"token: {TOKEN}".encode()), 2),
    "added strings": (f"x\nt = '{TOKEN[:14]}' + '{TOKEN[14:]}'".encode(), 2),
    "adjacent lines": (f't = ("{TOKEN[:20]}"\n     "{TOKEN[20:]}")'.encode(), 1),
    "continued line": (f"t={TOKEN[:20]}\\\n{TOKEN[20:]}".encode(), 1),
    "a huge line": (b"a" * 500_000 + b" " + TOKEN.encode() + b" " + b"b" * 500_000, 1),
    "a minified file": (b"var a=1;" * 20_000 + f'k="{TOKEN}";'.encode() + b"b(2);" * 20_000, 1),
}


@pytest.mark.parametrize("disguise", DISGUISED)
def test_a_disguised_token_is_found_on_its_line(disguise: str) -> None:
    content, line = DISGUISED[disguise]
    assert ("github", line) in places(scan(content))


def test_images_and_archives_are_not_searched() -> None:
    for magic in (b"\x89PNG\r\n\x1a\n\0", b"PK\x03\x04\0", b"\xff\xd8\xff\0", b"%PDF-1.7\0"):
        assert scan(magic + TOKEN.encode()) == []


def test_a_line_with_the_comment_is_skipped_and_no_other() -> None:
    assert places(scan_text(f"a = '{TOKEN}'  # satchel:allow\nb = '{TOKEN}'\n")) == [("github", 2)]


def test_nothing_but_the_prefix_is_shown() -> None:
    for text in (TOKEN, f"api_key={VALUE}", f"DB_PASSWORD={PASSWORD}", key("RSA")):
        (found,) = scan_text(text)
        shown = f"{found!r} {found.redacted} {found.what}"
        leaks = any(
            text[at : at + 8] in shown
            for at in range(4, len(text) - 8)
            if "PRIVATE" not in text[at : at + 20]
        )
        assert not leaks, found.rule


def test_findings_are_limited() -> None:
    assert len(scan_text("\n".join(made("ghp_{base62:36}", "crc32") for _ in range(1_200)))) <= MAX_FINDINGS
