"""The endpoint that the owner set: HOME/endpoint.json (docs/reference/processing.md).

    {"format": "satchel-endpoint/1", "name": "ollama", "url": "http://localhost:11434/v1", "protocol": "openai",
     "model": "qwen2.5-coder:7b"}

The key is not in this file: see `opening.key_store`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from satchel.endpoints.address import MAX_URL_CHARS, Address, Protocol, parse_address
from satchel.errors import IntegrityError, NotFoundError, UsageError
from satchel.formats import refuse_newer
from satchel.local_files import read_private, remove_private, write_private

FILE_NAME: Final = "endpoint.json"
_Format = Literal["satchel-endpoint/1"]
FORMAT: Final[_Format] = "satchel-endpoint/1"
MAX_MODEL_CHARS: Final = 200

_Line = Annotated[str, msgspec.Meta(max_length=MAX_URL_CHARS, pattern=r"^[!-~]*\Z")]


class _Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    format: _Format
    name: _Line
    url: _Line
    protocol: Protocol
    model: _Line
    api_version: _Line = ""
    allow_http: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the model is, and its name there. `allow_http`: the owner allowed a connection without TLS."""

    address: Address
    model: str
    allow_http: bool = False

    @property
    def name(self) -> str:
        """The name of a well-known endpoint, else its host."""
        return self.address.name

    @property
    def url(self) -> str:
        """The base of its URLs."""
        return self.address.url

    @property
    def protocol(self) -> Protocol:
        """How it is asked."""
        return self.address.protocol

    @property
    def origin(self) -> str:
        """Scheme, host and port, as the ledger names it."""
        return str(self.address.origin)

    @property
    def is_on_this_device(self) -> bool:
        """Whether what is sent to it does not leave this computer by satchel."""
        return self.address.origin.is_loopback


def check_model(name: str) -> str:
    """Return the name of a model. Raise UsageError if it cannot be one."""
    if not name or len(name) > MAX_MODEL_CHARS or not name.isascii() or not name.isprintable() or " " in name:
        raise UsageError("this is not the name of a model", hint="satchel endpoint models lists them")
    return name


def find_endpoint(home: Path) -> Endpoint | None:
    """Return the endpoint of a home, or None. Raise IntegrityError if its file is damaged."""
    path = home / FILE_NAME
    try:
        data = read_private(path).data
    except NotFoundError:
        return None
    refuse_newer(path, data, known={FORMAT})
    try:
        return _endpoint(msgspec.json.decode(data, type=_Document))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, UsageError) as exc:
        raise IntegrityError(
            f"{str(path)!r} is damaged; nothing is sent to an endpoint",
            hint="set it again: satchel endpoint set",
        ) from exc


def read_endpoint(home: Path) -> Endpoint:
    """Return the endpoint of a home. Raise NotFoundError if the owner has set none."""
    found = find_endpoint(home)
    if found is None:
        raise NotFoundError("no endpoint is set", hint="set one: satchel endpoint set ollama --model NAME")
    return found


def write_endpoint(home: Path, endpoint: Endpoint) -> None:
    """Replace the endpoint of a home."""
    document = _Document(
        format=FORMAT,
        name=endpoint.name,
        url=endpoint.url,
        protocol=endpoint.protocol,
        model=endpoint.model,
        api_version=endpoint.address.api_version,
        allow_http=endpoint.allow_http,
    )
    write_private(home / FILE_NAME, msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")


def remove_endpoint(home: Path) -> bool:
    """Remove the endpoint of a home, also a damaged one. Return whether there was one."""
    path = home / FILE_NAME
    was_there = path.exists() or path.is_symlink()
    remove_private(path)
    return was_there


def _endpoint(document: _Document) -> Endpoint:
    address = parse_address(
        document.url, document.protocol, api_version=document.api_version, allow_http=document.allow_http
    )
    if address.url != document.url:  # as `write_endpoint` wrote it, or not at all
        raise UsageError("the address is not in its normal form")
    named = Address(document.name, address.protocol, address.origin, address.path, address.api_version)
    return Endpoint(named, check_model(document.model), document.allow_http)
