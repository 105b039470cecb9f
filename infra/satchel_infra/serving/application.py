"""The Starlette application of the provisioner: its operations, its front page, and the names that a proxy asks about."""

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from satchel_infra import web
from satchel_infra.serving.endpoints import ENDPOINTS, RETRY_AFTER_S, Serving
from satchel_infra.serving.front_page import front_page
from satchel_infra.serving.interface import OPERATIONS
from satchel_infra.serving.names_asked import ASK, comes_from_this_machine, exists
from satchel_service.problems import ProblemError, not_found
from satchel_wire.operations import Operation
from satchel_wire.problems import ProblemCode


def make_application(serving: Serving, lifespan: web.Lifespan | None = None) -> Starlette:
    """Return the application."""

    async def answer(request: Request, operation: Operation) -> Response:
        return await ENDPOINTS[operation.id](request, serving)

    async def front(request: Request) -> Response:
        request.scope["satchel.operation"] = "front_page"
        return front_page()

    async def ask(request: Request) -> Response:
        request.scope["satchel.operation"] = "ask"
        return await _ask(request, serving)

    return web.make_application(
        OPERATIONS,
        answer,
        pages={"/": front, ASK: ask},
        retry_after_s=RETRY_AFTER_S,
        lifespan=lifespan,
    )


async def _ask(request: Request, serving: Serving) -> Response:
    """Tell a proxy on this machine whether a cloud has a host name."""
    if not comes_from_this_machine(request):
        raise ProblemError(ProblemCode.NOT_FOUND)
    host = request.query_params.get("domain", "")
    if not await asyncio.to_thread(exists, host, serving.provisioner, serving.public_url):
        raise not_found("cloud")
    return Response(status_code=200)
