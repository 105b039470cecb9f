"""What the provisioner and the endpoint of telemetry have in common: an application with one route for all operations.

    make_application(OPERATIONS, answer, pages={"/": front_page}, retry_after_s=2)

`answer` responds to a request of an operation, a page to one of its path. Failures become problem documents.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from satchel_infra.errors import InfraError, UnavailableError
from satchel_service.problems import ProblemError
from satchel_service.web.documents import problem_response
from satchel_service.web.requests import check_host
from satchel_service.web.routing import OperationTree, method_not_allowed
from satchel_wire.operations import Operation
from satchel_wire.problems import ProblemCode

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]
Answer = Callable[[Request, Operation], Awaitable[Response]]
Page = Callable[[Request], Awaitable[Response]]


def make_application(
    operations: Iterable[Operation],
    answer: Answer,
    *,
    pages: Mapping[str, Page],
    retry_after_s: int,
    lifespan: Lifespan | None = None,
) -> Starlette:
    """Return the application. `retry_after_s` is told where something is unavailable."""

    async def refuse(request: Request, error: Exception) -> Response:
        return problem_response(request, _problem(error, retry_after_s))

    app = Starlette(
        routes=[_OperationsRoute(operations, answer, pages)],
        exception_handlers=dict.fromkeys(
            (HTTPException, ClientDisconnect, ProblemError, InfraError, Exception), refuse
        ),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


class _OperationsRoute(BaseRoute):
    """One route for all operations and pages."""

    def __init__(self, operations: Iterable[Operation], answer: Answer, pages: Mapping[str, Page]) -> None:
        self._tree = OperationTree(operations)
        self._answer = answer
        self._pages = pages

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
        if path in self._pages:
            if request.method not in ("GET", "HEAD"):
                raise method_not_allowed(("GET",))
            return await self._pages[path](request)
        operation, _ = self._tree.resolve(path, request.method)
        request.scope["satchel.operation"] = operation.id
        request.scope["satchel.use"] = True
        return await self._answer(request, operation)


def _problem(error: Exception, retry_after_s: int) -> ProblemError:
    match error:
        case ProblemError():
            return error
        case ClientDisconnect():
            return ProblemError(ProblemCode.BAD_REQUEST, "the body ended early")
        case UnavailableError():
            return ProblemError(ProblemCode.UNAVAILABLE, retry_after_s=retry_after_s)
        case _:
            return ProblemError(ProblemCode.INTERNAL)
