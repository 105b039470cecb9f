"""Sending documents to the owner's endpoint. Only `satchel telemetry send` and `satchel crash send` do so.

endpoint = Endpoint.parse("https://telemetry.example.org", home)   # refuses a personal cloud
endpoint.deliver(transport, DOCUMENTS, "telemetry", data)
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import msgspec

from satchel.cloud.connection import is_connected, read_connection
from satchel.errors import RefusedError, SatchelError, UnreachableError, UsageError
from satchel.outgoing.address import Origin
from satchel.outgoing.recording import Kind
from satchel.outgoing.transport import Request, Response, Transport
from satchel_wire.messages import Capabilities
from satchel_wire.routes import CAPABILITIES
from satchel_wire.telemetry import TELEMETRY

MAX_ANSWER_BYTES: Final = 64 * 1024
_ACCEPTED: Final = 204
_REFUSED_FOR_GOOD: Final = frozenset({400, 413, 415, 422})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where documents go: a server that counts them for an organisation."""

    origin: Origin

    @classmethod
    def parse(cls, text: str, home: Path) -> Self:
        """Return the endpoint at an address. Raise UsageError for an invalid address, RefusedError for the personal cloud."""
        try:
            origin = Origin.parse(text, of="an endpoint")
        except UsageError as exc:
            exc.hint = "an address looks like https://telemetry.example.org"
            raise
        _refuse_cloud(origin, home)
        return cls(origin)

    def deliver(self, transport: Transport, route: str, kind: Kind, data: bytes) -> None:
        """Send a document, after checking that the server is a telemetry endpoint.

        Raise UnreachableError if it did not arrive, RefusedError if the server is no endpoint or refuses the document.
        """
        self._check(transport)
        response = transport.send(
            Request(
                "POST",
                f"{self.origin}{route}",
                body=data,
                headers={"Content-Type": "application/json"},
                response_bytes=MAX_ANSWER_BYTES,
                kind=kind,
            )
        )
        if response.status in _REFUSED_FOR_GOOD:
            raise RefusedError(
                f"the endpoint {str(self.origin)!r} refuses the document: status {response.status}",
                hint="it may be older than this satchel",
            )
        if response.status != _ACCEPTED:
            raise UnreachableError(
                f"the endpoint {str(self.origin)!r} answers with status {response.status}",
                hint="try again later",
            )

    def _check(self, transport: Transport) -> None:
        response = transport.send(
            Request("GET", f"{self.origin}{CAPABILITIES}", response_bytes=MAX_ANSWER_BYTES)
        )
        if TELEMETRY not in capabilities_in(response):
            raise RefusedError(
                f"{str(self.origin)!r} is not a telemetry endpoint; nothing was sent",
                hint="check the address; a personal cloud never receives telemetry",
            )


def capabilities_in(response: Response) -> frozenset[str]:
    """Return the capabilities that a server lists; none if its answer is anything else."""
    if response.status != 200:
        return frozenset()
    try:
        return frozenset(msgspec.json.decode(response.body, type=Capabilities).capabilities)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return frozenset()


def _refuse_cloud(origin: Origin, home: Path) -> None:
    """Raise RefusedError for the address of the connected cloud, or of the provisioner that made it."""
    if not is_connected(home):
        return
    try:
        connection = read_connection(home)
    except SatchelError as exc:
        raise RefusedError(
            "the address of your personal cloud is not known, so nothing is sent",
            hint=exc.hint,
        ) from exc
    own = (connection.origin, connection.provisioner)
    if any(each is not None and (each.host, each.port) == (origin.host, origin.port) for each in own):
        raise RefusedError(
            f"{str(origin)!r} is your personal cloud, which never gets telemetry",
            hint="name the endpoint of your organisation, or none",
        )
