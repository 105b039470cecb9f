"""The Starlette application of the provisioner: find the operation, call it, turn failures into problems."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from satchel_infra.errors import InfraError, UnavailableError
from satchel_infra.serving.endpoints import ENDPOINTS, RETRY_AFTER_S, Serving
from satchel_infra.serving.front_page import front_page
from satchel_infra.serving.interface import OPERATIONS
from satchel_infra.serving.names_asked import ASK, comes_from_this_machine, exists
from satchel_service.problems import ProblemError, not_found
from satchel_service.web.documents import problem_response
from satchel_service.web.requests import check_host
from satchel_service.web.routing import OperationTree, method_not_allowed
from satchel_wire.problems import ProblemCode

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def make_application(serving: Serving, lifespan: Lifespan | None = None) -> Starlette:
    """Return the application."""
    app = Starlette(
        routes=[OperationsRoute(serving)],
        exception_handlers=dict.fromkeys(
            (HTTPException, ClientDisconnect, ProblemError, InfraError, Exception), refuse
        ),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


class OperationsRoute(BaseRoute):
    """One route for all operations."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._tree = OperationTree(OPERATIONS)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match every HTTP request; `handle` finds its operation or refuses it."""
        return (Match.FULL if scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        response = await self._respond(Request(scope, receive))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        check_host(request)
        path = request.scope["raw_path"].decode("latin-1")
        if path in ("/", ASK):
            if request.method not in ("GET", "HEAD"):
                raise method_not_allowed(("GET",))
            return await self._page(request, path)
        operation, _ = self._tree.resolve(path, request.method)
        request.scope["satchel.operation"] = operation.id
        request.scope["satchel.use"] = True
        return await ENDPOINTS[operation.id](request, self._serving)

    async def _page(self, request: Request, path: str) -> Response:
        if path == "/":
            request.scope["satchel.operation"] = "front_page"
            return front_page()
        request.scope["satchel.operation"] = "ask"
        if not comes_from_this_machine(request):
            raise ProblemError(ProblemCode.NOT_FOUND)
        host = request.query_params.get("domain", "")
        if not await asyncio.to_thread(exists, host, self._serving.provisioner, self._serving.public_url):
            raise not_found("cloud")
        return Response(status_code=200)


async def refuse(request: Request, error: Exception) -> Response:
    """Return the problem document for an exception."""
    match error:
        case ProblemError():
            problem = error
        case ClientDisconnect():
            problem = ProblemError(ProblemCode.BAD_REQUEST, "the body ended early")
        case UnavailableError():
            problem = ProblemError(ProblemCode.UNAVAILABLE, retry_after_s=RETRY_AFTER_S)
        case _:
            problem = ProblemError(ProblemCode.INTERNAL)
    return problem_response(request, problem)
