"""Values that look random, judged by the name before them: `STRIPE_KEY = "…"`, `?api_key=…`, `Authorization: Bearer …`.

A value without a telling name counts only if it could hardly be anything else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from satchel.models.secrets import guards
from satchel.models.secrets.formats import Matcher
from satchel.models.secrets.found import Candidate
from satchel.models.secrets.randomness import randomness
from satchel.models.secrets.shapes import ALPHABETS

CONTEXT_CHARS: Final = 160
LONGEST: Final = 512  # longer values are data
LONGEST_UNNAMED: Final = 120
_LEAST: Final = 16
_LEAST_UNNAMED: Final = 24
_LONG_LINE: Final = 1_000  # minified code and data: an unnamed value says nothing there

_TELLING: Final = re.compile(
    r"secret|token|passw|passphrase|pwd|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key|auth(?!ors?\b)|credential|bearer|"
    r"(?:sign|signing|encrypt|encryption|service|account|master|app|application|admin|license|licence|subscription|"
    r"shared|secure|storage|deploy|project|write|server|client|consumer|integration|ingest|ingestion|user|session|"
    r"webhook|jwt|hmac|root|developer|dev|sdk|rest|bot|cloud|primary|secondary|connection)[-_ .]?key|"
    r"\bcreds?\b|[-_]creds?\b|jwt|cookie|webhook|conn(?:ection)?[-_ ]?str|\bdsn\b|\bpat\b|[-_]pat\b|\bsas\b"
)
_KEY: Final = re.compile(r"(?:^|[^a-z])key\b|[a-z0-9]key[\"'\]]*\s*[:=]|[a-z_]key\b")
_HARMLESS: Final = re.compile(
    r"sha-?(?:1|224|256|384|512)|md5|digest|checksum|integrity|\bhash(?!i)|hash\b|[-_]hash|blake|crc|etag|commit|revision|"
    r"\brev\b|fingerprint|thumbprint|public(?!api)|pub[-_]?key|\bsri\b|uuid|guid|version|signature|\bsig\b|nonce|\biv\b|salt|"
    r"token[-_]?(?:type|ur[il]|endpoint|name|id\b|count|limit|class|kind)|tokeniz|primary[-_ ]key|foreign[-_ ]key|"
    r"cache[-_ ]?key|sort[-_ ]?key|partition[-_ ]?key|idempotency|ssh-(?:rsa|ed25519|dss)|ecdsa-sha|known_hosts|"
    r"key[-_ ]?(?:id|name|type|code|ring|size|length|path|file)\b|data:|base64,|certificate|boundary|selector|xpath|"
    r"class(?:name)?\b|style|href|src\b|font|glyph|sec-websocket|image@|@sha|\bh1:|secretsid|verificationtoken"
)
_CALL: Final = re.compile(r"(?:client|api|sdk|connect|login|auth|bot|init|configure|setup)\w{0,20}\([\"'`]$")
_VAGUE_NAME: Final = re.compile(
    r"\b(?:value|default|val|data|text|content|string|stringdata)[\"']?\s*[:=]\s*[\"']?$"
)
_ATTACHED: Final = re.compile(
    r"(?:[=:(\[,>]|=>|:=|\bis|\bset|\bbearer|\bbasic|\btoken|--?[\w-]+|\becho|\bkey|\bexport|[a-z0-9]_[a-z0-9_]{2,40}\s|token\s|secret\s|password\s)\s*[\"'`(\[]{0,3}$"
)
_BREAK: Final = re.compile(r"[,;&{}|\n]")
_LEFT: Final = ALPHABETS["base62"] + "_+/.~-"
_RIGHT: Final = re.compile(r"[A-Za-z0-9_+/.~%-]*={0,2}")
_SHORT_LEFT: Final = 3
_QUOTES: Final = "\"'`"


@dataclass(frozen=True, slots=True)
class Value:
    """A run of characters in a text, with what stands before it on its line (or the line before, for a vague name)."""

    text: str
    start: int
    end: int
    before: str
    after: str
    line_chars: int

    @property
    def is_quoted(self) -> bool:
        """Whether quotes enclose it."""
        return self.before[-1:] in _QUOTES and self.after[:1] == self.before[-1:] != ""


def value_at(text: str, start: int, end: int) -> Value:
    """Return the value around a run."""
    line = text.rfind("\n", max(0, start - _LONG_LINE), start) + 1 or max(0, start - _LONG_LINE)
    before_run = text[max(line, start - LONGEST) : start]
    right = _RIGHT.match(text, end, end + LONGEST)
    whole_start = start - len(before_run) + len(before_run.rstrip(_LEFT))
    whole_end = right.end() if right else end
    whole = text[whole_start:whole_end].rstrip(".")
    if not _is_whole(whole, start - whole_start):  # a path or a chain of names before it
        whole_start, whole = start, text[start:end]
        whole_end = end
    line_end = text.find("\n", whole_end, whole_end + _LONG_LINE)
    before = text[max(line, whole_start - CONTEXT_CHARS) : whole_start]
    if _VAGUE_NAME.search(before.lower()):
        before = _line_before(text, line) + " " + before
    return Value(
        whole,
        whole_start,
        whole_start + len(whole),
        before,
        text[whole_start + len(whole) : whole_start + len(whole) + 1],
        (line_end if line_end >= 0 else whole_end + _LONG_LINE) - line,
    )


def _is_whole(text: str, run: int) -> bool:
    """Whether the characters before a run of a text belong to the same value."""
    left = text[:run]
    if "/" in left and len(left) > _SHORT_LEFT and randomness(left) < 0:
        return False
    return guards.looks_random(text) or guards.is_id(guards.core(text)) or guards.is_hex(guards.core(text))


def _line_before(text: str, line: int) -> str:
    end = max(0, line - 1)
    start = text.rfind("\n", max(0, end - CONTEXT_CHARS), end) + 1
    return text[max(start, end - CONTEXT_CHARS) : end].strip(" \t{([,;")


def candidates(value: Value, matcher: Matcher) -> Iterator[Candidate]:
    """Yield the value as a candidate, if its name or its characters tell that it is a secret."""
    if not _LEAST <= len(value.text) <= LONGEST or guards.is_placeholder(value.text):
        return
    segment = _segment(value.before).lower()
    if _HARMLESS.search(segment) or not _ATTACHED.search(value.before[-60:].lower()):
        return
    is_telling = bool(_TELLING.search(segment) or _CALL.search(segment))
    if is_telling or _KEY.search(segment):
        yield from _named(value, matcher, is_telling=is_telling)
    elif _is_evident(value):
        yield Candidate("random-value", "random value", value.start, value.end, 0.6, value=value.text)


def is_harmless(before: str) -> bool:
    """Whether the text before a value names something that is no secret: a digest, an id, a public key."""
    return bool(_HARMLESS.search(_segment(before).lower()))


def _segment(before: str) -> str:
    """Return the part of the context that belongs to the value: after the last break, unless nothing is there."""
    breaks = [found.end() for found in _BREAK.finditer(before)]
    for at in reversed(breaks):
        if any(char.isalnum() for char in before[at:]):
            return before[at:]
    return before


def _named(value: Value, matcher: Matcher, *, is_telling: bool) -> Iterator[Candidate]:
    known = matcher.formats_near(value.before, value.text)
    core = guards.core(value.text)
    least = guards.RANDOM if is_telling else guards.SURELY_RANDOM
    if guards.is_id(core.partition(":")[0]):
        is_secret = is_telling or known is not None
    elif guards.is_hex(core):
        is_secret = (is_telling or known is not None) and guards.looks_random(core)
    else:
        is_secret = guards.looks_random(value.text, least) or guards.looks_random(core, least)
    if not is_secret:
        return
    if known is not None:
        yield Candidate(known.rule, known.what, value.start, value.end, 0.9, value=value.text)
    else:
        yield Candidate(
            "named-value", "random value, named like a secret", value.start, value.end, 0.8, value=value.text
        )


def _is_evident(value: Value) -> bool:
    """Whether an unnamed value is surely random: long, of digits and letters in both cases."""
    text = value.text
    return (
        _LEAST_UNNAMED <= len(text) <= LONGEST_UNNAMED
        and value.line_chars < _LONG_LINE
        and value.is_quoted
        and not guards.is_hex(text)
        and not guards.is_id(text)
        and text not in (text.lower(), text.upper())
        and "/" not in text
        and guards.looks_random(text, guards.SURELY_RANDOM)
    )
