"""What looks like a secret but is not: placeholders, words, names, digests, ids."""

import re
from typing import Final

from satchel.models.secrets.randomness import entropy, randomness

# A mean of at least this many bits a pair: measured on names and tokens that are generated.
RANDOM: Final = 0.75
SURELY_RANDOM: Final = 1.25
LEAST_HEX_ENTROPY: Final = 2.6
LEAST_ENTROPY: Final = 3.0
_HEX_CHARS: Final = frozenset("0123456789abcdefABCDEF")
_PLACEHOLDER: Final = re.compile(
    r"example|sample|dummy|placeholder|change[-_ ]?me|change[-_ ]?this|your[-_ ]?|my[-_]?(?:secret|token|key|pass|api)"
    r"|redacted|insert|replace|todo|fixme|fake|mock|foobar|xxxx|\*\*\*|\.\.\.|0000000|1111111|123456789|abcdefg"
    r"|deadbeef|cafebabe|lorem|secret[-_]?(?:key|value|token)|not[-_]?(?:a[-_])?(?:real|secret)|invalid|undefined|"
    r"(?:some|test|this)[-_ ]?(?:secret|token|key|pass|api)",
    re.IGNORECASE,
)
_REPEATED: Final = re.compile(r"(.)\1{7}|(..)\2{5}|(...)\3{4}")
_VARIABLE: Final = re.compile(r"[$%#]?\{|\$\(|\$[A-Za-z_]|%[A-Za-z_]+%|%\(|<[\w -]+>|\[[\w -]+\]|@[\w.]+@|^&")
_CODE: Final = re.compile(r"[(){};<>]|=>|->|::|\w\.\w+\.\w|^[A-Za-z_]\w*\.[A-Za-z_]\w*$")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ULID: Final = re.compile(r"0[0-9A-HJKMNP-TV-Z]{25}")
_RUNS: Final = ("abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba", "0123456789012345678901234567890")
_SEQUENCE_CHARS: Final = 8
_PREFIX: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9]{0,9}[_.-]){1,4}(?=[A-Za-z0-9+/=_.-]{16})(?=[^_.-]{8})")


def is_placeholder(value: str) -> bool:
    """Whether a value only stands for a secret: `<token>`, `${VAR}`, `xxxx`, `changeme`."""
    return bool(_VARIABLE.search(value)) or is_sample(value)


def is_sample(value: str) -> bool:
    """Whether a token in the form of its provider is a made-up one, such as `AKIA…EXAMPLE`."""
    return bool(_PLACEHOLDER.search(value)) or is_monotonous(value)


def is_monotonous(value: str) -> bool:
    """Whether a value repeats itself, or counts through an alphabet."""
    if _REPEATED.search(value) or len(set(value)) < min(5, len(value)):
        return True
    lower = value.lower()
    return any(
        lower[at : at + _SEQUENCE_CHARS] in run
        for run in _RUNS
        for at in range(0, len(lower) - _SEQUENCE_CHARS + 1, _SEQUENCE_CHARS // 2)
    )


def is_hex(value: str) -> bool:
    """Whether a value consists of hexadecimal digits, in one case."""
    return _HEX_CHARS.issuperset(value) and value in (value.lower(), value.upper())


def is_uuid(value: str) -> bool:
    """Whether a value is a UUID."""
    return bool(_UUID.fullmatch(value))


def is_id(value: str) -> bool:
    """Whether a value has the form of an id: a UUID or ULID."""
    return is_uuid(value) or bool(_ULID.fullmatch(value))


def is_code(value: str) -> bool:
    """Whether a value looks like an expression of a programming language."""
    return bool(_CODE.search(value))


def looks_random(value: str, least: float = RANDOM) -> bool:
    """Whether a value of 16 characters and more looks like a token: digits and letters without words."""
    if not any(char.isdigit() for char in value) or not any(char.isalpha() for char in value):
        return False
    if is_hex(value):
        return entropy(value) >= LEAST_HEX_ENTROPY
    return entropy(value) >= LEAST_ENTROPY and randomness(value) >= least


def core(value: str) -> str:
    """Return a value without the words in front of it that many providers use as a prefix: `acme_live_…`, `pat-eu1-…`."""
    found = _PREFIX.match(value)
    return value[found.end() :] if found else value


def is_strong_password(value: str) -> bool:
    """Whether a value of 8 characters and more looks like a chosen or generated password, and not like a word."""
    kinds = sum((
        any(char.islower() for char in value),
        any(char.isupper() for char in value),
        any(char.isdigit() for char in value),
        any(not char.isalnum() for char in value),
    ))  # fmt: skip
    return kinds >= 3 and entropy(value) >= 2.7
