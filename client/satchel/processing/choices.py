"""Which models the owner blended, and with which endpoint: HOME/processing.json (docs/reference/processing.md).

    {"format": "satchel-processing/1", "blended": {"titles": "http://localhost:11434/v1"}}

A choice holds for the endpoint that it names. With any other, or without one, the model runs on this device.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import msgspec

from satchel.endpoints.address import MAX_URL_CHARS
from satchel.endpoints.endpoint import Endpoint
from satchel.errors import IntegrityError, NotFoundError
from satchel.formats import refuse_newer
from satchel.local_files import read_private, write_private

FILE_NAME: Final = "processing.json"
_Format = Literal["satchel-processing/1"]
FORMAT: Final[_Format] = "satchel-processing/1"
MAX_MODELS: Final = 100

_Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9\-]{1,40}\Z")]
_Url = Annotated[str, msgspec.Meta(pattern=r"^[!-~]+\Z", max_length=MAX_URL_CHARS)]


class _Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: _Format
    blended: Annotated[dict[_Name, _Url], msgspec.Meta(max_length=MAX_MODELS)]


@dataclass(frozen=True, slots=True)
class Choices:
    """The blended models, each with the address of the endpoint that it was blended with."""

    blended: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, home: Path) -> Self:
        """Read the file of a home; without one, everything runs on this device.

        Raise IntegrityError if it is damaged, SatchelError if its format is newer.
        """
        path = home / FILE_NAME
        try:
            data = read_private(path).data
        except NotFoundError:
            return cls()
        refuse_newer(path, data, known={FORMAT})
        try:
            return cls(msgspec.json.decode(data, type=_Document).blended)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            raise IntegrityError(
                f"{str(path)!r} is damaged; every model runs on this device",
                hint="restore the defaults: satchel processing reset",
            ) from exc

    def write(self, home: Path) -> None:
        """Replace the file of a home."""
        document = _Document(format=FORMAT, blended=dict(sorted(self.blended.items())))
        write_private(home / FILE_NAME, msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")

    def is_blended(self, name: str, endpoint: Endpoint | None) -> bool:
        """Return whether a model asks this endpoint."""
        return endpoint is not None and self.blended.get(name) == endpoint.url

    def blending(self, name: str, endpoint: Endpoint) -> Self:
        """Return the choices with a model blended with an endpoint."""
        return type(self)({**self.blended, name: endpoint.url})

    def without(self, name: str) -> Self:
        """Return the choices with a model on this device."""
        return type(self)({each: url for each, url in self.blended.items() if each != name})

    def for_endpoint(self, endpoint: Endpoint | None) -> tuple[Self, list[str]]:
        """Return the choices that hold for an endpoint, and the names of the models that no longer do."""
        kept = {name: url for name, url in self.blended.items() if self.is_blended(name, endpoint)}
        return type(self)(kept), sorted(self.blended.keys() - kept.keys())
