"""The record of a cloud: one environment file, which is the registry's entry and what systemd starts the service with.

    CLOUD_OWNER="…"
    CLOUD_RELEASE="/opt/satchel/releases/0.1.0"
    SATCHEL_PUBLIC_URL="https://….s1.clouds.example.org"

Values are in double quotes with a backslash before the characters that systemd treats specially there; see
EnvironmentFile= in systemd.exec(5).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from satchel_infra.errors import ConfigurationError
from satchel_infra.names import TAG_PATTERN, Owner
from satchel_infra.platform import DECIDED, CloudSpec

HEAD: Final = "# Written by satchel-infra. systemd starts the cloud with it.\n"
OWNER: Final = "CLOUD_OWNER"
HOST: Final = "CLOUD_HOST"
RELEASE: Final = "CLOUD_RELEASE"
COMPLETE: Final = "CLOUD_COMPLETE"
PUBLIC_URL: Final = "SATCHEL_PUBLIC_URL"
MAX_RECORD_BYTES: Final = 64 * 1024

_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_LINE: Final = re.compile(r'(?P<name>[A-Z][A-Z0-9_]{0,99})="(?P<value>(?:[^"\\`$\n]|\\["\\`$])*)"')
_SPECIAL: Final = re.compile(r'(["\\`$])')
_ESCAPED: Final = re.compile(r'\\(["\\`$])')
_RELEASE: Final = re.compile(r"(?:/[A-Za-z0-9][A-Za-z0-9._@+-]*)+")


class BadRecordError(ValueError):
    """A record is not as this module writes it."""


@dataclass(frozen=True, slots=True)
class Record:
    """The desired state of a cloud. `is_complete` says that it has served once."""

    owner: Owner
    host: str
    release: str
    is_complete: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: CloudSpec) -> Self:
        """Return the record of a new cloud. Raise ConfigurationError for what a record cannot hold."""
        if not _RELEASE.fullmatch(spec.image):
            raise ConfigurationError(
                f"the release is {spec.image!r}",
                hint="name the directory of an installation, such as /opt/satchel/releases/0.1.0",
            )
        for name, value in spec.settings.items():
            if name in DECIDED or not _NAME.fullmatch(name) or not value.isprintable():
                raise ConfigurationError(
                    f"a cloud cannot have the setting {name!r} with this value", hint="remove it"
                )
        return cls(owner=spec.owner, host=spec.host, release=spec.image, settings=dict(spec.settings))

    def is_for(self, spec: CloudSpec) -> bool:
        """Whether the cloud already is what the spec says."""
        return (self.host, self.release, self.settings) == (spec.host, spec.image, dict(spec.settings))


def render_record(record: Record) -> str:
    """Return the text of a record."""
    values = {
        OWNER: record.owner.tag,
        HOST: record.host,
        RELEASE: record.release,
        COMPLETE: "yes" if record.is_complete else "no",
        PUBLIC_URL: f"https://{record.host}",
        **record.settings,
    }
    return HEAD + "".join(f'{name}="{_quote(value)}"\n' for name, value in values.items())


def parse_record(text: str) -> Record:
    """Return the record of a text. Raise BadRecordError if it is not exactly what `render_record` returns."""
    values: dict[str, str] = {}
    for line in text.removeprefix(HEAD).removesuffix("\n").split("\n"):
        match = _LINE.fullmatch(line)
        if match is None or match["name"] in values:
            raise BadRecordError(f"the line {line[:40]!r} is not one of a record")
        values[match["name"]] = _ESCAPED.sub(r"\1", match["value"])
    try:
        record = Record(
            owner=Owner(values.pop(OWNER)),
            host=values.pop(HOST),
            release=values.pop(RELEASE),
            is_complete=values.pop(COMPLETE) == "yes",
            settings={name: value for name, value in values.items() if name != PUBLIC_URL},
        )
    except KeyError as exc:
        raise BadRecordError(f"it has no {exc.args[0]}") from exc
    if not TAG_PATTERN.fullmatch(record.owner.tag) or render_record(record) != text:
        raise BadRecordError("it is not as satchel-infra writes it")
    return record


def _quote(value: str) -> str:
    return _SPECIAL.sub(r"\\\1", value)
