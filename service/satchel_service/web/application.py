"""The ASGI application: find the operation, check the token, call the endpoint, turn failures into problems."""

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from typing import Final

from satchel_service.cloud import Cloud
from satchel_service.problems import ProblemError
from satchel_service.web.asgi import Receive, Request, Response, Scope, Send
from satchel_service.web.endpoints import endpoint
from satchel_service.web.routing import Router
from satchel_wire.operations import OPERATIONS
from satchel_wire.problems import ProblemCode

ASSETS: Final = "/assets/"  # `page.assets.PREFIX`, repeated so that waking up does not load the page

# operations that send their first byte at once or touch nothing of the owner's: they never wait for other work
WITHOUT_DUE_WORK: Final = frozenset(
    {"live", "ready", "openapi", "put_part", "download_archive", "share_raw", "erase_cloud"}
)

Lifespan = Callable[[], AbstractAsyncContextManager[None]]


class Application:
    """Serves every operation of the table, and the files of the share page."""

    def __init__(self, cloud: Cloud, lifespan: Lifespan) -> None:
        self._cloud = cloud
        self._lifespan = lifespan
        self._router = Router(OPERATIONS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or run the lifespan. An unexpected exception is answered and raised again."""
        if scope["type"] == "lifespan":
            await self._run_lifespan(receive, send)
        elif scope["type"] == "http":
            await self._serve(Request(scope, receive), send)
        else:
            await send({"type": "websocket.close", "code": 1000, "reason": ""})

    async def _serve(self, request: Request, send: Send) -> None:
        unexpected: Exception | None = None
        try:
            response = await self._respond(request)
        except Exception as exc:  # noqa: BLE001  every failure becomes a problem document
            from satchel_service.web.responses import as_problem, problem_response  # noqa: PLC0415  rarely needed

            problem = as_problem(exc)
            unexpected = exc if problem.code is ProblemCode.INTERNAL else None
            response = problem_response(request, problem)
        await response.send(send)
        if unexpected is not None:
            raise unexpected

    async def _respond(self, request: Request) -> Response:
        scope = request.scope
        path, method = request.path, request.method
        if path.startswith(ASSETS):
            return _page_asset(request, path.removeprefix(ASSETS))
        match = self._router.find(path)
        if match is None:
            raise ProblemError(ProblemCode.NOT_FOUND)
        operation = match.methods.get("GET" if method == "HEAD" else method)
        if operation is None:
            raise method_not_allowed(match.methods)
        request.parameters = match.parameters
        scope["satchel.operation"] = operation.id
        if not operation.public:
            scope["satchel.device"] = await self._cloud.devices.authenticate(
                request.headers.get("authorization")
            )
        response = await endpoint(operation.id)(request, self._cloud)
        if operation.id not in WITHOUT_DUE_WORK:
            await self._cloud.do_due_work()
        return response

    async def _run_lifespan(self, receive: Receive, send: Send) -> None:
        stage = "startup"
        try:
            await receive()
            async with self._lifespan():
                await send({"type": "lifespan.startup.complete"})
                stage = "shutdown"
                await receive()
        except BaseException as exc:
            await send({"type": f"lifespan.{stage}.failed", "message": str(exc)})
            raise
        await send({"type": "lifespan.shutdown.complete"})


def _page_asset(request: Request, name: str) -> Response:
    """Return a file of the share page: not an operation of the interface, and nothing of the owner's."""
    from satchel_service.web.pages import page_asset  # noqa: PLC0415  only browsers request it

    if request.method not in ("GET", "HEAD"):
        raise method_not_allowed(("GET",))
    request.scope["satchel.operation"] = "page_asset"
    return page_asset(request, name)


def method_not_allowed(methods: Collection[str]) -> ProblemError:
    """Return the problem that lists the methods of a path."""
    allowed = {*methods, *(("HEAD",) if "GET" in methods else ())}
    return ProblemError(ProblemCode.METHOD_NOT_ALLOWED, headers=(("Allow", ", ".join(sorted(allowed))),))
