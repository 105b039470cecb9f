"""The Starlette application: find the operation, check the token, call the endpoint, turn failures into problems."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from satchel_service.audit.coverage import REFUSALS
from satchel_service.audit.trail import TRACE, Trace
from satchel_service.cloud import Cloud
from satchel_service.database import DatabaseError
from satchel_service.problems import ProblemError, UnknownTokenError
from satchel_service.storage import StorageError
from satchel_service.web.endpoints import endpoint
from satchel_service.web.requests import check_host
from satchel_service.web.routing import OperationTree, method_not_allowed
from satchel_wire.audit import Event
from satchel_wire.operations import OPERATIONS

ASSETS: Final = "/assets/"  # `page.assets.PREFIX`, repeated so that waking up does not load the page

# operations that send their first byte at once or touch nothing of the owner's: they never wait for other work
WITHOUT_DUE_WORK: Final = frozenset(
    {
        "live",
        "ready",
        "capabilities",
        "openapi",
        "put_part",
        "download_archive",
        "share_raw",
        "download_answer",
        "erase_cloud",
    }
)

# what only a device, the owner or a recipient does with success
PUBLIC_USES: Final = frozenset(
    {"pair", "sign_in", "share_info", "open_share", "share_raw", "open_request", "send_answer"}
)

if TYPE_CHECKING:
    from satchel_service.lifecycle.departure import Departure

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def make_application(cloud: Cloud, lifespan: Lifespan) -> Starlette:
    """Return the application that serves every operation of the table, and the files of the share page."""
    app = Starlette(
        routes=[OperationsRoute(cloud)],
        exception_handlers=dict.fromkeys(
            (HTTPException, ClientDisconnect, ProblemError, StorageError, DatabaseError, Exception), refuse
        ),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


class OperationsRoute(BaseRoute):
    """One route for all operations: a tree look-up of the path instead of a pattern per operation.

    Starlette's own routes try their patterns one after another, which took four times as long for this table.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._tree = OperationTree(OPERATIONS)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match every HTTP request; `handle` finds its operation or refuses it."""
        return (Match.FULL if scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        request = Request(scope, receive)
        TRACE.set(self._trace(request))
        try:
            response = await self._respond(request)
        except ProblemError as problem:
            if self._cloud.departure is None:
                await self._count_refusal(scope, problem)
            raise
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        scope = request.scope
        check_host(request)
        # as sent: no path needs percent-encoding, and no proxy must see another path than the service
        path, method = scope["raw_path"].decode("latin-1"), scope["method"]
        if self._cloud.departure is not None:
            return await self._respond_moved(request, path, self._cloud.departure)
        if path.startswith(ASSETS):
            return _page_asset(request, path.removeprefix(ASSETS))
        if path == "/":
            return _front_page(request)
        operation, scope["path_params"] = self._tree.resolve(path, method)
        scope["satchel.operation"] = operation.id
        if not operation.public:
            scope["satchel.device"] = await self._cloud.devices.authenticate(
                request.headers.getlist("authorization")
            )
            scope["satchel.use"] = True
        response = await endpoint(operation.id)(request, self._cloud)
        if operation.id in PUBLIC_USES:
            scope["satchel.use"] = True
        if operation.id not in WITHOUT_DUE_WORK:
            await self._cloud.do_due_work()
        return response

    async def _respond_moved(self, request: Request, path: str, departure: "Departure") -> Response:
        from satchel_service.web.moved import respond_moved  # noqa: PLC0415  few clouds move

        public_url = self._cloud.environment.settings.public_url
        return await respond_moved(request, departure, self._tree.find(path), public_url)

    def _trace(self, request: Request) -> Trace:
        """Return what the audit log stores about a request."""
        request_id = request.scope.get("satchel.request_id", "")
        settings = self._cloud.environment.settings
        if not settings.audit_addresses:
            return Trace(request_id)
        from satchel_service.web.client_address import client_address  # noqa: PLC0415  few operators want it

        peer = request.scope.get("client")
        forwarded = request.headers.getlist("x-forwarded-for")
        return Trace(request_id, client_address(peer and peer[0], forwarded, settings.trusted_proxies))

    async def _count_refusal(self, scope: Scope, problem: ProblemError) -> None:
        """Count a refusal that the owner should know of. Strangers cause at most one write an hour with it."""
        if isinstance(problem, UnknownTokenError):
            event = Event.REVOKED_TOKEN if problem.device else Event.WRONG_TOKEN
            self._cloud.refusals.count(event, problem.device)
        elif problem.code in REFUSALS:
            self._cloud.refusals.count(REFUSALS[problem.code], scope.get("satchel.device", ""))
        else:
            return
        await self._cloud.refusals.write_ended_hours()


async def refuse(request: Request, error: Exception) -> Response:
    """Return the problem document for an exception."""
    from satchel_service.web.documents import problem_response  # noqa: PLC0415  rarely needed
    from satchel_service.web.responses import as_problem  # noqa: PLC0415

    return problem_response(request, as_problem(error))


def _page_asset(request: Request, name: str) -> Response:
    """Return a file of the share page: not an operation of the interface, and nothing of the owner's."""
    from satchel_service.web.pages import page_asset  # noqa: PLC0415  only browsers request it

    if request.method not in ("GET", "HEAD"):
        raise method_not_allowed(("GET",))
    request.scope["satchel.operation"] = "page_asset"
    return page_asset(request, name)


def _front_page(request: Request) -> Response:
    """Return the page at `/`: not an operation of the interface, and nothing of the owner's."""
    from satchel_service.web.front_page import front_page  # noqa: PLC0415  only browsers request it

    if request.method not in ("GET", "HEAD"):
        raise method_not_allowed(("GET",))
    request.scope["satchel.operation"] = "front_page"
    return front_page()
