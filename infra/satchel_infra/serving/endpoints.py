"""What each operation does: decode, call, encode."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from satchel_infra.errors import InfraError
from satchel_infra.provisioning.clouds import Provisioner
from satchel_infra.serving.interface import CAPABILITIES, INTERFACE
from satchel_infra.serving.sign_ins import SignIns
from satchel_infra.serving.work import Work
from satchel_service.problems import ProblemError
from satchel_service.sign_in.nonces import RANDOM_BYTES
from satchel_service.web.documents import json_response
from satchel_service.web.openapi import document
from satchel_service.web.requests import public_origin, read_message
from satchel_wire.messages import Capabilities, Health
from satchel_wire.problems import ProblemCode
from satchel_wire.provisioning import AdvanceRequest, CloudRequest

READY_CACHE_MS: Final = 5000
RETRY_AFTER_S: Final = 2


@dataclass
class Serving:
    """What the endpoints use."""

    provisioner: Provisioner
    sign_ins: SignIns
    work: Work
    public_url: str
    entropy: Callable[[int], bytes] = os.urandom
    _ready_at: int | None = None
    _is_ready: bool = False
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def is_ready(self) -> bool:
        """Return whether the records respond, as of at most READY_CACHE_MS ago."""
        async with self._lock:
            now = self.provisioner.clock()
            if self._ready_at is None or not 0 <= now - self._ready_at < READY_CACHE_MS:
                self._is_ready = await asyncio.to_thread(self._check)
                self._ready_at = now
            return self._is_ready

    def _check(self) -> bool:
        try:
            self.provisioner.records.check()
        except InfraError:
            return False
        return True


async def show_sign_in(_: Request, serving: Serving) -> Response:
    """Show where and how the owner signs in."""
    return json_response(serving.sign_ins.show())


async def create_nonce(_: Request, serving: Serving) -> Response:
    """Create the nonce of one ID token."""
    return json_response(serving.sign_ins.create_nonce(serving.entropy(RANDOM_BYTES)), 201)


async def request_cloud(request: Request, serving: Serving) -> Response:
    """Return how far the owner's cloud is, and a ticket."""
    message = await read_message(request, CloudRequest)
    person = await serving.sign_ins.verify_request(message, _origin(request, serving))
    return json_response(await serving.work.request(person), 202)


async def remove_cloud(request: Request, serving: Serving) -> Response:
    """Begin the removal of the owner's cloud."""
    message = await read_message(request, CloudRequest)
    person = await serving.sign_ins.verify_removal(message, _origin(request, serving))
    return json_response(await serving.work.begin_removal(person), 202)


def _origin(request: Request, serving: Serving) -> str:
    return public_origin(request, serving.public_url)


async def advance_cloud(request: Request, serving: Serving) -> Response:
    """Do the next part of the work."""
    message = await read_message(request, AdvanceRequest)
    return json_response(await serving.work.advance(message.ticket))


async def capabilities(_: Request, __: Serving) -> Response:
    """List what this server is."""
    return json_response(Capabilities(capabilities=CAPABILITIES))


async def openapi(_: Request, __: Serving) -> Response:
    """Return the OpenAPI document."""
    return Response(document(INTERFACE), media_type="application/json")


async def live(_: Request, __: Serving) -> Response:
    """Report that the process responds."""
    return json_response(Health(ok=True))


async def ready(_: Request, serving: Serving) -> Response:
    """Report whether the records can be used; a problem if not."""
    if not await serving.is_ready():
        raise ProblemError(ProblemCode.UNAVAILABLE, retry_after_s=RETRY_AFTER_S)
    return json_response(Health(ok=True))


Endpoint = Callable[[Request, Serving], Awaitable[Response]]
ENDPOINTS: Final[Mapping[str, Endpoint]] = {
    endpoint.__name__: endpoint
    for endpoint in (
        show_sign_in,
        create_nonce,
        request_cloud,
        remove_cloud,
        advance_cloud,
        capabilities,
        openapi,
        live,
        ready,
    )
}
